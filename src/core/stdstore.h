/* SPDX-License-Identifier: BSD-3-Clause */
/* The store of built std: <home>/std/<key>/lib/?*.rlib and std.json, never changed
 * once it is there. */
#ifndef KRAFT_RUST_CORE_STDSTORE_H
#define KRAFT_RUST_CORE_STDSTORE_H

#include <stdbool.h>

struct err;
struct js;
struct rustc;
struct strv;

enum { STD_KEY_LEN = 32 };

/* Which std fits: the hash of the whole rustc -vV, the target, the spec without
 * link-env, and the recipe. */
void stdstore_key(const struct rustc *r, const char *target, const struct js *spec,
    const char *recipe, char key[STD_KEY_LEN + 1]);

char *stdstore_dir(const char *data_home, const char *key); /* owned by the caller */

/* Whether std of that key is there, whole by the names and sizes in std.json. */
bool stdstore_has(const char *data_home, const char *key);

/* Copy the rlibs in, verify the copies, and publish them with std.json. Call it
 * under the home's lock. Nothing is left behind by a failure; a damaged std of
 * the same key is replaced. */
int stdstore_add(const char *data_home, const char *key, const struct rustc *r, const char *target,
    const struct strv *rlibs, struct err *e);

/* As stdstore_add, but fill puts the files into <stage>/lib itself, synced, and
 * describes each in the array files: name, size, sha256. archive (may be NULL) is
 * noted in std.json: the hash of the archive that they are from. */
int stdstore_add_with(const char *data_home, const char *key, const struct rustc *r,
    const char *target, const char *archive,
    int (*fill)(void *ctx, const char *stage, struct js *files, struct err *e), void *ctx,
    struct err *e);

#endif
