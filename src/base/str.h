/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings that grow, lists of strings, and small questions about text. */
#ifndef KRAFT_RUST_BASE_STR_H
#define KRAFT_RUST_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string; buf is NULL while empty, else NUL-terminated. */
struct str {
	char *buf;
	size_t len, cap;
};

void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_cut(struct str *s, size_t len); /* shorten to len bytes */
char *str_take(struct str *s);           /* owned by the caller, "" when empty; s is empty again */
const char *str_text(const struct str *s); /* borrowed, "" when empty */
void str_free(struct str *s);

/* A list of owned strings; v is NULL while empty, else v[n] is NULL, so that
 * it can serve as an argv. */
struct strv {
	char **v;
	size_t n, cap;
};

void strv_add(struct strv *l, const char *s);
void strv_addf(struct strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_addl(struct strv *l, ...) __attribute__((sentinel)); /* strings, then NULL */
void strv_addn(struct strv *l, const char *s, size_t n);
void strv_give(struct strv *l, char *s); /* takes ownership of s */
void strv_addv(struct strv *l, const struct strv *from);
bool strv_has(const struct strv *l, const char *s);
void strv_sort(struct strv *l);
/* Append the pieces of s between sep characters, empty pieces left out. */
void strv_split(struct strv *l, const char *s, char sep);
char *strv_join(const struct strv *l, const char *sep);
void strv_free(struct strv *l);

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
/* Whether the bytes are well-formed UTF-8 (RFC 3629) without NUL; *bad, when
 * given, is the offset of the first byte that is not. */
bool str_utf8(const char *s, size_t n, size_t *bad);
/* Whether s is a plain word ([A-Za-z0-9._+-], not starting with '.' or '-', at
 * most 64 bytes): safe as a file name and in any configuration file. */
bool str_word(const char *s);
/* A copy fit for a message: control characters and broken UTF-8 are shown as
 * \xNN, and anything longer than max bytes ends in "...". */
char *str_printable(const char *s, size_t max);

#endif
