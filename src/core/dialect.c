/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dialect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/ver.h"

/* A row of the table, borrowed from it. */
struct row {
	const char *field, *arch, *before, *part, *source;
	const struct js *names;
	struct ver since;
};

struct change {
	struct js *spec;
	struct row row;
	bool back; /* to a compiler before the change; else to one after it */
	struct strv *notes;
};

static void
note(const struct change *c, const char *what)
{
	strv_addf(c->notes, "%s %s rustc %u.%u (%s)", c->row.field, what, c->row.since.major,
	    c->row.since.minor, c->row.source);
}

/* before: absent. What was never said cannot be made up. */
static void
change_absent(const struct change *c)
{
	if (!c->back) {
		note(c, "is left to its default, though it is there since");
	} else if (js_get(c->spec, c->row.field)) {
		js_del(c->spec, c->row.field);
		note(c, "is left out, it is there since");
	}
}

static void
change_text(const struct change *c)
{
	struct js *value = js_get(c->spec, c->row.field);
	long long number = js_num(value, -1);
	const char *text = js_text(value);

	if (c->back && number >= 0) {
		AUTOFREE char *shown = xasprintf("%lld", number);

		js_set(c->spec, c->row.field, js_str(shown));
		note(c, "is a string, as it was before");
	} else if (!c->back && text && isdigit((unsigned char)*text)) {
		js_set(c->spec, c->row.field, js_int(strtoll(text, NULL, 10)));
		note(c, "is a number, as it is since");
	}
}

/* before: named. The old names go on being understood, so nothing changes forwards. */
static void
change_named(const struct change *c)
{
	struct js *value = js_get(c->spec, c->row.field);
	struct js *renamed = js_is_obj(value) ? js_obj() : NULL;
	const char *name = js_text(value) ? js_get_text(c->row.names, js_text(value)) : NULL;

	if (!c->back || !value) {
		js_free(renamed);
		return;
	}
	for (void *it = js_first(value); renamed && it; it = js_next(value, it)) {
		const char *key = js_get_text(c->row.names, js_key(it));

		if (key)
			js_set(renamed, key, js_copy(js_value(it)));
	}
	if (renamed)
		js_set(c->spec, c->row.field, renamed);
	else if (name)
		js_set(c->spec, c->row.field, js_str(name));
	note(c, "is named as before");
}

/* The text without the part, and without the comma that it leaves at an end. */
static char *
cut(const char *text, const char *at, size_t n)
{
	AUTOFREE char *rest = xasprintf("%.*s%s", (int)(at - text), text, at + n);
	const char *start = rest + strspn(rest, ",");
	size_t len = strlen(start);

	while (len > 0 && start[len - 1] == ',')
		len--;
	return xstrndup(start, len);
}

static void
change_without(const struct change *c)
{
	const char *text = js_get_text(c->spec, c->row.field);
	const char *at = text ? strstr(text, c->row.part) : NULL;

	if (!c->back) {
		note(c, "may lack a part that it has since");
	} else if (at) {
		AUTOFREE char *rest = cut(text, at, strlen(c->row.part));
		AUTOFREE char *what = xasprintf("is without '%s', as before", c->row.part);

		if (*rest)
			js_set(c->spec, c->row.field, js_str(rest));
		else
			js_del(c->spec, c->row.field);
		note(c, what);
	}
}

static const struct {
	const char *before;
	void (*change)(const struct change *c);
} kinds[] = {
    {"absent", change_absent},
    {"text", change_text},
    {"named", change_named},
    {"without", change_without},
};

static int
read_row(const struct js *j, const char *path, size_t n, struct row *r, struct err *e)
{
	const char *since = js_get_text(j, "since");

	*r = (struct row){.field = js_get_text(j, "field"),
	    .arch = js_get_text(j, "arch"),
	    .before = js_get_text(j, "before"),
	    .part = js_get_text(j, "part"),
	    .source = js_get_text(j, "source"),
	    .names = js_get(j, "names")};
	if (!r->field || !r->before || !r->source || !since || !ver_parse(since, &r->since) ||
	    (strcmp(r->before, "without") == 0 && !(r->part && *r->part)))
		return err_set(e, ERR_INPUT, "%s: row %zu is incomplete", path, n + 1);
	return 0;
}

static int
apply(struct change *c, const char *path, size_t n, struct err *e)
{
	const char *arch = js_get_text(c->spec, "arch");

	if (c->row.arch && !str_eq(c->row.arch, arch))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].before, c->row.before) == 0) {
			kinds[i].change(c);
			return 0;
		}
	return err_set(e, ERR_INPUT, "%s: row %zu: '%s' is none of absent, text, named, without",
	    path, n + 1, c->row.before);
}

int
dialect_convert(struct js *spec, const char *share, const struct ver *from, const struct ver *to,
    struct strv *notes, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/dialect.json", share);
	AUTOJS struct js *table = js_load(path, e);
	struct change c = {.spec = spec, .notes = notes};
	struct js *rows = js_get(table, "rows");

	if (!table)
		return -1;
	for (size_t i = 0; i < js_len(rows); i++) {
		bool was, is;

		if (read_row(js_at(rows, i), path, i, &c.row, e) < 0)
			return -1;
		was = ver_cmp(from, &c.row.since) >= 0;
		is = ver_cmp(to, &c.row.since) >= 0;
		c.back = was && !is;
		if (was != is && apply(&c, path, i, e) < 0)
			return -1;
	}
	return 0;
}
