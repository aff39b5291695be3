/* SPDX-License-Identifier: BSD-3-Clause */
/* Artifacts from dist servers: the index, checked, and files through a cache that
 * all processes of a user share.
 *
 *	<cache>/downloads/<sha256>          whole and checked; .partial: its beginning
 *	<cache>/downloads/<sha256>.lock     held by whoever fetches or reads it
 *	<cache>/servers/<hash of URL>.json  the last index that was accepted */
#ifndef KRAFT_RUST_CORE_FETCH_H
#define KRAFT_RUST_CORE_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/dist_conf.h"
#include "core/dist_index.h"

struct err;
struct home;
struct net;
struct progress;
struct str;

struct fetch {
	const struct home *home;
	const struct progress *progress;
	bool offline;
	struct dist_conf conf;
	struct net *net; /* NULL until it is needed */
};

/* Read the configuration; no network yet. With offline the network's code is never
 * called, and need not be there. */
int fetch_open(struct fetch *f, const struct home *home, const struct progress *progress,
    bool offline, struct err *e);
void fetch_free(struct fetch *f);

/* The index of a server: fetched, or with --offline the last one. When keys are
 * trusted its signature must verify by one of them, it must not have expired, and it
 * must not be older than the last one that was accepted: ERR_INTEGRITY. A file that
 * is no index at all is ERR_INTEGRITY too. */
int fetch_index(struct fetch *f, const char *server, struct dist_index *index, struct err *e);

/* A file to have. */
struct fetch_file {
	const char *url;
	const char *sha256;
	uint64_t size;    /* 0: not known */
	const char *name; /* for people */
	char *path;       /* result: where it is in the cache, locked; owned */
	int lock;         /* result, while there is a path */
};

/* Have the files in the cache, all at once. Each is checked against its hash, also
 * when it was there already, and stays locked until fetch_files_free, so that no
 * other process removes it. */
int fetch_files(struct fetch *f, struct fetch_file *files, size_t n, struct err *e);
void fetch_files_free(struct fetch_file *files, size_t n);

/* A small text from any URL. */
int fetch_text(struct fetch *f, const char *url, size_t max, struct str *out, struct err *e);

/* Where an artifact is to be had. */
struct fetch_hit {
	size_t server; /* its place among the servers */
	struct dist_item item;
};

/* Look through the servers, from the first-th on. 1: found, 0: none has it; then why
 * says what they have instead. Servers that cannot be reached are passed over with a
 * note, and are the failure (-1) when no other has it. Everything that is wrong with
 * a server's index is a failure at once. */
int fetch_find_std(struct fetch *f, const char *key, const char *target, size_t first,
    struct fetch_hit *hit, struct str *why, struct err *e);
int fetch_find_kit(
    struct fetch *f, const char *combo, size_t first, struct fetch_hit *hit, struct err *e);
void fetch_hit_free(struct fetch_hit *hit);
/* Whether the cache seems to have it: what --offline can use. */
bool fetch_cached(const struct fetch *f, const struct fetch_hit *hit);
/* The URL of an item's best file. Owned by the caller. */
char *fetch_hit_url(const struct fetch *f, const struct fetch_hit *hit);

#endif
