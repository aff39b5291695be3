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
 *	install = kraft-rust install x86_64 qemu */
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
	char *install;       /* the command that installs what is missing */
};

/* A file of a later format, an unknown, doubled or missing key is ERR_INPUT with
 * the file's name and line. After an error *c is empty. */
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
