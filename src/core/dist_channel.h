/* SPDX-License-Identifier: BSD-3-Clause */
/* Rust's channel manifests (rustup: src/dist/manifest.rs, version 2), as much of them
 * as it takes to announce a std. */
#ifndef KRAFT_RUST_CORE_DIST_CHANNEL_H
#define KRAFT_RUST_CORE_DIST_CHANNEL_H

#include <stddef.h>

#include "core/dist_index.h"

struct err;
struct strv;

/* The URL that rustup replaces by its dist server: what begins with it can be served
 * from anywhere. */
#define DIST_CHANNEL_SERVER "https://static.rust-lang.org"

/* Write <tree>/dist/channel-rust-RELEASE.toml and its .sha256 for every release that
 * the index has a std for. Of several compilers of one release, Rust's own comes
 * first. A manifest of a whole toolchain that is there already, a mirror's, gets the std
 * in addition. */
int dist_channel_write(const char *tree, const struct dist_index *index, struct err *e);

/* For each <tree>/upstream/channel-rust-NAME.toml, a copy of one of Rust's own channels,
 * write the one in <tree>/dist that has our stds in addition, with its .sha256; Rust's
 * files stay on Rust's server. A rustup that has one of our targets refuses to update to a
 * channel without it, so the channel that is published stays as it is until there is a
 * std for the new compiler; behind then says so, one line each. */
int dist_channel_follow(
    const char *tree, const struct dist_index *index, struct strv *behind, struct err *e);

/* The text without the std of a target: that of a manifest, or of rustup's list of
 * installed components. name is for messages. The same bytes when there is none. Owned
 * by the caller; NULL: no TOML. */
char *dist_channel_remove(
    const char *name, const char *text, size_t len, const char *target, struct err *e);
/* A manifest's text with the item's std, as an extension of the hosts' toolchains; its
 * files are at <server>/<path>. What was there for that target before is replaced. */
char *dist_channel_add(const char *name, const char *text, size_t len, const struct strv *hosts,
    const char *server, const struct dist_item *item, struct err *e);

#endif
