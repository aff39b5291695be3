/* SPDX-License-Identifier: BSD-3-Clause */
/* Ed25519 signatures in minisign's formats (https://jedisct1.github.io/minisign/):
 * its public keys, its secret keys with and without a password, its signatures of
 * both kinds (of the BLAKE2b-512 of the data, and the older ones of the data). */
#ifndef KRAFT_RUST_BASE_SIGN_H
#define KRAFT_RUST_BASE_SIGN_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum { SIGN_ID = 8, SIGN_KEY = 32, SIGN_ID_HEX = 2 * SIGN_ID };

struct sign_pub {
	unsigned char id[SIGN_ID], key[SIGN_KEY];
};

struct sign_secret {
	unsigned char id[SIGN_ID], seed[SIGN_KEY], pub[SIGN_KEY];
};

/* A key's number as minisign prints it. */
void sign_id(const unsigned char id[SIGN_ID], char hex[SIGN_ID_HEX + 1]);

/* The text of a .pub file; name is for messages. ERR_INPUT. */
int sign_pub_parse(const char *name, const char *text, struct sign_pub *pub, struct err *e);

/* Whether the text of a secret key needs a password. */
bool sign_secret_locked(const char *text);
/* password may be NULL for one that needs none. A wrong one is ERR_USAGE, a file
 * that is no secret key ERR_INPUT. */
int sign_secret_parse(const char *name, const char *text, const char *password,
    struct sign_secret *secret, struct err *e);
/* Forget it: the memory is overwritten. */
void sign_secret_free(struct sign_secret *secret);

/* The text of the signature file; trusted is the comment that is signed too, one
 * line. Owned by the caller, NULL on failure. */
char *sign_make(const struct sign_secret *secret, const void *data, size_t n, const char *trusted,
    struct err *e);

/* Verify the text of a signature file against any of the keys. name says what the
 * data is, for messages. Everything that is wrong is ERR_INTEGRITY. On success
 * *trusted (may be NULL) is the signed comment, owned by the caller. */
int sign_verify(const char *name, const void *data, size_t n, const char *signature,
    const struct sign_pub *keys, size_t n_keys, char **trusted, struct err *e);

#endif
