/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/gc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/home.h"
#include "core/installed.h"
#include "core/kitdebug.h"
#include "core/progress.h"
#include "core/stdstore.h"
#include "core/sysroot.h"
#include "core/wrapconf.h"

/* One run. */
struct run {
	const struct gc *gc;
	struct strv keys;     /* the stds that stay, */
	struct strv archives; /* the tarballs that they are from, */
	struct strv kits;     /* and the kits */
	struct strv held;     /* locks of ours, files that go again */
	int *fds;
	size_t n;
	uint64_t bytes;
};

static void
run_free(struct run *r)
{
	for (size_t i = 0; i < r->held.n; i++) {
		unlink(r->held.v[i]);
		mem_close_fd(&r->fds[i]);
	}
	free(r->fds);
	strv_free(&r->keys);
	strv_free(&r->archives);
	strv_free(&r->kits);
	strv_free(&r->held);
}

static uint64_t
size_of(const char *path)
{
	AUTO(strv) names = {0};
	struct err ignored;
	struct stat st;
	uint64_t sum;

	if (lstat(path, &st) < 0)
		return 0;
	sum = (uint64_t)st.st_blocks * 512;
	if (!S_ISDIR(st.st_mode) || fs_list(path, &names, &ignored) < 0)
		return sum;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *below = xasprintf("%s/%s", path, names.v[i]);

		sum += size_of(below);
	}
	return sum;
}

static int
drop(struct run *r, const char *path, struct err *e)
{
	const struct gc *gc = r->gc;
	AUTOFREE char *text = xasprintf(gc->dry_run ? "would remove %s" : "removing %s", path);

	r->n++;
	r->bytes += size_of(path);
	gc->progress->step(gc->progress->ctx, text);
	return gc->dry_run ? 0 : fs_remove(path, e);
}

/* Take a lock of the cache without waiting; it is held to the end of the run. False:
 * a running command has it. */
static bool
take_lock(struct run *r, const char *path)
{
	AUTOFD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat mine, there;

	/* A lock that was removed while it was opened is another command's business. */
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &mine) < 0 ||
	    stat(path, &there) < 0 || mine.st_ino != there.st_ino)
		return false;
	r->fds = xrealloc(r->fds, (r->held.n + 1) * sizeof(*r->fds));
	r->fds[r->held.n] = take_fd(fd);
	strv_add(&r->held, path);
	return true;
}

static void
keep_std(struct run *r, const char *key)
{
	AUTOFREE char *dir = stdstore_dir(r->gc->home->data, key);
	AUTOFREE char *path = xasprintf("%s/std.json", dir);
	AUTOJS struct js *j = NULL;
	struct err ignored;

	if (strv_has(&r->keys, key))
		return;
	strv_add(&r->keys, key);
	j = fs_is_file(path) ? js_load(path, &ignored) : NULL;
	if (js_get_text(j, "archive") && !r->gc->all)
		strv_add(&r->archives, js_get_text(j, "archive"));
}

/* What is installed, and so stays. A wrapper config that cannot be read ends the run:
 * it may name any kit. */
