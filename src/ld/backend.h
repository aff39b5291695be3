/* SPDX-License-Identifier: BSD-3-Clause */
/* Ways to make an image of a plan. */
#ifndef KRAFT_RUST_LD_BACKEND_H
#define KRAFT_RUST_LD_BACKEND_H

#include "base/str.h"

struct err;
struct plan;
struct wrapconf;

/* What is to be linked. Borrowed. */
struct job {
	const struct plan *plan;
	const struct wrapconf *conf;
	const char *project; /* the package's folder: $CARGO_MANIFEST_DIR, else where we run */
	const char *name;    /* $KRAFTKIT_TARGET; NULL or empty: not set */
	const char *tree;    /* $UK_ROOT; NULL or empty: not set */
	const char *cache;   /* where builds may keep things; made when it is not there */
};

/* What the failing, or with -v every, command said. */
struct report {
	struct str said;   /* standard error, as it was */
	char *command;     /* the command that failed, fit for a shell; NULL: none did */
	struct str advice; /* lines on what to do */
};

struct backend {
	const char *name;
	/* Whether everything that it works with is there. If not, what is missing and
	 * what mends that are in *why. Nothing of a broken project: that is for link. */
	bool (*usable)(const struct job *job, struct err *why);
	/* Make and publish the image, or leave the old one alone. A command that
	 * fails is ERR_TOOL and fills the report. */
	int (*link)(const struct job *job, struct report *r, struct err *e);
	/* Append the commands that link would run, one a string. */
	int (*show)(const struct job *job, struct strv *commands, struct err *e);
};

/* wanted is $KRAFTLD_BACKEND; NULL or empty is "auto": the first of kraft, kit and
 * make that is usable. A partial link is always the kit's, which needs no kit for it.
 * When there is none to link with, ERR_FAIL tells all that is missing. */
int backend_find(
    const char *wanted, const struct job *job, const struct backend **b, struct err *e);
void report_free(struct report *r);

extern const struct backend backend_kit, backend_kraft, backend_make;

#endif
