/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256, in lower-case hexadecimal. */
#ifndef KRAFT_RUST_BASE_HASH_H
#define KRAFT_RUST_BASE_HASH_H

#include <stddef.h>

enum { HASH_HEX = 64 };

struct err;
struct hash; /* a running digest */

struct hash *hash_new(void);
void hash_add(struct hash *h, const void *data, size_t n);
/* A labelled part with its length, so that parts cannot run into each other. */
void hash_field(struct hash *h, const char *label, const char *value);
void hash_end(struct hash *h, char hex[HASH_HEX + 1]); /* frees h */

void hash_text(const char *text, char hex[HASH_HEX + 1]);
int hash_file(const char *path, char hex[HASH_HEX + 1], struct err *e);

#endif
