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

enum { MANIFEST_MAX = 8 << 20 };

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
	return !strchr(release, '-') || str_ends(release, "-nightly") || strstr(release, "-beta.");
}

bool
dist_source_known(const struct rustc *r)
{
	struct tm date;

	return published(r, &date);
}

/* The channel manifest that has its sources: rustup finds them so too (rustup:
 * src/dist/mod.rs). Releases and betas have one for each version, a nightly has that of
 * its day, the one after its last commit's. */
static char *
manifest_url(const char *server, const struct rustc *r)
{
	struct tm date;
	char day[32];
	time_t next;

	if (!str_ends(r->release, "-nightly"))
		return xasprintf("%s/dist/channel-rust-%s.toml", server, r->release);
	published(r, &date);
	next = timegm(&date) + 24 * 60 * 60;
	strftime(day, sizeof(day), "%F", gmtime_r(&next, &date));
	return xasprintf("%s/dist/%s/channel-rust-nightly.toml", server, day);
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

/* What the manifest says of the sources; NULL when it does not. Owned by the caller. */
static char *
manifest_value(const char *manifest, const char *key)
{
	static const char table[] = "\n[pkg.rust-src.target.\"*\"]\n";
	AUTOFREE char *line = xasprintf("\n%s = \"", key);
	const char *at = strstr(manifest, table), *end;

	if (!at)
		return NULL;
	end = strstr(at + strlen(table), "\n[");
	at = strstr(at, line);
	if (!at || (end && at > end))
		return NULL;
	at += strlen(line);
	return xstrndup(at, strcspn(at, "\"\n"));
}

/* The tarball's URL and digest; false when the manifest has none that can be used. */
static bool
understand(const char *manifest, const char *server, char **url, char sha256[HASH_HEX + 1])
{
	AUTOFREE char *hex = manifest_value(manifest, "xz_hash");
	AUTOFREE char *where = manifest_value(manifest, "xz_url");

	if (!hex || !where || strlen(hex) != HASH_HEX ||
	    strspn(hex, "0123456789abcdef") != HASH_HEX)
		return false;
	memcpy(sha256, hex, HASH_HEX + 1);
	/* A mirror has Rust's own manifests, and rustup reads them so too. */
	if (str_starts(where, SERVER "/"))
		*url = xasprintf("%s%s", server, where + strlen(SERVER));
	else
		*url = take_ptr(where);
	return true;
}

static char *
locate(struct fetch *f, const struct rustc *r, char sha256[HASH_HEX + 1], struct err *e)
{
	const char *own = getenv("RUSTUP_DIST_SERVER");
	const char *server = own && *own ? own : SERVER;
	AUTOFREE char *place = manifest_url(server, r);
	AUTO(str) text = {0};
	char *url = NULL;

	if (fetch_text(f, place, MANIFEST_MAX, &text, e) < 0)
		return NULL;
	if (!understand(str_text(&text), server, &url, sha256))
		err_set(e, ERR_INTEGRITY, "%s: has no sources with a SHA-256", place);
	return url;
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
	char sha256[HASH_HEX + 1];
	AUTOFREE char *url = locate(f, r, sha256, e);
	struct fetch_file file = {.url = url, .sha256 = sha256, .name = "the sources of std"};
	int rc;

	if (!url)
		return NULL;
	if (fetch_files(f, &file, 1, e) < 0)
		return NULL;
	rc = publish(f, file.path, r, e);
	fetch_files_free(&file, 1);
	return rc < 0 ? NULL : dist_source_cached(f->home->cache, r);
}
