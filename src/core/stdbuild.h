/* SPDX-License-Identifier: BSD-3-Clause */
/* Building std from the compiler's own sources. */
#ifndef KRAFT_RUST_CORE_STDBUILD_H
#define KRAFT_RUST_CORE_STDBUILD_H

#include <stdbool.h>

struct err;
struct js;
struct progress;
struct rustc;
struct strv;

struct stdbuild {
	const struct rustc *rustc;
	const char *target;
	const struct js *spec; /* of a target that is not built in; else NULL */
	const char *source;    /* the library/ folder */
	const char *share;
	const char *scratch; /* an empty directory of the caller's */
	const char *log;     /* cargo's output goes there */
	bool offline;
	const struct progress *progress;
};

/* What the settings of the build are, for the key of what it makes: the text of the
 * workspace's template and the flags. Owned by the caller; NULL on failure. */
char *stdbuild_recipe(const char *share, struct err *e);

/* Build, and add the paths of the rlibs, inside scratch. ERR_TOOL with the
 * compiler's errors and the log's name when cargo fails. */
int stdbuild_run(const struct stdbuild *b, struct strv *rlibs, struct err *e);

#endif
