/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef KRAFT_RUST_CORE_FETCH_PRIVATE_H
#define KRAFT_RUST_CORE_FETCH_PRIVATE_H

struct fetch;
struct net;

/* The connections, from the first time on that they are needed: starting the library
 * takes longer than most commands. */
struct net *fetch_net(struct fetch *f);

#endif
