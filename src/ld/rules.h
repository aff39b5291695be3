/* SPDX-License-Identifier: BSD-3-Clause */
/* What kraftld does with each flag, library and file that needs more than being
 * handed on to GNU ld. Everything that has no row reaches ld as it is. */
#ifndef KRAFT_RUST_LD_RULES_H
#define KRAFT_RUST_LD_RULES_H

#include <stdbool.h>

/* Whom a flag is for: gcc-style drivers (CC) and ld have some letters with
 * different meanings. */
enum rule_where { IN_CC = 1, IN_LD = 2, IN_ANY = 3 };

/* The shapes of a flag with a value. "--long" flags that ld knows may have one
 * dash, apart from those in 'o' (ld(1)). */
enum rule_form {
	ALONE,  /* no value */
	NEXT,   /* -f value */
	JOIN,   /* -fvalue or -f value */
	EQ,     /* --flag=value or --flag value */
	OPT,    /* --flag or --flag=value */
	GLUED,  /* -fvalue */
	FAMILY, /* whatever begins so */
};

enum rule_act {
	ACT_KEEP,
	ACT_FILE,   /* the value is a path, made absolute */
	ACT_SCRIPT, /* the same, unless ld has to search it */
	ACT_DROP,
	ACT_REFUSE,
	ACT_OUTPUT,
	ACT_LIBDIR,
	ACT_LIB,
	ACT_STRIP_DEBUG,
	ACT_STRIP_ALL,
	ACT_PARTIAL,
	ACT_DEPENDENCIES,
	ACT_PLUGIN,
	ACT_PLUGIN_OPT,
	ACT_VERBOSE,
	ACT_DRY_RUN,
	ACT_LD_VERSION,
	ACT_LD_QUERY,
	ACT_VERSION,
	ACT_HELP,
	ACT_MACHINE,
	ACT_FILE_NAME,
	ACT_LIBGCC_NAME,
	ACT_PROG_NAME,
	ACT_SEARCH_DIRS,
	ACT_ANSWER, /* print the row's why */
};

struct rule {
	const char *flag;
	enum rule_where where;
	enum rule_form form;
	enum rule_act act;
	const char *why; /* NULL only for ACT_KEEP, ACT_FILE and questions */
};

/* The row for a flag; NULL: none. *value is the value within arg, NULL when it is
 * the next argument or there is none. */
const struct rule *rules_find(const char *arg, bool for_ld, const char **value);
/* Whether the flag's value is the next argument. */
bool rules_wants_next(const struct rule *r, const char *value);

/* Why -lNAME is dropped; NULL: it is not. */
const char *rules_library(const char *name);

/* What is special about an input file, by its name. */
struct rule_file {
	enum rule_act act; /* ACT_KEEP, ACT_DROP or ACT_REFUSE */
	const char *why;
};
struct rule_file rules_file(const char *path);

#endif
