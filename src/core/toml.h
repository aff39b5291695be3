/* SPDX-License-Identifier: BSD-3-Clause */
/* TOML (v1.0, and the inline tables of v1.1) as a row of statements: enough to know
 * which tables and keys a file defines, and where, without judging their values. */
#ifndef KRAFT_RUST_CORE_TOML_H
#define KRAFT_RUST_CORE_TOML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;

enum toml_kind {
	TOML_END,
	TOML_COMMENT, /* one that begins its line */
	TOML_TABLE,   /* [path] */
	TOML_ARRAY,   /* [[path]] */
	TOML_KEY,     /* path = value; the value is skipped */
};

struct toml {
	const char *name; /* the file's, for messages: "name:line: what is wrong" */
	const char *text;
	size_t len, pos;
	unsigned line; /* of pos, from 1 */
};

struct toml_item {
	enum toml_kind kind;
	struct strv path; /* the parts of the header or the key, unquoted */
	unsigned line;
	size_t at, end; /* a comment's bytes, from its '#' to its line's end; a value's */
};

/* Start at the beginning; a byte order mark is passed over. */
struct toml toml_open(const char *name, const char *text, size_t len);
/* The next statement; the item's old path is freed. What is not TOML is ERR_INPUT. */
int toml_next(struct toml *t, struct toml_item *item, struct err *e);
void toml_item_free(struct toml_item *item);

/* Append the strings of the value that *t stands at: one, or a list of them; *list says
 * which. What is neither is ERR_INPUT, and so is a string of several lines. */
int toml_strings(struct toml *t, struct strv *out, bool *list, struct err *e);

/* The path as one would write it in the file: a."b c".d */
char *toml_path(const struct strv *path, size_t n);
/* Append s, which is UTF-8, as a basic string with its quotes. */
void toml_quote(struct str *out, const char *s);

#endif
