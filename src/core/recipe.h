/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that a make run, from what "make V=1 --trace" prints. */
#ifndef KRAFT_RUST_CORE_RECIPE_H
#define KRAFT_RUST_CORE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;

/* One simple command of a shell. */
struct recipe {
	struct strv argv;
	char *text;      /* the line it comes from */
	bool opaque;     /* the line is more than simple commands; argv is a guess at its words */
	bool redirected; /* standard output goes to a file */
};

struct recipes {
	struct recipe *v;
	size_t n;
};

/* Split a line: simple commands between "&&" and ";". Quotes and backslashes mean what
 * they mean to a shell; a pipe into grep only filters messages and is left out;
 * anything else that a shell would interpret makes the command opaque. */
void recipe_split(const char *line, struct recipes *out);

/* All commands of a log. make's own messages are left out. A command "sh FILE.cmd",
 * Unikraft's way of running a command that it has recorded, stands for what the file
 * says. */
int recipe_read(const char *log, struct recipes *out, struct err *e);
void recipes_free(struct recipes *r);

#endif
