/* SPDX-License-Identifier: BSD-3-Clause */
/* Wrapper configs: what kraftld must know about one combination, a file
 * <home>/linkers/<plat>-<arch>.conf in kv.h's format.
 *
 *	format = 1
 *	architecture = x86_64
 *	platform = qemu
 *	alias = kvm              one a line; of the platform or of the architecture
 *	target = x86_64-unikraft-linux-musl
 *	machine = 62
 *	ld = x86_64-linux-gnu-ld one a line, the best first
 *	kit = /path              only when a kit is installed
 *	kraft = qemu/x86_64      kraft's names; only when kraft knows the combination
 *	unikraft = /path         Unikraft's source tree; only for its own make
 *	library = /path          a library's tree, one a line, in the order of L=
 *	kconfig = /path          a file with options; several are read one after the other
 *	install = kraft-rust install x86_64 qemu
 *
 * <plat>-<arch>.local beside it is the user's own, which no command writes: lines with
 * the keys ld, unikraft, library and kconfig. What it has of a key stands for all that
 * the config has of it. */
#ifndef KRAFT_RUST_CORE_WRAPCONF_H
#define KRAFT_RUST_CORE_WRAPCONF_H

#include "base/str.h"

struct err;

struct wrapconf {
	char *arch, *plat;   /* our names: x86_64, qemu */
	struct strv aliases; /* other names of the platform, and of the architecture */
	char *target;        /* rustc's name */
	unsigned machine;    /* ELF e_machine */
	struct strv ld;      /* linkers to try, by name or path, the best first */
	char *kit;           /* the kit's directory; NULL: none installed */
	char *kraft;         /* PLAT/ARCH for kraft; NULL: kraft does not know it */
	char *unikraft;      /* Unikraft's source tree; NULL: none is named */
	struct strv libs;    /* the trees of libraries */
	struct strv kconfig; /* files with options */
	char *local;         /* where the user's own lines are, or would be; NULL: not loaded
			      * from a file */
	char *install;       /* the command that installs what is missing */
};

/* A file of a later format, an unknown, doubled or missing key is ERR_INPUT with
 * the file's name and line. The user's own lines are read too. After an error *c is
 * empty. */
int wrapconf_load(const char *path, struct wrapconf *c, struct err *e);
/* The same from a text; name is for messages. */
int wrapconf_parse(
    const char *name, const char *text, size_t len, struct wrapconf *c, struct err *e);
/* The file's text, always the same bytes for the same values. Owned by the caller. */
char *wrapconf_text(const struct wrapconf *c);
void wrapconf_free(struct wrapconf *c);

/* What is known of the wanted combination; NULL or 0: nothing. */
struct wrapconf_want {
	const char *target, *plat, *arch; /* plat and arch may be aliases */
	unsigned machine;
};

/* The config in <home>/linkers that fits; of several, the one written last (by
 * mtime). None is ERR_FAIL with the commands that would help; a broken file is an
 * error only when no other one fits. */
int wrapconf_find(
    const char *data_home, const struct wrapconf_want *want, struct wrapconf *c, struct err *e);

#endif
