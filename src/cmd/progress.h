/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress on standard error: one line that is rewritten on a terminal, a line a
 * step otherwise, nothing under -q. */
#ifndef KRAFT_RUST_CMD_PROGRESS_H
#define KRAFT_RUST_CMD_PROGRESS_H

#include <stdbool.h>

#include "core/progress.h"

struct ctx;

struct meter {
	struct progress progress; /* to be handed to core */
	const struct ctx *ctx;
	bool live;         /* standard error is a terminal */
	bool pending;      /* the rewritten line is on the screen */
	double began;      /* of the transfer that runs: when, 0 for none, */
	uint64_t began_at; /* and at how many bytes */
};

void meter_start(struct meter *m, const struct ctx *c);
/* Clear the rewritten line: before anything else is printed, and at the end. */
void meter_clear(struct meter *m);

#endif
