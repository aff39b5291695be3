/* SPDX-License-Identifier: BSD-3-Clause */
/* The grammar is https://toml.io/en/v1.0.0; section names in the comments are its. */
#include "core/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static int
fail(const struct toml *t, struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "%s:%u: not valid TOML: %s", t->name, t->line, what);
}

/* The byte n places ahead, 0 at the end. */
static char
peek(const struct toml *t, size_t n)
{
	return t->pos + n < t->len ? t->text[t->pos + n] : '\0';
}

static bool
looking_at(const struct toml *t, const char *s)
{
	size_t n = strlen(s);

	return t->len - t->pos >= n && memcmp(t->text + t->pos, s, n) == 0;
}

static void
step(struct toml *t)
{
	if (t->text[t->pos++] == '\n')
		t->line++;
}

static void
skip_blanks(struct toml *t)
{
	while (peek(t, 0) == ' ' || peek(t, 0) == '\t')
		t->pos++;
}

static bool
at_newline(const struct toml *t)
{
	return peek(t, 0) == '\n' || (peek(t, 0) == '\r' && peek(t, 1) == '\n');
}

static void
skip_comment(struct toml *t)
{
	while (t->pos < t->len && !at_newline(t))
		t->pos++;
}

struct toml
toml_open(const char *name, const char *text, size_t len)
{
	struct toml t = {.name = name, .text = text, .len = len, .line = 1};

	if (looking_at(&t, "\xef\xbb\xbf"))
		t.pos = 3;
	return t;
}

