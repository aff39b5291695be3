/* SPDX-License-Identifier: BSD-3-Clause */
/* The line format of wrapper configs and kits: "key = value", one a line, '#'
 * comments, repeated keys make lists. Keys are [a-z0-9-]. Blanks (space, tab,
 * carriage return) at either end of a value are not part of it. In a value
 * "\\" is a backslash, "\n" a newline, "\r" a carriage return, "\t" a tab and
 * "\s" a space; a backslash before anything else is an error. */
#ifndef KRAFT_RUST_BASE_KV_H
#define KRAFT_RUST_BASE_KV_H

#include <stddef.h>

struct err;
struct str;

struct kv_entry {
	char *key, *value;
	unsigned line;
};

struct kv {
	struct kv_entry *entries;
	size_t n, cap;
};

/* name is for messages: "name:line: what is wrong", ERR_INPUT. At most 1 MiB and
 * 100,000 entries; NUL bytes and lines without '=' are errors. After an error
 * *kv is empty. */
int kv_parse(const char *name, const char *text, size_t len, struct kv *kv, struct err *e);
int kv_load(const char *path, struct kv *kv, struct err *e);
const char *kv_get(const struct kv *kv, const char *key); /* the first, NULL: none */
/* A number from 1 to 65535 that may be there once: *to is 0 until then. */
int kv_set_number(const struct kv_entry *en, const char *name, unsigned *to, struct err *e);
/* Append one line; any value without NUL comes back the same from kv_parse. */
void kv_add(struct str *out, const char *key, const char *value);
void kv_free(struct kv *kv);

#endif
