/* SPDX-License-Identifier: BSD-3-Clause */
/* Doc tests for a target that is found by its name but not built in. rustdoc panics when
 * it is to run them (rust: src/librustdoc/doctest.rs, add_exe_suffix looks for a built-in
 * target), but still writes down what they are: with --output-format=doctest. Compiling
 * and running them is done here, as rustdoc does it. */
#ifndef KRAFT_RUST_CORE_DOCTEST_H
#define KRAFT_RUST_CORE_DOCTEST_H

#include <stdbool.h>

#include "base/str.h"

struct err;
struct js;

/* A call of rustdoc --test, taken apart. */
struct doctest {
	char *rustdoc;
	struct strv rustdoc_args; /* to list the tests with */
	struct strv rustc_args;   /* to compile one of them with */
	struct strv runtool;      /* what runs the target's programs */
	struct strv filters;      /* only tests whose names contain one of them */
	char *run_dir;            /* the folder to run them in; NULL: this one */
	char *edition;
	bool no_run, exact, nocapture;
	struct js *tests; /* rustdoc's description of them */
};

enum doctest_result { DOCTEST_OK, DOCTEST_FAILED, DOCTEST_IGNORED };

/* Understand cargo's call: args[0] is the rustdoc. ERR_USAGE for an option of the test
 * harness that is not known here. */
int doctest_parse(const struct strv *args, struct doctest *d, struct err *e);
/* Have rustdoc list the tests; what it says of the crate goes to standard error. *failed
 * is its exit status. */
int doctest_list(struct doctest *d, int *failed, struct err *e);
/* How many of them are wanted. */
size_t doctest_count(const struct doctest *d, size_t *filtered);
/* The i-th test that was listed: its name, and whether it is wanted. */
const char *doctest_name(const struct doctest *d, size_t i, bool *wanted);
/* Compile and run it in the empty folder dir; said is what there was to say. */
int doctest_run(const struct doctest *d, size_t i, const char *dir, enum doctest_result *result,
    struct str *said, struct err *e);
void doctest_free(struct doctest *d);

#endif
