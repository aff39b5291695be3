/* SPDX-License-Identifier: BSD-3-Clause */
/* Transfers over https, http and file: several at once, resumed, retried, verified. */
#ifndef KRAFT_RUST_BASE_NET_H
#define KRAFT_RUST_BASE_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

struct err;
struct str;

/* Where to and what is expected. Give text or path. */
struct net_item {
	const char *url;
	struct str *text;   /* the body is appended here, */
	const char *path;   /* or to this file, which may hold its beginning already */
	uint64_t size;      /* of a file: what it must have, 0 when that is not known;
			     * of a text: what it may have at most */
	const char *sha256; /* of a file: what it must be */
	bool optional;      /* a text that need not be there */
	bool missing;       /* result, when optional: it is not there */
};

struct net_options {
	bool plain_http; /* http to other machines too, not only to this one */
	unsigned stall;  /* give up a transfer that stands still that long; 0: 30 seconds */
	/* Bytes of all items of a net_get with a file among them, a few times a second;
	 * total 0: not known. */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

struct net; /* keeps connections open from one net_get to the next */

struct net *net_new(const struct net_options *options);
void net_free(struct net *net);

/* Have them all, or fail and stop the rest. A transfer that is cut goes on where it
 * was; what may pass (a failed connection, a stalled or cut transfer, 408, 429, 5xx)
 * is tried again with growing pauses as long as there is progress, and four times
 * without; a file that does not match is fetched afresh once. Redirects are followed,
 * ten at most, never to a worse protocol. Loopback is reached without a proxy.
 * ERR_NETWORK: the beginning of a file stays for the next time.
 * ERR_INTEGRITY: names URL, both hashes or sizes; the file is removed. */
int net_get(struct net *net, struct net_item *items, size_t n, struct err *e);

/* Whether the URL may be used at all: https, file, and http to this machine, or
 * anywhere when plain_http. ERR_USAGE says why not. */
int net_check_url(const char *url, bool plain_http, struct err *e);

/* The URL without user name and password, for messages. Owned by the caller. */
char *net_shown(const char *url);

#endif
