/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors: a class, which decides the exit status, and one bounded message. */
#ifndef KRAFT_RUST_BASE_ERR_H
#define KRAFT_RUST_BASE_ERR_H

#include <stddef.h>

/* The values are the exit statuses of both programs. */
enum err_class {
	ERR_NONE = 0,
	ERR_FAIL = 1,      /* anything the other classes do not name */
	ERR_USAGE = 2,     /* the command line is wrong */
	ERR_INPUT = 3,     /* a file that the user wrote is wrong */
	ERR_NETWORK = 4,   /* a transfer failed */
	ERR_INTEGRITY = 5, /* a hash or a signature does not match */
	ERR_TOOL = 6,      /* a program that we ran failed */
	ERR_SIGNAL = 7,    /* interrupted: main raises the signal again */
};

struct err {
	enum err_class cls;
	char msg[8192];
};

/* Fill in the error; a message that is too long is cut and ends in "...".
 * All of them return -1, so that a caller can return their result. */
int err_set(struct err *e, enum err_class cls, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* ERR_FAIL, with ": " and the text of errno behind the message. */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Put what the caller was doing, and ": ", in front. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Put the way out, on a line of its own, behind. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
