/* SPDX-License-Identifier: BSD-3-Clause */
/* A dist tree: what a plain file server serves.
 *
 *	index.json, index.json.minisig
 *	std/KEY/, kits/COMBINATION/KEY/   tarballs, .sha256, item.json
 *	dist/channel-rust-RELEASE.toml    for rustup, with .sha256
 *	upstream/channel-rust-NAME.toml   Rust's own, put there for dist_channel_follow */
#ifndef KRAFT_RUST_CORE_DIST_TREE_H
#define KRAFT_RUST_CORE_DIST_TREE_H

#include <stddef.h>

#include "base/str.h"
#include "core/dist_index.h"

struct err;
struct sign_secret;

struct dist_tree {
	const char *dir;
	/* Other trees, whose items are copied in, and index files of trees whose
	 * tarballs are, or will be, on the server already. */
	const struct strv *from;
	unsigned expire_days; /* 0: never */
};

/* What an index run found. */
struct dist_tree_result {
	size_t items, elsewhere; /* files that are not in the tree */
	bool changed;            /* the index is another than before: it wants signing */
	struct strv behind;      /* channels that wait for a std */
};

void dist_tree_result_free(struct dist_tree_result *result);

/* Take in what from names, check every tarball against its item (ERR_INTEGRITY), and
 * write index.json and the channel manifests. Without a change index.json stays as it
 * is; a new one has a higher serial, and a signature of the old one is removed. */
int dist_tree_index(const struct dist_tree *t, struct dist_tree_result *result, struct err *e);

/* Sign index.json. The signature verifies before it is published. */
int dist_tree_sign(const char *dir, const struct sign_secret *secret, struct err *e);

#endif
