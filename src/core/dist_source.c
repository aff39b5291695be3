/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/component.h"
#include "core/fetch.h"
#include "core/home.h"
#include "core/rustc.h"

#define SERVER "https://static.rust-lang.org"

enum { SUM_MAX = 4096, MANIFEST_MAX = 8 << 20 };

/* The commit's date in "rustc 1.96.0 (ac68faa20 2026-05-25)". A build of somebody
 * else's says so behind it. */
static bool
published(const struct rustc *r, struct tm *date)
{
	char release[64], commit[64], end;
	int n = 0;

	*date = (struct tm){0};
	if (sscanf(r->line, "rustc %63s (%63s %4d-%2d-%2d)%n%c", release, commit, &date->tm_year,
		&date->tm_mon, &date->tm_mday, &n, &end) != 5 ||
	    n == 0 || strcmp(release, r->release) != 0)
		return false;
	date->tm_year -= 1900;
	date->tm_mon -= 1;
	return !strchr(release, '-') || str_ends(release, "-nightly");
}

bool
dist_source_known(const struct rustc *r)
{
	struct tm date;

	return published(r, &date);
}

char *
dist_source_url(const char *server, const struct rustc *r)
{
	struct tm date;
	char day[32];
	time_t next;

	published(r, &date);
	if (!str_ends(r->release, "-nightly"))
		return xasprintf("%s/dist/rust-src-%s.tar.xz", server, r->release);
	/* A nightly is published the day after its last commit. */
	next = timegm(&date) + 24 * 60 * 60;
	strftime(day, sizeof(day), "%F", gmtime_r(&next, &date));
	return xasprintf("%s/dist/%s/rust-src-nightly.tar.xz", server, day);
}

static char *
place(const char *cache, const struct rustc *r)
{
	return xasprintf("%s/src/%s", cache, r->id);
}

char *
dist_source_cached(const char *cache, const struct rustc *r)
{
	AUTOFREE char *dir = place(cache, r);
	char *library = xasprintf("%s/library", dir);

	if (fs_is_dir(library))
		return library;
	free(library);
	return NULL;
}

static int
take_sum(const char *url, const char *hex, char sha256[HASH_HEX + 1], struct err *e)
{
	if (!hex || strspn(hex, "0123456789abcdef") != HASH_HEX)
		return err_set(e, ERR_INTEGRITY, "%s: has no SHA-256 of the sources", url);
	memcpy(sha256, hex, HASH_HEX);
	sha256[HASH_HEX] = '\0';
	return 0;
}

/* A release's digest is published beside its tarball, a nightly's only in the channel
 * manifest of its day. */
static int
get_sum(struct fetch *f, const char *url, const struct rustc *r, char sha256[HASH_HEX + 1],
    struct err *e)
{
	static const char table[] = "\n[pkg.rust-src.target.\"*\"]\n", key[] = "\nxz_hash = \"";
	bool nightly = str_ends(r->release, "-nightly");
	AUTOFREE char *dir = fs_dirname(url);
	AUTOFREE char *place =
	    nightly ? xasprintf("%s/channel-rust-nightly.toml", dir) : xasprintf("%s.sha256", url);
	AUTO(str) text = {0};
	const char *at;

	if (fetch_text(f, place, nightly ? MANIFEST_MAX : SUM_MAX, &text, e) < 0)
		return -1;
	at = str_text(&text);
	if (nightly) {
		at = strstr(at, table);
		at = at ? strstr(at, key) : NULL;
		at = at ? at + strlen(key) : NULL;
	}
	return take_sum(place, at, sha256, e);
}

static int
unpack(const char *tarball, const char *stage, const struct rustc *r, struct err *e)
{
	struct component_want want = {.component = "rust-src", .prefix = "lib/rustlib/src/rust/"};
	AUTO(component_got) got = {0};
	AUTOFREE char *real = fs_realpath(stage, e);
	AUTOFREE char *library = xasprintf("%s/library", stage);

	if (!real || component_unpack(tarball, &want, real, &got, e) < 0)
		return -1;
	if (r->commit && !str_eq(got.commit, r->commit))
		return err_set(e, ERR_INTEGRITY, "%s: the sources are of commit %s, and %s is %s",
		    tarball, got.commit ? got.commit : "(unknown)", r->exe, r->commit);
	if (!fs_is_dir(library))
		return err_set(e, ERR_INTEGRITY, "%s: has no library folder", tarball);
	return 0;
}

/* Under a lock: two runs for one compiler must not unpack into each other. */
static int
publish(struct fetch *f, const char *tarball, const struct rustc *r, struct err *e)
{
	AUTOFREE char *dir = place(f->home->cache, r);
	AUTOFREE char *parent = fs_dirname(dir);
	AUTOFREE char *lock = xasprintf("%s/lock", parent);
	AUTOFREE char *there = NULL;
	AUTOFREE char *stage = NULL;
	AUTOFD int held = -1;
	struct err ignored;

	if (fs_lock(lock, NULL, NULL, &held, e) < 0)
		return -1;
	there = dist_source_cached(f->home->cache, r);
	if (there)
		return 0;
	fs_sweep(parent);
	stage = fs_stage(parent, e);
	if (!stage)
		return -1;
	if (unpack(tarball, stage, r, e) == 0 && fs_publish(stage, dir, e) == 0)
		return 0;
	fs_remove(stage, &ignored);
	return -1;
}

char *
dist_source_get(struct fetch *f, const struct rustc *r, struct err *e)
{
	const char *own = getenv("RUSTUP_DIST_SERVER");
	AUTOFREE char *url = dist_source_url(own && *own ? own : SERVER, r);
	struct fetch_file file = {.url = url, .name = "the sources of std"};
	char sha256[HASH_HEX + 1];
	int rc;

	if (get_sum(f, url, r, sha256, e) < 0)
		return NULL;
	file.sha256 = sha256;
	if (fetch_files(f, &file, 1, e) < 0)
		return NULL;
	rc = publish(f, file.path, r, e);
	fetch_files_free(&file, 1);
	return rc < 0 ? NULL : dist_source_cached(f->home->cache, r);
}
