/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of cargoconf.h share: how the lines around the block begin. */
#ifndef KRAFT_RUST_CORE_CARGOCONF_PRIVATE_H
#define KRAFT_RUST_CORE_CARGOCONF_PRIVATE_H

extern const char cargoconf_begin[], cargoconf_end[];

#endif
