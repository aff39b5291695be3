/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust run: the backtraces in a machine's output. */
#ifndef KRAFT_RUST_CMD_RUN_TRACE_H
#define KRAFT_RUST_CMD_RUN_TRACE_H

#include "core/backtrace.h"
#include "core/symbolizer.h"

struct ctx;
struct strv;

struct run_trace {
	struct backtrace backtrace;
	struct symbolizer symbolizer;
	char *cwd;
	const struct ctx *c;
};

/* For the image that is open. Of the environment that the program gets, RUST_BACKTRACE
 * says what is shown; it is changed there to "full", since std without symbols prints
 * nothing otherwise. The context, which has read the matrix, and the image's path are
 * borrowed. */
void run_trace_start(
    struct run_trace *t, struct ctx *c, unsigned machine, int image, struct strv *env);
void run_trace_free(struct run_trace *t);

#endif
