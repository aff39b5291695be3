/* SPDX-License-Identifier: BSD-3-Clause */
/* Installing and uninstalling a combination for a compiler. */
#ifndef KRAFT_RUST_CORE_INSTALL_H
#define KRAFT_RUST_CORE_INSTALL_H

#include <stdbool.h>

#include "core/fetch.h"
#include "core/stdstore.h"

struct err;
struct home;
struct js;
struct kitbuild;
struct matrix_combo;
struct progress;
struct rustc;
struct strv;

enum install_from {
	INSTALL_AUTO,   /* a prebuilt std that fits, else from source */
	INSTALL_DIST,   /* only a prebuilt one, from a server */
	INSTALL_SOURCE, /* only from source */
	INSTALL_FILE,   /* from a tarball */
};

struct install {
	const struct home *home;
	const char *share;
	const struct matrix_combo *combo;
	const struct rustc *rustc;
	bool offline;
	enum install_from from;
	const char *file;                /* INSTALL_FILE's tarball */
	struct fetch *fetch;             /* the servers; NULL: none */
	const struct kitbuild *kitbuild; /* build the kit from that; NULL: take what there is */
	const struct progress *progress;
};

/* What an install comes to: everything owned. */
struct install_plan {
	struct js *spec;
	char key[STD_KEY_LEN + 1];
	bool std_there, kit_there, conf_there, sysroot_there, link_there;
	char *source;    /* the sources to build from; NULL: not needed, or not here yet */
	bool add_source; /* rustup is to fetch them first */
	bool get_source; /* they are to be fetched from the Rust dist server */
	bool prebuilt;   /* std is to be fetched: hit */
	struct fetch_hit hit;
	struct fetch_file archive; /* the tarball; path NULL: not here yet */
	char *kit; /* the kit's directory; NULL: to be made, or none for this platform */
	bool make_kit;
	bool build_kit; /* from Unikraft's sources, even when there is one */
	bool get_kit;   /* it is to be fetched: kit_hit */
	struct fetch_hit kit_hit;
	char *kit_failure; /* why no server delivered it; NULL: one did, or none has it */
	char *conf;        /* the wrapper config's path */
	char *conf_text;
	char *link; /* the link in the rustup toolchain; NULL: none */
};

/* Find out what is there and what has to be done. Fails when the install cannot
 * succeed, with each command that would mend it. Starts no compiler whose answers
 * are in the cache. */
int install_plan(const struct install *in, struct install_plan *p, struct err *e);
bool install_done(const struct install_plan *p); /* nothing left to do */
/* One line a step. */
void install_describe(const struct install *in, const struct install_plan *p, struct strv *lines);
/* Do it. What was installed before stays whole until the last step. */
int install_run(const struct install *in, struct install_plan *p, struct err *e);
/* The sources to build from, or how to get them. */
int install_plan_source(const struct install *in, struct install_plan *p, struct err *e);
/* Have the prebuilt std in the cache, from the first server that delivers it; with
 * INSTALL_AUTO, when none does, plan to build. */
int install_fetch(const struct install *in, struct install_plan *p, struct err *e);
/* With both a std and a kit to fetch, have them in the cache at once, if it works. */
void install_prefetch(const struct install *in, const struct install_plan *p);
/* Fetch the kit from the first server that delivers it, put it into the store, and have
 * the plan name it. Unless INSTALL_DIST insists, a network that fails is no failure, for
 * std is of use without a kit: kit_failure says why there is none. */
int install_fetch_kit(const struct install *in, struct install_plan *p, struct err *e);
/* Fetch the sources from the Rust dist server. */
int install_get_source(const struct install *in, struct install_plan *p, struct err *e);
/* The error that says where sources were looked for and how to get some; -1. */
int install_no_source(const struct install *in, struct err *e);
void install_plan_free(struct install_plan *p);

#endif
