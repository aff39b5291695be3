/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/doctest.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"

void
doctest_free(struct doctest *d)
{
	free(d->rustdoc);
	free(d->run_dir);
	free(d->edition);
	strv_free(&d->rustdoc_args);
	strv_free(&d->rustc_args);
	strv_free(&d->runtool);
	strv_free(&d->filters);
	js_unref(&d->tests);
}

/* The value of "--name VALUE" or "--name=VALUE" at args[*i]; NULL: another option. */
static const char *
value_of(const struct strv *args, size_t *i, const char *name)
{
	size_t n = strlen(name);
	const char *arg = args->v[*i];

	if (strncmp(arg, name, n) != 0)
		return NULL;
	if (arg[n] == '=')
		return arg + n + 1;
	return arg[n] == '\0' && *i + 1 < args->n ? args->v[++*i] : NULL;
}

/* A word for the test harness, cargo's after "--". */
static int
take_word(struct doctest *d, const char *word, struct err *e)
{
	static const char *const plain[] = {"--show-output", "--quiet", "-q"};

	if (word[0] != '-') {
		strv_add(&d->filters, word);
		return 0;
	}
	if (strcmp(word, "--exact") == 0)
		d->exact = true;
	else if (strcmp(word, "--nocapture") == 0 || strcmp(word, "--no-capture") == 0)
		d->nocapture = true;
	else if (strncmp(word, "--test-threads=", 15) != 0 && strncmp(word, "--color=", 8) != 0) {
		for (size_t i = 0; i < ARRAY_LEN(plain); i++)
			if (strcmp(word, plain[i]) == 0)
				return 0;
		return err_set(e, ERR_USAGE, "doc tests for this target do not know '%s'", word);
	}
	return 0;
}

/* What is about running the tests, and nothing that rustdoc may see now: 1 when the
 * option was one of them. */
static int
take_running(struct doctest *d, const struct strv *args, size_t *i, struct err *e)
{
	const char *value;

	if (strcmp(args->v[*i], "--test") == 0)
		return 1;
	if (strcmp(args->v[*i], "--no-run") == 0 || strcmp(args->v[*i], "--nocapture") == 0) {
		*(args->v[*i][4] == '-' ? &d->no_run : &d->nocapture) = true;
		return 1;
	}
	if ((value = value_of(args, i, "--test-runtool")))
		strv_add(&d->runtool, value);
	else if ((value = value_of(args, i, "--test-runtool-arg")))
		strv_add(&d->runtool, value);
	else if ((value = value_of(args, i, "--test-args"))) {
		AUTO(strv) words = {0};

		strv_split(&words, value, ' ');
		for (size_t k = 0; k < words.n; k++)
			if (take_word(d, words.v[k], e) < 0)
				return -1;
	} else if ((value = value_of(args, i, "--test-run-directory"))) {
		free(d->run_dir);
		d->run_dir = xstrdup(value);
	} else
		return value_of(args, i, "--persist-doctests") ? 1 : 0;
	return 1;
}

/* The options that rustdoc hands to rustc for each test. */
static void
keep_for_rustc(struct doctest *d, const struct strv *args, size_t at)
{
	static const char *const kept[] = {"--target", "--sysroot", "--extern", "--cfg",
	    "--check-cfg", "--cap-lints", "-L", "-C", "-Z"};
	const char *arg = args->v[at];

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		size_t n = strlen(kept[i]);

		if (strncmp(arg, kept[i], n) != 0 || (kept[i][1] == '-' && arg[n] && arg[n] != '='))
			continue;
		strv_add(&d->rustc_args, arg);
		if (arg[n] == '\0' && at + 1 < args->n)
			strv_add(&d->rustc_args, args->v[at + 1]);
		return;
	}
}

