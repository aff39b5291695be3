/* SPDX-License-Identifier: BSD-3-Clause */
/* The index of a tree of prebuilt artifacts: what there is, and what its files are.
 *
 *	{ "format": 1, "serial": 1790000000, "expires": 1800000000,
 *	  "items": [ { "kind": "std", "key": "...", "rustc": "rustc 1.96.0 (...)",
 *	      "host": "x86_64-unknown-linux-gnu", "target": "...", "recipe": "...",
 *	      "unpacked": 100000000,
 *	      "files": { "zst": { "path": "std/KEY/NAME.tar.zst", "size": 1, "sha256": "..." } } },
 *	    { "kind": "kit", "key": "...", "combination": "qemu-x86_64", "unikraft": "0.20.0",
 *	      "target": "...", "unpacked": 1, "files": { } } ] }
 *
 * serial grows with every index of a tree, expires may be missing; both are seconds
 * since 1970. An item alone, beside its files, is <tree>/std/KEY/item.json. */
#ifndef KRAFT_RUST_CORE_DIST_INDEX_H
#define KRAFT_RUST_CORE_DIST_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/tar.h"

struct err;
struct js;

enum dist_kind { DIST_STD, DIST_KIT };

struct dist_file {
	char *path; /* below the tree; NULL: not there */
	uint64_t size;
	char sha256[HASH_HEX + 1];
};

struct dist_item {
	enum dist_kind kind;
	char *key; /* a std's in the store, a kit's id: a plain word */
	char *target;
	char *rustc;    /* of a std: the compiler's version line */
	char *host;     /* ... and host */
	char *recipe;   /* ... and how it was built: a hash */
	char *combo;    /* of a kit: "qemu-x86_64" */
	char *unikraft; /* ... and Unikraft's version */
	uint64_t unpacked;
	struct dist_file files[TAR_FORMATS];
};

struct dist_index {
	long long serial, expires; /* expires 0: never */
	struct dist_item *v;
	size_t n;
};

/* name is for messages. Whatever is wrong is ERR_INPUT; then *index is empty. Paths
 * are relative and plain, hashes are hashes, keys are words: what is accepted can be
 * used for file names and URLs. */
int dist_index_parse(
    const char *name, const char *text, size_t len, struct dist_index *index, struct err *e);
/* Sorted, always the same bytes for the same contents. Owned by the caller. */
char *dist_index_text(const struct dist_index *index);
/* Take the item over, unless one of that kind and key is there: the same one again is
 * fine, another one is ERR_INPUT. The item is empty afterwards. Returns the one in the
 * index, NULL on failure. */
const struct dist_item *dist_index_add(
    struct dist_index *index, struct dist_item *item, struct err *e);
void dist_index_free(struct dist_index *index);

int dist_item_parse(const char *name, const struct js *j, struct dist_item *item, struct err *e);
int dist_item_load(const char *path, struct dist_item *item, struct err *e);
struct js *dist_item_js(const struct dist_item *item, bool with_files);
void dist_item_free(struct dist_item *item);
/* The folder of an item's files in a tree: "std/KEY", "kits/COMBINATION/KEY". */
char *dist_item_dir(const struct dist_item *item);
/* The item's file that is the best to fetch: zst unpacks the fastest, xz is the
 * smallest. NULL when there is none. */
const struct dist_file *dist_item_best(const struct dist_item *item);

/* An item of the index for oneself; the index keeps an empty one. */
struct dist_item dist_item_take(struct dist_index *index, const struct dist_item *item);

const struct dist_item *dist_index_std(const struct dist_index *index, const char *key);
/* The kit for a combination with the newest Unikraft. */
const struct dist_item *dist_index_kit(const struct dist_index *index, const char *combo);

#endif
