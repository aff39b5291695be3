/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of a gcc-style linker driver, made into a plan of the link.
 * What becomes of each flag is in the table in rules.c. */
#ifndef KRAFT_RUST_LD_ARGS_H
#define KRAFT_RUST_LD_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;

enum plan_kind {
	PLAN_LINK,
	PLAN_PARTIAL, /* -r: objects into one object, without the kit */
	/* Questions, answered on standard output; the text is in query. */
	PLAN_VERSION,
	PLAN_HELP,
	PLAN_ASK_LD,          /* run ld with this one flag */
	PLAN_MACHINE,         /* -dumpmachine */
	PLAN_PRINT,           /* print this text */
	PLAN_PRINT_FILE_NAME, /* where this file of the kit is */
	PLAN_PRINT_PROG_NAME,
	PLAN_PRINT_SEARCH_DIRS,
};

enum plan_strip { STRIP_NONE, STRIP_DEBUG, STRIP_ALL };

struct plan {
	enum plan_kind kind;
	char *query;
	/* For GNU ld, in order, every path absolute: inputs, libraries, library
	 * directories and options, without the output and the strip flag. */
	struct strv args;
	size_t n_inputs;    /* how many of args are files or libraries */
	struct strv first;  /* the first few input files, to see what they are */
	struct strv dirs;   /* the library directories */
	char *output;       /* absolute; a.out when none was named */
	char *dependencies; /* where ld writes what the output depends on; NULL */
	enum plan_strip strip;
	bool dry_run;      /* -###: show what would be done */
	bool verbose;      /* -v: show what is done */
	struct strv notes; /* "FLAG: why it was dropped or rewritten" */
};

enum { PLAN_FIRST = 8 };

/* What the plan depends on besides the arguments. */
struct args_env {
	const char *cwd; /* absolute */
	/* Whether there is such a file: -T NAME is searched like a library when it
	 * is not in the working directory (ld(1)). */
	bool (*exists)(const char *path);
};

/* argv without the program's name and with response files already expanded.
 * ERR_USAGE for what kraftld refuses and for a flag without its value. After an
 * error *p is empty. */
int plan_parse(
    char *const *argv, size_t n, const struct args_env *env, struct plan *p, struct err *e);
void plan_free(struct plan *p);
/* The flag for ld: "--strip-debug", "--strip-all"; NULL: none. */
const char *plan_strip_flag(const struct plan *p);

#endif
