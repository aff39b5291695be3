/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/cargoconf.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf_private.h"
#include "core/toml.h"

/* What one line of our block defines. */
struct def {
	struct strv path;
	bool table;
};

struct defs {
	struct def *v;
	size_t n;
};

/* The user's file while it is read. */
struct walk {
	const struct cargoconf *conf;
	const struct defs *ours;
	struct toml toml;
	struct strv table; /* the header that keys belong to */
	bool found;        /* the old block, from begin to end */
	bool orphans;      /* keys here would belong to the block's last table */
	size_t begin, end;
};

static void
defs_free(struct defs *d)
{
	for (size_t i = 0; i < d->n; i++)
		strv_free(&d->v[i].path);
	free(d->v);
	*d = (struct defs){0};
}

/* What the block defines, read from the block itself. */
static int
read_defs(const char *block, struct defs *d, struct err *e)
{
	AUTO(toml_item) item = {0};
	struct toml t = toml_open("the block", block, strlen(block));
	size_t fixed = 0;

	do {
		struct def def = {0};

		if (toml_next(&t, &item, e) < 0)
			return -1;
		if (item.kind != TOML_TABLE && item.kind != TOML_KEY)
			continue;
		def.table = item.kind == TOML_TABLE;
		if (def.table)
			fixed = d->n;
		else
			strv_addv(&def.path, &d->v[fixed].path);
		strv_addv(&def.path, &item.path);
		d->v = xrealloc(d->v, (d->n + 1) * sizeof(*d->v));
		d->v[d->n++] = def;
	} while (item.kind != TOML_END);
	return 0;
}