int
doctest_parse(const struct strv *args, struct doctest *d, struct err *e)
{
	d->rustdoc = xstrdup(args->v[0]);
	for (size_t i = 1; i < args->n; i++) {
		size_t at = i;
		const char *edition;
		int taken = take_running(d, args, &i, e);

		if (taken < 0)
			return -1;
		if (taken)
			continue;
		keep_for_rustc(d, args, at);
		edition = value_of(args, &i, "--edition");
		if (edition) {
			free(d->edition);
			d->edition = xstrdup(edition);
		}
		i = at;
		strv_add(&d->rustdoc_args, args->v[at]);
	}
	return 0;
}

int
doctest_list(struct doctest *d, int *failed, struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	struct proc p = {.env = &env, .out = &out};
	struct js *all;

	strv_add(&argv, d->rustdoc);
	strv_addv(&argv, &d->rustdoc_args);
	strv_addl(&argv, "--test", "-Zunstable-options", "--output-format=doctest", NULL);
	strv_add(&env, "RUSTC_BOOTSTRAP=1");
	p.argv = argv.v;
	if (proc_run(&p, failed, e) < 0)
		return -1;
	if (*failed != 0)
		return 0;
	all = js_parse("rustdoc --output-format=doctest", str_text(&out), out.len, e);
	d->tests = js_copy(js_get(all, "doctests"));
	js_free(all);
	return d->tests ? 0 : err_set(e, ERR_TOOL, "%s listed no doc tests", d->rustdoc);
}

static bool
wanted(const struct doctest *d, const char *name)
{
	for (size_t i = 0; i < d->filters.n; i++)
		if (d->exact ? strcmp(name, d->filters.v[i]) == 0 : !!strstr(name, d->filters.v[i]))
			return true;
	return d->filters.n == 0;
}

const char *
doctest_name(const struct doctest *d, size_t i, bool *is_wanted)
{
	const char *name = js_get_text(js_at(d->tests, i), "name");

	name = name ? name : "(unnamed)";
	*is_wanted = wanted(d, name);
	return name;
}

size_t
doctest_count(const struct doctest *d, size_t *filtered)
{
	size_t n = 0;

	for (size_t i = 0; i < js_len(d->tests); i++) {
		bool is_wanted;

		doctest_name(d, i, &is_wanted);
		n += is_wanted;
	}
	*filtered = js_len(d->tests) - n;
	return n;
}

static void
add_text(struct str *out, const struct js *obj, const char *key)
{
	const char *text = js_get_text(obj, key);

	str_add(out, text ? text : "");
}

/* The program that rustdoc made of the example; without one the example as it is. */
static int
write_source(const struct js *test, const char *path, struct err *e)
{
	struct js *code = js_get(test, "doctest_code");
	struct js *wrapper = js_get(code, "wrapper");
	AUTO(str) text = {0};

	add_text(&text, code, "crate_level");
	add_text(&text, wrapper, "before");
	add_text(&text, js_is_obj(code) ? code : test, js_is_obj(code) ? "code" : "original_code");
	add_text(&text, wrapper, "after");
	str_addc(&text, '\n');
	return fs_put_if_changed(path, str_text(&text), e);
}

static int
compile(const struct doctest *d, const struct js *attrs, const char *dir, int *status,
    struct str *said, struct err *e)
{
	AUTOFREE char *source = xasprintf("%s/rust_out.rs", dir);
	AUTOFREE char *output = xasprintf("--out-dir=%s", dir);
	AUTOFREE char *beside = fs_dirname(d->rustdoc);
	AUTOFREE char *rustc = strchr(d->rustdoc, '/') ? xasprintf("%s/rustc", beside) : NULL;
	const char *edition = js_get_text(attrs, "edition");
	const char *own = getenv("RUSTC_BOOTSTRAP");
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	struct proc p = {.env = &env, .out = said, .err_out = said};

