/* SPDX-License-Identifier: BSD-3-Clause */
/* Images from a build of Unikraft that another program runs: kraft, or make. The
 * program gets the plan's arguments in one file,
 *
 *	UK_LDFLAGS=-Wl,@FILE UK_LDEPS=FILE
 *
 * because Unikraft's Makefile gives UK_LDFLAGS to a shell and makes UK_LDEPS
 * prerequisites of the image (Unikraft: Makefile, plat/kvm/Linker.uk). FILE's own path
 * has no character that make, the shell or gcc's -Wl would see, no matter what is in
 * the paths that it holds, and there is no limit to its length: one variable of the
 * environment may have 128 KiB. It is written anew for each link. */
#ifndef KRAFT_RUST_LD_BUILD_H
#define KRAFT_RUST_LD_BUILD_H

#include "base/str.h"

struct err;
struct job;
struct report;

struct build {
	const struct job *job;
	struct strv argv; /* the program and its arguments */
	struct strv env;  /* as proc.h has it, on top of what is said above */
	char *cwd;        /* NULL: ours */
	char *dir;        /* for the lock, the log and FILE; made when it is not there */
	char *image;      /* what the program makes, and <image>.dbg */
};

/* Take the folder's lock: one build at a time. */
int build_lock(const struct build *b, int *fd, struct err *e);
/* Run the program, under the lock, and publish what it made as the plan's output. The
 * image of an earlier link is removed first, so that what is there afterwards is new. */
int build_link(const struct build *b, struct report *r, struct err *e);
/* Run one command of a build. When it fails, ERR_TOOL; the lines of its output that
 * tell why are in the report, and all of it is in the log, which the message names. */
int build_run(const struct build *b, const struct strv *argv, struct report *r, struct err *e);
/* The command that build_link would run, as one types it. Owned by the caller. */
char *build_show(const struct build *b);
void build_free(struct build *b);

/* The first character of a path that make, a shell or gcc would not take as it is; 0:
 * there is none. */
char build_unsafe(const char *path);

#endif
