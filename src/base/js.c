/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/js.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { MAX_BYTES = 16 << 20 };

/* From here on no function of the library runs out of memory, and what it
 * returns can be freed with free(). */
__attribute__((constructor)) static void
use_our_memory(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

static struct js *
wrap(json_t *v)
{
	return (struct js *)v;
}

/* The library takes no const pointers where it only reads. */
static json_t *
unwrap(const struct js *v)
{
	return (json_t *)(uintptr_t)v;
}

struct js *
js_parse(const char *name, const char *text, size_t len, struct err *e)
{
	json_error_t je;
	json_t *v = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);

	if (!v) {
		AUTOFREE char *file = str_printable(name, 4096);
		AUTOFREE char *what = str_printable(je.text, sizeof(je.text));

		err_set(e, ERR_INPUT, "%s:%d:%d: %s", file, je.line, je.column, what);
	}
	return wrap(v);
}

struct js *
js_load(const char *path, struct err *e)
{
	AUTO(str) text = {0};

	if (fs_read(path, MAX_BYTES, &text, e) < 0)
		return NULL;
	return js_parse(path, str_text(&text), text.len, e);
}

struct js *
js_obj(void)
{
	return wrap(json_object());
}

struct js *
js_arr(void)
{
	return wrap(json_array());
}

/* A copy with U+FFFD in place of each byte that is not UTF-8. */
static char *
clean(const char *s)
{
	AUTO(str) out = {0};
	size_t n = strlen(s), bad;

	while (!str_utf8(s, n, &bad)) {
		str_addn(&out, s, bad);
		str_add(&out, "\xef\xbf\xbd");
		s += bad + 1;
		n -= bad + 1;
	}
	str_addn(&out, s, n);
	return str_take(&out);
}

struct js *
js_str(const char *s)
{
	AUTOFREE char *text = s ? clean(s) : NULL;

	return wrap(text ? json_string(text) : json_null());
}

struct js *
js_int(long long n)
{
	return wrap(json_integer(n));
}

struct js *
js_bool(bool b)
{
	return wrap(json_boolean(b));
}

struct js *
js_copy(const struct js *v)
{
	return wrap(json_deep_copy(unwrap(v)));
}

void
js_free(struct js *v)
{
	json_decref(unwrap(v));
}

void
js_unref(struct js **v)
{
	js_free(*v);
}

void
js_set(struct js *obj, const char *key, struct js *value)
{
	AUTOFREE char *text = clean(key);

	json_object_set_new(unwrap(obj), text, unwrap(value));
}

void
js_del(struct js *obj, const char *key)
{
	json_object_del(unwrap(obj), key);
}

void
js_push(struct js *arr, struct js *value)
{
	json_array_append_new(unwrap(arr), unwrap(value));
}

struct js *
js_get(const struct js *obj, const char *key)
{
	return wrap(json_object_get(unwrap(obj), key));
}

struct js *
js_at(const struct js *arr, size_t i)
{
	return wrap(json_array_get(unwrap(arr), i));
}

size_t
js_len(const struct js *v)
{
	return js_is_arr(v) ? json_array_size(unwrap(v)) : json_object_size(unwrap(v));
}

const char *
js_text(const struct js *v)
{
	return json_string_value(unwrap(v));
}

const char *
js_get_text(const struct js *obj, const char *key)
{
	return js_text(js_get(obj, key));
}

long long
js_num(const struct js *v, long long otherwise)
{
	return json_is_integer(unwrap(v)) ? json_integer_value(unwrap(v)) : otherwise;
}

bool
js_is_obj(const struct js *v)
{
	return json_is_object(unwrap(v));
}

bool
js_is_arr(const struct js *v)
{
	return json_is_array(unwrap(v));
}

bool
js_is_true(const struct js *v)
{
	return json_is_true(unwrap(v));
}

bool
js_equal(const struct js *a, const struct js *b)
{
	return a == b || json_equal(unwrap(a), unwrap(b));
}

void *
js_first(const struct js *obj)
{
	return json_object_iter(unwrap(obj));
}

void *
js_next(const struct js *obj, void *it)
{
	return json_object_iter_next(unwrap(obj), it);
}

const char *
js_key(void *it)
{
	return json_object_iter_key(it);
}

struct js *
js_value(void *it)
{
	return wrap(json_object_iter_value(it));
}

char *
js_pretty(const struct js *v)
{
	AUTOFREE char *text =
	    json_dumps(unwrap(v), JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	return xasprintf("%s\n", text ? text : "null");
}

char *
js_compact(const struct js *v)
{
	char *text = json_dumps(unwrap(v), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	return text ? text : xstrdup("null");
}
