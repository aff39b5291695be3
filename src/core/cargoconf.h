/* SPDX-License-Identifier: BSD-3-Clause */
/* The block in .cargo/config.toml. */
#ifndef KRAFT_RUST_CORE_CARGOCONF_H
#define KRAFT_RUST_CORE_CARGOCONF_H

struct err;

/* What the block says. NULL members are left out of it. */
struct cargoconf {
	const char *arch, *plat;    /* our names, for the marker line and [env] */
	const char *target;
	const char *linker;         /* "kraftld" or an absolute path */
	const char *runner;         /* the kraft-rust to run images with, likewise */
	const char *sysroot;        /* --sysroot for the target; NULL: not needed */
	const char *home;           /* KRAFT_RUST_HOME for [env]; NULL: the default one */
	const char *rustc;          /* [build] rustc, pinned; NULL: whatever is meant */
	const char *rustdoc;        /* [build] rustdoc, pinned with it */
};

/* The block alone, with its marker lines. Owned by the caller. */
char *cargoconf_block(const struct cargoconf *c);

/* old (may be "") with the block in place of the previous block, or appended;
 * everything outside stays byte for byte. ERR_INPUT, naming the table or key and its
 * line, when the text outside the block defines what the block defines, or when the
 * markers are broken. Owned by the caller. */
char *cargoconf_merge(const char *name, const char *old, const struct cargoconf *c, struct err *e);

#endif
