/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of kraft-rust run that are about the machine, which kraft-rust config
 * writes into a project too. */
#ifndef KRAFT_RUST_CMD_RUN_OPTIONS_H
#define KRAFT_RUST_CMD_RUN_OPTIONS_H

#include "base/str.h"
#include "core/vmnet.h"

struct ctx;
struct err;

struct run_options {
	unsigned memory; /* MiB */
	unsigned cpus;
	unsigned timeout;   /* seconds; 0: none */
	const char *accel;  /* "auto", "kvm" or "tcg" */
	const char *initrd; /* NULL: none */
	struct strv env;    /* NAME=value */
	struct vmnet net;
};

/* The command line's options, and the environment that is passed on. ERR_USAGE. */
int run_options_read(const struct ctx *c, struct run_options *o, struct err *e);
void run_options_free(struct run_options *o);

/* The first of them that is given, NULL: none is. */
const char *run_options_given(const struct ctx *c);
/* Those that are given as words of a command line, the same for every working folder. */
void run_options_words(const struct ctx *c, struct strv *words);

#endif
