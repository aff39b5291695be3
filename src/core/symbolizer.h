/* SPDX-License-Identifier: BSD-3-Clause */
/* What an image's addresses are in its sources: asked of binutils' addr2line, or LLVM's,
 * about the image with symbols that lies beside the image. */
#ifndef KRAFT_RUST_CORE_SYMBOLIZER_H
#define KRAFT_RUST_CORE_SYMBOLIZER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct err;
struct matrix_names;

struct symbol {
	char *name; /* demangled, without Rust's hash; NULL: unknown */
	char *file; /* NULL: unknown, and so is the line */
	unsigned line;
};

/* The function at an address, behind what is inlined into it: innermost first. */
struct symbols {
	struct symbol *v;
	size_t n; /* 0: nothing is known */
};

void symbols_free(struct symbols *s);

struct symbolizer {
	const char *image;             /* its path, */
	int image_fd;                  /* and the image that runs */
	const struct matrix_names *ld; /* whose binutils the addr2line is from */
	/* While it runs. */
	char *debug;
	pid_t pid; /* 0: not started */
	int to, from;
	struct str got;
	size_t answer; /* so many bytes came since the last question */
};

/* The first question finds the image with symbols and starts the program. What is
 * missing, and a program that does not answer, is ERR_TOOL or ERR_FAIL; then there is no
 * use in asking again. Signals end the call with ERR_SIGNAL. */
int symbolizer_ask(struct symbolizer *s, uint64_t address, struct symbols *out, struct err *e);
void symbolizer_free(struct symbolizer *s);

/* Rust's older symbol names, as a demangler for C++ leaves them: in place, without the
 * hash and with characters for the escapes (rustc: rustc_symbol_mangling, legacy.rs). */
void symbolizer_tidy(char *name);

#endif