static bool
is_prefix(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (i >= b->n || strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* Whether TOML forbids the user's statement beside ours. path is its full path, of
 * which the first fixed parts come from the header above it: a table that dotted
 * keys define cannot have a header too, but tables below it can ("Table"). */
static bool
clashes(const struct def *ours, enum toml_kind kind, const struct strv *path, size_t fixed)
{
	if (!ours->table)
		return is_prefix(&ours->path, path);
	if (kind == TOML_TABLE)
		return path->n == ours->path.n && is_prefix(path, &ours->path);
	if (is_prefix(path, &ours->path))
		return true;
	return kind == TOML_KEY && ours->path.n > fixed && is_prefix(&ours->path, path);
}

static int
clash_error(const struct walk *w, const struct toml_item *item, const struct strv *path,
    const struct def *ours, struct err *e)
{
	AUTOFREE char *mine = toml_path(&ours->path, ours->path.n);
	AUTOFREE char *words = cargoconf_words(w->conf);
	AUTOFREE char *full = toml_path(path, path->n);
	AUTOFREE char *shown = str_printable(full, 200);
	const char *open = item->kind == TOML_ARRAY ? "[[" : item->kind == TOML_TABLE ? "[" : "";
	const char *close = item->kind == TOML_ARRAY ? "]]" : item->kind == TOML_TABLE ? "]" : "";

	err_set(e, ERR_INPUT, "%s:%u: the %s %s%s%s clashes with %s%s%s in the block of kraft-rust",
	    w->toml.name, item->line, *open ? "table" : "key", open, shown, close,
	    ours->table ? "[" : "", mine, ours->table ? "]" : "");
	if (item->kind == TOML_KEY && path->n < ours->path.n)
		err_hint(e, "write it as a table with a header, [%s], which does not clash", shown);
	err_hint(e,
	    "TOML allows a table or key once: move yours to a .cargo/config.toml in a folder "
	    "above, which cargo reads too,");
	return err_hint(
	    e, "or run 'kraft-rust config %s --print' and merge the block by hand", words);
}

static int
check_statement(struct walk *w, const struct toml_item *item, struct err *e)
{
	const bool key = item->kind == TOML_KEY;
	AUTO(strv) path = {0};

	if (key && w->orphans) {
		AUTOFREE char *name = toml_path(&item->path, item->path.n);
		AUTOFREE char *shown = str_printable(name, 200);

		err_set(e, ERR_INPUT,
		    "%s:%u: the key %s follows the block of kraft-rust without a table header, so "
		    "it "
		    "belongs to the block's last table",
		    w->toml.name, item->line, shown);
		return err_hint(e, "move it above the block, or give it a header");
	}
	if (key)
		strv_addv(&path, &w->table);
	strv_addv(&path, &item->path);
	for (size_t i = 0; i < w->ours->n; i++)
		if (clashes(&w->ours->v[i], item->kind, &path, key ? w->table.n : 0))
			return clash_error(w, item, &path, &w->ours->v[i], e);
	if (!key) {
		strv_free(&w->table);
		strv_addv(&w->table, &item->path);
		w->orphans = false;
	}
	return 0;
}

/* Whether the line at s (n bytes to the end of the text) begins with this marker. */
static bool
is_mark(const char *s, size_t n, const char *mark)
{
	size_t len = strlen(mark);

	return n >= len && memcmp(s, mark, len) == 0 &&
	       (n == len || strchr(" \t\r\n:", s[len]) != NULL);
}

static int
mark_error(const struct walk *w, unsigned line, const char *what, struct err *e)
{
	AUTOFREE char *words = cargoconf_words(w->conf);

	err_set(e, ERR_INPUT, "%s:%u: %s", w->toml.name, line, what);
	return err_hint(
	    e, "delete what is left of the block and run 'kraft-rust config %s' again", words);
}

/* A marker outside the old block. After a begin marker, go on behind the end marker:
 * what lies between is ours and need not even be TOML. */
static int
check_mark(struct walk *w, const struct toml_item *item, struct err *e)
{
	struct toml *t = &w->toml;
	const char *s = t->text + item->at;

	if (item->at > 0 && s[-1] != '\n' && s[-1] != '\xbf')
		return 0;
	if (is_mark(s, t->len - item->at, cargoconf_end))
		return mark_error(
		    w, item->line, "this end marker of kraft-rust has no begin marker", e);
	if (!is_mark(s, t->len - item->at, cargoconf_begin))
		return 0;
	if (w->found)
		return mark_error(w, item->line, "a second block of kraft-rust begins here", e);
	w->found = w->orphans = true;
	w->begin = item->at;
	while (t->pos < t->len) {
		const char *nl = memchr(t->text + t->pos, '\n', t->len - t->pos);

		t->pos = nl ? (size_t)(nl - t->text) + 1 : t->len;
		t->line++;
		w->end = t->pos;
		s = t->text + t->pos;
		if (is_mark(s, t->len - t->pos, cargoconf_begin))
			return mark_error(
			    w, t->line, "a block of kraft-rust begins inside another", e);
		if (!is_mark(s, t->len - t->pos, cargoconf_end))
			continue;
		nl = memchr(s, '\n', t->len - t->pos);
		w->end = t->pos = nl ? (size_t)(nl - t->text) + 1 : t->len;
		t->line++;
		return 0;
	}
	return mark_error(
	    w, item->line, "the block of kraft-rust that begins here has no end marker", e);
}

static int
walk_user(struct walk *w, struct err *e)
{
	AUTO(toml_item) item = {0};

	do {
		int r = 0;

		if (toml_next(&w->toml, &item, e) < 0)
			return -1;
		if (item.kind == TOML_COMMENT)
			r = check_mark(w, &item, e);
		else if (item.kind != TOML_END)
			r = check_statement(w, &item, e);
		if (r < 0)
			return -1;
	} while (item.kind != TOML_END);
	return 0;
}

static unsigned
line_of(const char *text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* What TOML wants of every byte, whatever it belongs to. */
static int
check_bytes(const char *name, const char *text, size_t n, struct err *e)
{
	size_t bad;

	if (!str_utf8(text, n, &bad))
		return err_set(e, ERR_INPUT,
		    "%s:%u: is not UTF-8 text (byte 0x%02x), so it is not TOML", name,
		    line_of(text, bad), (unsigned char)text[bad]);
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\r' && (i + 1 == n || text[i + 1] != '\n'))
			return err_set(e, ERR_INPUT,
			    "%s:%u: not valid TOML: a carriage return without a newline", name,
			    line_of(text, i));
	return 0;
}

/* Append text with the file's kind of line ends. */
static void
add_lines(struct str *out, const char *text, bool crlf)
{
	for (; *text; text++) {
		if (crlf && *text == '\n')
			str_addc(out, '\r');
		str_addc(out, *text);
	}
}

static char *
join(const struct walk *w, const char *block)
{
	const char *old = w->toml.text;
	const char *nl = memchr(old, '\n', w->toml.len);
	const bool crlf = nl && nl > old && nl[-1] == '\r';
	AUTO(str) out = {0};

	str_addn(&out, old, w->found ? w->begin : w->toml.len);
	if (!w->found && out.len > 0)
		add_lines(&out, old[out.len - 1] == '\n' ? "\n" : "\n\n", crlf);
	add_lines(&out, block, crlf);
	if (w->found)
		str_addn(&out, old + w->end, w->toml.len - w->end);
	return str_take(&out);
}

char *
cargoconf_merge(
    const char *name, const char *old, size_t n, const struct cargoconf *c, struct err *e)
{
	AUTOFREE char *block = cargoconf_block(c, e);
	AUTO(defs) ours = {0};
	struct walk w = {.conf = c, .ours = &ours, .toml = toml_open(name, old, n)};
	int r;

	if (!block || read_defs(block, &ours, e) < 0 || check_bytes(name, old, n, e) < 0)
		return NULL;
	r = walk_user(&w, e);
	strv_free(&w.table);
	return r < 0 ? NULL : join(&w, block);
}