static int
find_used(struct run *r, struct err *e)
{
	AUTOFREE char *quoted = fs_glob_quote(r->gc->home->data);
	AUTOFREE char *pattern = xasprintf("%s/linkers/*.conf", quoted);
	AUTO(installed_list) list = {0};
	AUTO(strv) confs = {0};

	if (installed_load(r->gc->home->data, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		keep_std(r, list.v[i].std_key);
	fs_glob(pattern, &confs);
	for (size_t i = 0; i < confs.n; i++) {
		AUTO(wrapconf) conf = {0};

		if (wrapconf_load(confs.v[i], &conf, e) < 0)
			return err_hint(e, "install its combination again, or remove the file");
		if (conf.kit)
			strv_add(&r->kits, conf.kit);
	}
	return 0;
}

static int
drop_links(struct run *r, const char *std, struct err *e)
{
	AUTO(strv) links = {0};

	sysroot_links(r->gc->home->data, &links);
	for (size_t i = 0; i < links.n; i++) {
		AUTOFREE char *leads = fs_readlink(links.v[i]);

		if (str_eq(leads, std) && drop(r, links.v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
drop_stds(struct run *r, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/std", r->gc->home->data);
	AUTO(strv) names = {0};

	if (fs_list(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[i]);

		if (strv_has(&r->keys, names.v[i]))
			continue;
		if (drop_links(r, path, e) < 0 || drop(r, path, e) < 0)
			return -1;
	}
	return 0;
}

static int
drop_kits(struct run *r, struct err *e)
{
	AUTOFREE char *kits = xasprintf("%s/kits", r->gc->home->data);
	AUTO(strv) combos = {0};

	if (fs_list(kits, &combos, e) < 0)
		return -1;
	for (size_t i = 0; i < combos.n; i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", kits, combos.v[i]);
		AUTO(strv) names = {0};

		if (!fs_is_dir(dir))
			continue;
		if (fs_list(dir, &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.n; k++) {
			AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[k]);
			AUTOFREE char *kit = xstrdup(path);

			/* A kit's debug information stays as long as the kit. */
			if (str_ends(kit, KITDEBUG_SUFFIX))
				kit[strlen(kit) - strlen(KITDEBUG_SUFFIX)] = '\0';
			/* A link that has begun with it is not disturbed. */
			if (!strv_has(&r->kits, kit) && !fs_in_use(kit) && drop(r, path, e) < 0)
				return -1;
		}
		fs_prune(dir, r->gc->home->data);
	}
	return 0;
}

/* <sha256>, <sha256>.partial and <sha256>.lock go together, under the lock. */
static int
drop_downloads(struct run *r, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/downloads", r->gc->home->cache);
	AUTO(strv) names = {0};

	if (fs_list(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[i]);
		AUTOFREE char *sha256 = xstrndup(names.v[i], HASH_HEX);
		AUTOFREE char *lock = xasprintf("%s/%s.lock", dir, sha256);

		if (strv_has(&r->archives, sha256) && strcmp(names.v[i], sha256) == 0)
			continue;
		if (!strv_has(&r->held, lock) && !take_lock(r, lock))
			continue;
		/* A killed run's lock goes with ours. */
		if (strcmp(path, lock) != 0 && drop(r, path, e) < 0)
			return -1;
	}
	return 0;
}

/* What builds left, and then, with no build running, the sources for them. */
static int
drop_builds(struct run *r, struct err *e)
{
	AUTOFREE char *builds = xasprintf("%s/build", r->gc->home->cache);
	AUTOFREE char *src = xasprintf("%s/src", r->gc->home->cache);
	AUTOFREE char *src_lock = xasprintf("%s/lock", src);
	AUTO(strv) names = {0};
	bool running = false;

	if (fs_list(builds, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", builds, names.v[i]);
		AUTOFREE char *lock = xasprintf("%s/lock", path);

		if (!take_lock(r, lock))
			running = true;
		else if (drop(r, path, e) < 0)
			return -1;
	}
	if (!running && fs_is_dir(src) && take_lock(r, src_lock))
		return drop(r, src, e);
	return 0;
}

static int
drop_all(struct run *r, struct err *e)
{
	const struct home *home = r->gc->home;

	if (fs_is_dir(home->data) &&
	    (find_used(r, e) < 0 || drop_stds(r, e) < 0 || drop_kits(r, e) < 0))
		return -1;
	return drop_downloads(r, e) < 0 || drop_builds(r, e) < 0 ? -1 : 0;
}

int
gc_run(const struct gc *gc, size_t *n, uint64_t *bytes, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/lock", gc->home->data);
	AUTOFD int held = -1;
	AUTO(run) r = {.gc = gc};
	int rc;

	if (fs_is_dir(gc->home->data) &&
	    fs_lock(path, progress_waiting, gc->progress, &held, e) < 0)
		return -1;
	rc = drop_all(&r, e);
	*n = r.n;
	*bytes = r.bytes;
	return rc;
}
