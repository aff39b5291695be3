/* SPDX-License-Identifier: BSD-3-Clause */
/* Where prebuilt artifacts come from, and whom to trust.
 *
 * <config>/dist.yaml:
 *	servers: [https://example.org/rust, file:///srv/rust]   in this order
 *	plain-http: true      http to other machines too
 *	timeout: 30           seconds that a transfer may stand still
 *
 * KRAFT_RUST_DIST_SERVER (URLs between spaces), KRAFT_RUST_PLAIN_HTTP (1 or 0) and
 * KRAFT_RUST_NET_TIMEOUT stand in for the keys of the file. */
#ifndef KRAFT_RUST_CORE_DIST_CONF_H
#define KRAFT_RUST_CORE_DIST_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sign.h"
#include "base/str.h"

struct err;
struct home;

struct dist_conf {
	struct strv servers; /* without a slash at the end */
	bool plain_http;
	unsigned timeout;      /* 0: the default */
	struct sign_pub *keys; /* <config>/trusted-keys/?*.pub */
	size_t n_keys;
};

/* ERR_INPUT for a bad file, ERR_USAGE for a bad variable. */
int dist_conf_load(const struct home *home, struct dist_conf *conf, struct err *e);
/* Whether the servers may be used at all: net_check_url, whose library it needs. */
int dist_conf_check(const struct dist_conf *conf, struct err *e);
void dist_conf_free(struct dist_conf *conf);

#endif
