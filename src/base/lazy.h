/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared libraries that are loaded at their first use, so that a run that does not
 * need them does not pay for them and all that they bring along. */
#ifndef KRAFT_RUST_BASE_LAZY_H
#define KRAFT_RUST_BASE_LAZY_H

#include <stddef.h>

struct err;

/* An element of a table, as lazy_load sees it. */
typedef void (*lazy_function)(void);

/* What is loaded from where; one static object a library. */
struct lazy {
	const char *soname;       /* "libcurl.so.4" */
	const char *package;      /* Debian's and Ubuntu's, for the message */
	const char *const *names; /* of the functions, */
	void *table;              /* a struct of pointers to them, in the same order */
	size_t n;
	void *handle; /* once loaded: for the process's life */
};

/* Load the library unless that was done, and fill in the table; any thread may call.
 * ERR_FAIL: names the library, the reason and the package; nothing in the table may
 * be used, and the next call tries again. */
int lazy_load(struct lazy *lazy, struct err *e);

#endif