	strv_addl(&argv, rustc && fs_exists(rustc) ? rustc : "rustc", "--crate-name=rust_out",
	    "--crate-type=bin", output, NULL);
	if (edition || d->edition)
		strv_addf(&argv, "--edition=%s", edition ? edition : d->edition);
	strv_addv(&argv, &d->rustc_args);
	if (js_is_true(js_get(attrs, "test_harness")))
		strv_add(&argv, "--test");
	if (js_is_true(js_get(attrs, "no_run")) || d->no_run)
		strv_add(&argv, "--emit=metadata");
	/* On a nightly the flag is among the arguments, and features are open. */
	if (!strv_has(&d->rustc_args, "-Zunstable-options")) {
		strv_add(&argv, "-Zunstable-options");
		if (!(own && *own))
			strv_add(&argv, "-Zallow-features=");
	}
	strv_add(&argv, source);
	strv_add(&env, "RUSTC_BOOTSTRAP=1");
	p.argv = argv.v;
	return proc_run(&p, status, e);
}

static int
execute(const struct doctest *d, const char *dir, int *status, struct str *said, struct err *e)
{
	AUTO(strv) argv = {0};
	struct proc p = {.cwd = d->run_dir,
	    .out = d->nocapture ? NULL : said,
	    .err_out = d->nocapture ? NULL : said};

	strv_addv(&argv, &d->runtool);
	strv_addf(&argv, "%s/rust_out", dir);
	p.argv = argv.v;
	return proc_run(&p, status, e);
}

/* Whether the compiler failed for the reasons that the example names. */
static bool
failed_as_told(const struct js *attrs, const struct str *said)
{
	struct js *codes = js_get(attrs, "error_codes");

	for (size_t i = 0; i < js_len(codes); i++)
		if (js_text(js_at(codes, i)) && !strstr(str_text(said), js_text(js_at(codes, i))))
			return false;
	return true;
}

static const char *
target_of(const struct doctest *d)
{
	const char *target = NULL, *value;

	for (size_t i = 0; i < d->rustc_args.n; i++)
		if ((value = value_of(&d->rustc_args, &i, "--target")))
			target = value;
	return target ? target : "";
}

/* "None", or "All", or {"Some": parts of the names of targets that it is not for}. */
static bool
is_ignored(const struct doctest *d, const struct js *attrs)
{
	const struct js *ignore = js_get(attrs, "ignore");
	const struct js *some = js_get(ignore, "Some");
	const char *target = target_of(d);

	for (size_t i = 0; i < js_len(some); i++)
		if (js_text(js_at(some, i)) && strstr(target, js_text(js_at(some, i))))
			return true;
	return !js_is_arr(some) && !str_eq(js_text(ignore), "None");
}

int
doctest_run(const struct doctest *d, size_t i, const char *dir, enum doctest_result *result,
    struct str *said, struct err *e)
{
	const struct js *test = js_at(d->tests, i);
	const struct js *attrs = js_get(test, "doctest_attributes");
	AUTOFREE char *source = xasprintf("%s/rust_out.rs", dir);
	bool must_fail = js_is_true(js_get(attrs, "compile_fail"));
	int status;

	*result = DOCTEST_IGNORED;
	if (is_ignored(d, attrs))
		return 0;
	*result = DOCTEST_FAILED;
	if (write_source(test, source, e) < 0 || compile(d, attrs, dir, &status, said, e) < 0)
		return -1;
	if (must_fail && status == 0)
		str_add(said, "Test compiled successfully, but it's marked `compile_fail`.\n");
	if (must_fail || status != 0) {
		if (must_fail && status != 0 && failed_as_told(attrs, said))
			*result = DOCTEST_OK;
		return 0;
	}
	if (js_is_true(js_get(attrs, "no_run")) || d->no_run) {
		*result = DOCTEST_OK;
		return 0;
	}
	if (execute(d, dir, &status, said, e) < 0)
		return -1;
	if (js_is_true(js_get(attrs, "should_panic")) == (status != 0))
		*result = DOCTEST_OK;
	else if (status == 0)
		str_add(said, "Test executable succeeded, but it's marked `should_panic`.\n");
	return 0;
}
