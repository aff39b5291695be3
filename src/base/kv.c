/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/kv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { MAX_BYTES = 1 << 20, MAX_ENTRIES = 100000 };

static const char key_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char escape_names[] = "\\nrts", escape_chars[] = "\\\n\r\t ";

struct where {
	const char *name;
	unsigned line;
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int
bad(const struct where *w, struct err *e, const char *what, const char *text)
{
	AUTOFREE char *shown = str_printable(text, 60);

	return err_set(e, ERR_INPUT, "%s:%u: %s: '%s'", w->name, w->line, what, shown);
}

static void
trim(const char **s, const char **end)
{
	while (*s < *end && blank(**s))
		(*s)++;
	while (*end > *s && blank((*end)[-1]))
		(*end)--;
}

static char *
unescape(const struct where *w, const char *s, const char *end, struct err *e)
{
	AUTO(str) out = {0};

	while (s < end) {
		const char *p;

		if (*s != '\\') {
			str_addc(&out, *s++);
			continue;
		}
		p = s + 1 < end ? strchr(escape_names, s[1]) : NULL;
		if (!p) {
			AUTOFREE char *seq = xstrndup(s, s + 1 < end ? 2 : 1);

			bad(w, e, "only \\\\, \\n, \\r, \\t and \\s are known", seq);
			return NULL;
		}
		str_addc(&out, escape_chars[p - escape_names]);
		s += 2;
	}
	return str_take(&out);
}

static void
append(struct kv *kv, char *key, char *value, unsigned line)
{
	if (kv->n == kv->cap) {
		kv->cap = kv->cap ? kv->cap * 2 : 32;
		kv->entries = xrealloc(kv->entries, kv->cap * sizeof(*kv->entries));
	}
	kv->entries[kv->n++] = (struct kv_entry){key, value, line};
}

static int
parse_line(const struct where *w, const char *s, const char *end, struct kv *kv, struct err *e)
{
	AUTOFREE char *key = NULL, *value = NULL;
	const char *eq, *key_end;

	trim(&s, &end);
	if (s == end || *s == '#')
		return 0;
	eq = memchr(s, '=', (size_t)(end - s));
	if (!eq) {
		AUTOFREE char *text = xstrndup(s, (size_t)(end - s));

		return bad(w, e, "not 'key = value'", text);
	}
	key_end = eq++;
	trim(&s, &key_end);
	trim(&eq, &end);
	key = xstrndup(s, (size_t)(key_end - s));
	if (!*key || key[strspn(key, key_chars)])
		return bad(w, e, "not a key (a-z, 0-9 and '-')", key);
	if (kv->n == MAX_ENTRIES)
		return err_set(
		    e, ERR_INPUT, "%s:%u: more than %d entries", w->name, w->line, MAX_ENTRIES);
	value = unescape(w, eq, end, e);
	if (!value)
		return -1;
	append(kv, take_ptr(key), take_ptr(value), w->line);
	return 0;
}

int
kv_parse(const char *name, const char *text, size_t len, struct kv *kv, struct err *e)
{
	struct where w = {name, 0};

	*kv = (struct kv){0};
	if (len > MAX_BYTES)
		return err_set(e, ERR_INPUT, "%s: larger than %d bytes", name, MAX_BYTES);
	for (const char *s = text, *end; s < text + len; s = end + 1) {
		end = memchr(s, '\n', (size_t)(text + len - s));
		if (!end)
			end = text + len;
		w.line++;
		if (memchr(s, '\0', (size_t)(end - s))) {
			kv_free(kv);
			return err_set(e, ERR_INPUT, "%s:%u: a NUL byte", name, w.line);
		}
		if (parse_line(&w, s, end, kv, e) < 0) {
			kv_free(kv);
			return -1;
		}
	}
	return 0;
}

int
kv_load(const char *path, struct kv *kv, struct err *e)
{
	AUTO(str) text = {0};

	*kv = (struct kv){0};
	if (fs_read(path, MAX_BYTES, &text, e) < 0)
		return -1;
	return kv_parse(path, str_text(&text), text.len, kv, e);
}

const char *
kv_get(const struct kv *kv, const char *key)
{
	for (size_t i = 0; i < kv->n; i++)
		if (strcmp(kv->entries[i].key, key) == 0)
			return kv->entries[i].value;
	return NULL;
}

int
kv_set_number(const struct kv_entry *en, const char *name, unsigned *to, struct err *e)
{
	char *end = NULL;
	unsigned long n = strtoul(en->value, &end, 10);

	if (en->value[0] < '0' || en->value[0] > '9' || *end || n == 0 || n > 0xffff)
		return err_set(e, ERR_INPUT, "%s:%u: %s is not a number from 1 to 65535", name,
		    en->line, en->key);
	if (*to)
		return err_set(e, ERR_INPUT, "%s:%u: %s is there twice", name, en->line, en->key);
	*to = (unsigned)n;
	return 0;
}

void
kv_add(struct str *out, const char *key, const char *value)
{
	size_t n = strlen(value);

	str_addf(out, "%s =%s", key, n ? " " : "");
	for (size_t i = 0; i < n; i++) {
		const char *p = strchr(escape_chars, value[i]);
		bool edge = i == 0 || i == n - 1;

		/* Blanks need the escape only where trimming would eat them. */
		if (p && (edge || !blank(value[i]))) {
			str_addc(out, '\\');
			str_addc(out, escape_names[p - escape_chars]);
		} else {
			str_addc(out, value[i]);
		}
	}
	str_addc(out, '\n');
}

void
kv_free(struct kv *kv)
{
	for (size_t i = 0; i < kv->n; i++) {
		free(kv->entries[i].key);
		free(kv->entries[i].value);
	}
	free(kv->entries);
	*kv = (struct kv){0};
}
