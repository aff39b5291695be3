/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests share: a folder for each test, files and fake programs in it.
 * Include it after cmocka.h. */
#ifndef KRAFT_RUST_TESTS_SUPPORT_H
#define KRAFT_RUST_TESTS_SUPPORT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

/* For cmocka_unit_test_setup_teardown: *state is the path of a new folder, whose
 * name has a space, a quote and a bracket, with no link in it. */
static inline int
support_setup(void **state)
{
	static char base[4000]; /* from before any test has set TMPDIR */
	const char *tmp = getenv("TMPDIR");
	AUTOFREE char *dir = NULL;
	struct err e;

	if (!*base)
		snprintf(base, sizeof(base), "%s", tmp && *tmp ? tmp : "/tmp");
	dir = xasprintf("%s/kraft 't[e]st-XXXXXX", base);
	if (!mkdtemp(dir))
		return -1;
	*state = fs_realpath(dir, &e);
	return *state ? 0 : -1;
}

static inline int
support_teardown(void **state)
{
	struct err e;
	int rc = fs_remove(*state, &e);

	free(*state);
	return rc;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

/* Every path is made with join: "dir/name", owned by the caller. */
static inline char *
join(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

/* Write dir/name and the folders on the way, with these permissions. */
static inline void
put_mode(const char *dir, const char *name, const char *text, mode_t mode)
{
	AUTOFREE char *path = join(dir, name);
	AUTOFREE char *parent = fs_dirname(path);
	struct err e = {0};
	FILE *f;

	if (fs_mkdirs(parent, &e) < 0)
		fail_msg("%s", e.msg);
	f = fopen(path, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) < 0)
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

static inline void
put(const char *dir, const char *name, const char *text)
{
	put_mode(dir, name, text, 0644);
}

/* An executable shell script. */
static inline void
put_script(const char *dir, const char *name, const char *text)
{
	AUTOFREE char *whole = xasprintf("#!/bin/sh\n%s", text);

	put_mode(dir, name, whole, 0755);
}

/* The contents of dir/name, owned by the caller; NULL when it is not there. */
static inline char *
get(const char *dir, const char *name)
{
	AUTOFREE char *path = join(dir, name);
	AUTO(str) text = {0};
	struct err e;

	return fs_read(path, 64 << 20, &text, &e) < 0 ? NULL : str_take(&text);
}

static inline void
assert_file(const char *dir, const char *name, const char *want)
{
	AUTOFREE char *text = get(dir, name);

	if (!text)
		fail_msg("%s/%s is not there", dir, name);
	assert_string_equal(text, want);
}

static inline void
support_walk(const char *dir, const char *prefix, struct str *out)
{
	AUTO(strv) names = {0};
	struct err e;

	if (fs_list(dir, &names, &e) < 0)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = join(dir, names.v[i]);
		AUTOFREE char *shown = xasprintf("%s%s", prefix, names.v[i]);
		AUTOFREE char *leads = fs_readlink(path);

		if (leads) {
			str_addf(out, "%s@\n", shown);
		} else if (fs_is_dir(path)) {
			AUTOFREE char *deeper = xasprintf("%s/", shown);

			str_addf(out, "%s\n", deeper);
			support_walk(path, deeper, out);
		} else {
			str_addf(out, "%s\n", shown);
		}
	}
}

/* Everything below dir, hidden files too, a line each: "a/", "a/file", "link@".
 * Owned by the caller. */
static inline char *
tree(const char *dir)
{
	AUTO(str) out = {0};

	support_walk(dir, "", &out);
	return str_take(&out);
}

/* The lines of one that are not in other. */
static inline char *
support_only_in(const char *one, const char *other)
{
	AUTO(strv) lines = {0};
	AUTO(strv) there = {0};
	AUTO(str) out = {0};

	strv_split(&lines, one, '\n');
	strv_split(&there, other, '\n');
	for (size_t i = 0; i < lines.n; i++)
		if (!strv_has(&there, lines.v[i]))
			str_addf(&out, " '%s'", lines.v[i]);
	return str_take(&out);
}

static inline void
assert_tree(const char *dir, const char *want)
{
	AUTOFREE char *now = tree(dir);
	AUTOFREE char *more = support_only_in(now, want);
	AUTOFREE char *gone = support_only_in(want, now);

	if (strcmp(now, want) != 0)
		fail_msg("in %s there is more:%s; there is not:%s", dir, more, gone);
}

/* How many lines a fake program has left in dir/name. */
static inline size_t
count_lines(const char *dir, const char *name)
{
	AUTOFREE char *text = get(dir, name);
	size_t n = 0;

	for (const char *p = text; p && (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

static inline void
nap(long ms)
{
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

/* Until another process has made dir/name. */
static inline void
wait_for(const char *dir, const char *name)
{
	AUTOFREE char *path = join(dir, name);

	for (int i = 0; i < 1000 && !fs_exists(path); i++)
		nap(10);
	assert_true(fs_exists(path));
}

#define assert_ok(call, e) \
	do { \
		if ((call) < 0) \
			fail_msg("%s: %s", #call, (e)->msg); \
	} while (0)

#define assert_has(text, part) \
	do { \
		if (!strstr(text, part)) \
			fail_msg("'%s' is not in '%s'", part, text); \
	} while (0)

#endif
