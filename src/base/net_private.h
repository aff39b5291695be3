/* SPDX-License-Identifier: BSD-3-Clause */
/* One transfer of net.h: what net.c drives and net_transfer.c knows. */
#ifndef KRAFT_RUST_BASE_NET_PRIVATE_H
#define KRAFT_RUST_BASE_NET_PRIVATE_H

#include "base/curl_api.h"
#include "base/net.h"

enum net_state { NET_WAITING, NET_RUNNING, NET_DONE };

struct transfer {
	struct net_item *item;
	const struct net_options *options;
	CURL *curl;
	char *url; /* where redirects led */
	int fd;    /* -1 for a text */
	struct hash *hash;
	enum net_state state;
	int64_t due;        /* NET_WAITING: when to start, in milliseconds */
	uint64_t at;        /* bytes that are here */
	uint64_t began_at;  /* at, when the attempt began */
	uint64_t announced; /* the whole size that the server tells; 0: none */
	uint64_t swallowed; /* of a body that is not ours: an error page */
	unsigned redirects, failures, attempts;
	bool body;           /* its first byte has come */
	bool overflow;       /* more came than there should be */
	bool afresh;         /* it did not match and is fetched a second time */
	int64_t range_start; /* of the answer's Content-Range; -1: none */
	int saved_errno;     /* of a failed write; 0 */
};

/* Take up what is there already. */
int transfer_open(struct transfer *t, struct err *e);
/* Prepare the next attempt. */
int transfer_start(struct transfer *t, struct err *e);
/* Forget what is here. */
int transfer_afresh(struct transfer *t, struct err *e);
/* What an attempt's end means: NET_DONE, or NET_WAITING for another one. -1: failed. */
int transfer_settle(struct transfer *t, CURLcode result, struct err *e);
void transfer_close(struct transfer *t);

#endif
