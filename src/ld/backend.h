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
};

/* What the failing, or with -v every, command said. */
struct report {
	struct str said; /* standard error, as it was */
	char *command;   /* the command that failed, fit for a shell; NULL: none did */
};

struct backend {
	const char *name;
	/* Make and publish the image, or leave the old one alone. A command that
	 * fails is ERR_TOOL and fills the report. */
	int (*link)(const struct job *job, struct report *r, struct err *e);
	/* Append the commands that link would run, one a string. */
	int (*show)(const struct job *job, struct strv *commands, struct err *e);
};

/* wanted is $KRAFTLD_BACKEND; NULL or empty is "auto". */
int backend_find(
    const char *wanted, const struct job *job, const struct backend **b, struct err *e);
void report_free(struct report *r);

extern const struct backend backend_kit;

#endif