static void
add_utf8(struct str *out, unsigned long c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		str_addc(out, (char)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		str_addc(out, (char)(0xe0 | c >> 12));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	} else {
		str_addc(out, (char)(0xf0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	str_addc(out, (char)(0x80 | (c & 0x3f)));
}

/* \xHH, \uHHHH and \UHHHHHHHH; the letter is behind us. A NUL becomes U+FFFD, since
 * no name that we compare with has either. */
static int
hex_escape(struct toml *t, int digits, struct str *out, struct err *e)
{
	char text[9] = {0}, *end;
	unsigned long c;

	for (int i = 0; i < digits && t->pos < t->len; i++)
		text[i] = t->text[t->pos++];
	if (strspn(text, "0123456789abcdefABCDEF") != (size_t)digits)
		return fail(t, e, "an escape in a key lacks hexadecimal digits");
	c = strtoul(text, &end, 16);
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return fail(t, e, "an escape in a key is no Unicode character");
	add_utf8(out, c ? c : 0xfffd);
	return 0;
}

static int
escape(struct toml *t, struct str *out, struct err *e)
{
	static const char letters[] = "btnfre\"\\", values[] = "\b\t\n\f\r\x1b\"\\";
	char c = peek(t, 0);
	const char *at = c ? strchr(letters, c) : NULL;

	t->pos += c ? 1 : 0;
	if (c == 'u')
		return hex_escape(t, 4, out, e);
	if (c == 'U')
		return hex_escape(t, 8, out, e);
	if (c == 'x')
		return hex_escape(t, 2, out, e);
	if (!at)
		return fail(t, e, "unknown escape in a key");
	str_addc(out, values[at - letters]);
	return 0;
}

/* A quoted key, which is a one-line string ("Keys"). */
static int
quoted_key(struct toml *t, struct str *out, struct err *e)
{
	char quote = t->text[t->pos++];

	while (peek(t, 0) != quote) {
		if (t->pos >= t->len || at_newline(t))
			return fail(t, e, "a quoted key has no closing quote on its line");
		if (quote == '"' && peek(t, 0) == '\\') {
			t->pos++;
			if (escape(t, out, e) < 0)
				return -1;
			continue;
		}
		str_addc(out, t->text[t->pos++]);
	}
	t->pos++;
	return 0;
}

static int
key_part(struct toml *t, struct strv *path, struct err *e)
{
	AUTO(str) part = {0};

	if (peek(t, 0) == '"' || peek(t, 0) == '\'') {
		if (quoted_key(t, &part, e) < 0)
			return -1;
		strv_give(path, str_take(&part));
		return 0;
	}
	while (peek(t, 0) && strchr(bare, peek(t, 0)))
		str_addc(&part, t->text[t->pos++]);
	if (part.len == 0)
		return fail(t, e, "a key is expected here");
	strv_give(path, str_take(&part));
	return 0;
}

/* "Dotted Keys": blanks around the dots are allowed. */
static int
key(struct toml *t, struct strv *path, struct err *e)
{
	for (;;) {
		skip_blanks(t);
		if (key_part(t, path, e) < 0)
			return -1;
		skip_blanks(t);
		if (peek(t, 0) != '.')
			return 0;
		t->pos++;
	}
}

/* "String": the four kinds. A multi-line one may end in up to two quotes of its own
 * before the closing three. */
static int
skip_string(struct toml *t, struct err *e)
{
	const char quote = peek(t, 0);
	const char three[] = {quote, quote, quote, '\0'};
	const bool multi = looking_at(t, three);
	const unsigned start = t->line;

	t->pos += multi ? 3 : 1;
	while (t->pos < t->len && (multi ? !looking_at(t, three) : peek(t, 0) != quote)) {
		if (!multi && at_newline(t))
			return fail(t, e, "a string has no closing quote on its line");
		if (quote == '"' && peek(t, 0) == '\\')
			t->pos++;
		if (t->pos < t->len)
			step(t);
	}
	if (t->pos >= t->len) {
		t->line = start;
		return fail(t, e, "the string that begins here never ends");
	}
	t->pos += multi ? 3 : 1;
	for (int i = 0; multi && i < 2 && peek(t, 0) == quote; i++)
		t->pos++;
	return 0;
}

/* An array or an inline table: everything up to the bracket that closes the first. */
static int
skip_brackets(struct toml *t, struct err *e)
{
	const unsigned start = t->line;
	size_t depth = 0;

	do {
		char c = peek(t, 0);

		if (t->pos >= t->len) {
			t->line = start;
			return fail(t, e, "the bracket that opens here is never closed");
		}
		if (c == '"' || c == '\'') {
			if (skip_string(t, e) < 0)
				return -1;
			continue;
		}
		if (c == '#') {
			skip_comment(t);
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		step(t);
	} while (depth > 0);
	return 0;
}

static int
skip_value(struct toml *t, struct err *e)
{
	size_t start = t->pos;
	char c = peek(t, 0);

	if (c == '"' || c == '\'')
		return skip_string(t, e);
	if (c == '[' || c == '{')
		return skip_brackets(t, e);
	while (t->pos < t->len && !at_newline(t) && peek(t, 0) != '#')
		t->pos++;
	return t->pos > start ? 0 : fail(t, e, "a key has no value");
}

/* The rest of a statement's line: blanks and a comment. */
static int
finish_line(struct toml *t, struct err *e)
{
	skip_blanks(t);
	if (peek(t, 0) == '#')
		skip_comment(t);
	if (t->pos < t->len && !at_newline(t))
		return fail(t, e, "something follows on the same line");
	return 0;
}

static int
header(struct toml *t, struct toml_item *item, struct err *e)
{
	const char *close = looking_at(t, "[[") ? "]]" : "]";

	item->kind = close[1] ? TOML_ARRAY : TOML_TABLE;
	t->pos += strlen(close);
	if (key(t, &item->path, e) < 0)
		return -1;
	if (!looking_at(t, close))
		return fail(t, e, "a table header is not closed");
	t->pos += strlen(close);
	return finish_line(t, e);
}

static int
assignment(struct toml *t, struct toml_item *item, struct err *e)
{
	item->kind = TOML_KEY;
	if (key(t, &item->path, e) < 0)
		return -1;
	if (peek(t, 0) != '=')
		return fail(t, e, "'=' is expected behind the key");
	t->pos++;
	skip_blanks(t);
	item->at = t->pos;
	if (skip_value(t, e) < 0)
		return -1;
	item->end = t->pos;
	return finish_line(t, e);
}

int
toml_next(struct toml *t, struct toml_item *item, struct err *e)
{
	toml_item_free(item);
	while (peek(t, 0) == ' ' || peek(t, 0) == '\t' || at_newline(t))
		step(t);
	item->line = t->line;
	item->at = t->pos;
	if (t->pos >= t->len)
		return 0;
	if (peek(t, 0) == '#') {
		item->kind = TOML_COMMENT;
		skip_comment(t);
		item->end = t->pos;
		return 0;
	}
	return peek(t, 0) == '[' ? header(t, item, e) : assignment(t, item, e);
}

void
toml_item_free(struct toml_item *item)
{
	strv_free(&item->path);
	*item = (struct toml_item){.kind = TOML_END};
}

/* What may stand between the parts of an array. */
static void
skip_between(struct toml *t)
{
	while (peek(t, 0) == ' ' || peek(t, 0) == '\t' || at_newline(t) || peek(t, 0) == '#') {
		if (peek(t, 0) == '#')
			skip_comment(t);
		else
			step(t);
	}
}

static int
one_string(struct toml *t, struct strv *out, struct err *e)
{
	AUTO(str) text = {0};

	if ((peek(t, 0) != '"' && peek(t, 0) != '\'') || looking_at(t, "\"\"\"") ||
	    looking_at(t, "'''"))
		return fail(t, e, "a string of one line is expected here");
	if (quoted_key(t, &text, e) < 0)
		return -1;
	strv_give(out, str_take(&text));
	return 0;
}

int
toml_strings(struct toml *t, struct strv *out, bool *list, struct err *e)
{
	*list = peek(t, 0) == '[';
	if (!*list)
		return one_string(t, out, e);
	t->pos++;
	for (skip_between(t); peek(t, 0) != ']'; skip_between(t)) {
		if (one_string(t, out, e) < 0)
			return -1;
		skip_between(t);
		if (peek(t, 0) == ',')
			t->pos++;
		else if (peek(t, 0) != ']')
			return fail(t, e, "a comma is missing in a list");
	}
	return 0;
}

char *
toml_path(const struct strv *path, size_t n)
{
	AUTO(str) out = {0};

	for (size_t i = 0; i < n && i < path->n; i++) {
		const char *part = path->v[i];

		if (i)
			str_addc(&out, '.');
		if (*part && part[strspn(part, bare)] == '\0')
			str_add(&out, part);
		else
			toml_quote(&out, part);
	}
	return str_take(&out);
}

void
toml_quote(struct str *out, const char *s)
{
	str_addc(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			str_addf(out, "\\%c", c);
		else if (c == '\n')
			str_add(out, "\\n");
		else if (c == '\t')
			str_add(out, "\\t");
		else if (c < 0x20 || c == 0x7f)
			str_addf(out, "\\u%04x", c);
		else
			str_addc(out, (char)c);
	}
	str_addc(out, '"');
}
