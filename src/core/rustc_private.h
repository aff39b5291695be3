/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of rustc.h share. */
#ifndef KRAFT_RUST_CORE_RUSTC_PRIVATE_H
#define KRAFT_RUST_CORE_RUSTC_PRIVATE_H

#include <stdbool.h>

struct err;
struct rustc;
struct rustc_choice;

/* Which executable is meant; fills r->exe and r->toolchain only. */
int rustc_resolve(const struct rustc_choice *c, struct rustc *r, struct err *e);
/* Whether the executable is one of rustup's proxies. */
bool rustc_is_proxy(const char *exe);

#endif
