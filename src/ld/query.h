/* SPDX-License-Identifier: BSD-3-Clause */
/* The questions that build systems ask a compiler or linker. */
#ifndef KRAFT_RUST_LD_QUERY_H
#define KRAFT_RUST_LD_QUERY_H

struct err;
struct plan;
struct str;
struct wrapconf;

/* Append the answer, as gcc would give it. c is NULL when nothing is installed;
 * then there is no answer to -dumpmachine (ERR_FAIL). */
int query_answer(const struct plan *p, const struct wrapconf *c, struct str *out, struct err *e);

#endif
