/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust doctest RUSTDOC ARG...: for kraft-rustdoc, not for people. Runs doc tests and
 * reports them as Rust's own test harness does. */
#include "core/doctest.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/cmd.h"

enum { SOME_FAILED = 101 }; /* the harness's exit status */

struct tally {
	size_t passed, failed, ignored;
	struct strv names; /* of those that failed */
	struct str details;
};

static void
tally_free(struct tally *t)
{
	strv_free(&t->names);
	str_free(&t->details);
}

static int
run_one(const struct doctest *d, size_t i, const char *name, struct tally *t, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	AUTOFREE char *dir = fs_stage(tmp && *tmp ? tmp : "/tmp", e);
	AUTO(str) said = {0};
	enum doctest_result result;
	struct err ignored;
	int rc;

	if (!dir)
		return -1;
	printf("test %s ... ", name);
	fflush(stdout);
	rc = doctest_run(d, i, dir, &result, &said, e);
	fs_remove(dir, &ignored);
	if (rc < 0)
		return -1;
	printf("%s\n", result == DOCTEST_OK       ? "ok"
		       : result == DOCTEST_FAILED ? "FAILED"
						  : "ignored");
	t->passed += result == DOCTEST_OK;
	t->ignored += result == DOCTEST_IGNORED;
	if (result != DOCTEST_FAILED)
		return 0;
	t->failed++;
	strv_add(&t->names, name);
	str_addf(&t->details, "---- %s stdout ----\n%s\n", name, str_text(&said));
	return 0;
}

static void
report(const struct tally *t, size_t filtered, const struct timespec *start)
{
	struct timespec end;

	if (t->failed > 0) {
		printf("\nfailures:\n\n%s\nfailures:\n", str_text(&t->details));
		for (size_t i = 0; i < t->names.n; i++)
			printf("    %s\n", t->names.v[i]);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf(
	    "\ntest result: %s. %zu passed; %zu failed; %zu ignored; 0 measured; %zu filtered out; "
	    "finished in %.2fs\n\n",
	    t->failed ? "FAILED" : "ok", t->passed, t->failed, t->ignored, filtered,
	    (double)(end.tv_sec - start->tv_sec) + (double)(end.tv_nsec - start->tv_nsec) / 1e9);
}

int
cmd_doctest(struct ctx *c, struct err *e)
{
	AUTO(doctest) d = {0};
	AUTO(tally) t = {0};
	struct timespec start;
	size_t n, filtered;
	int failed;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (doctest_parse(&c->args, &d, e) < 0 || doctest_list(&d, &failed, e) < 0)
		return -1;
	if (failed != 0)
		return failed;
	n = doctest_count(&d, &filtered);
	printf("\nrunning %zu test%s\n", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n + filtered; i++) {
		bool wanted;
		const char *name = doctest_name(&d, i, &wanted);

		if (wanted && run_one(&d, i, name, &t, e) < 0)
			return -1;
	}
	report(&t, filtered, &start);
	return t.failed ? SOME_FAILED : 0;
}
