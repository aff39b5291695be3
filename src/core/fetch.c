/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/str.h"
#include "core/fetch_private.h"
#include "core/home.h"
#include "core/progress.h"

static void
on_bytes(void *ctx, uint64_t done, uint64_t total)
{
	const struct fetch *f = ctx;

	if (f->progress->bytes)
		f->progress->bytes(f->progress->ctx, done, total);
}

int
fetch_open(struct fetch *f, const struct home *home, const struct progress *progress, bool offline,
    struct err *e)
{
	*f = (struct fetch){.home = home, .progress = progress, .offline = offline};
	if (dist_conf_load(home, &f->conf, e) == 0 &&
	    (offline || dist_conf_check(&f->conf, e) == 0))
		return 0;
	fetch_free(f);
	return -1;
}

struct net *
fetch_net(struct fetch *f)
{
	struct net_options options = {.plain_http = f->conf.plain_http,
	    .stall = f->conf.timeout,
	    .progress = on_bytes,
	    .ctx = f};

	if (!f->net)
		f->net = net_new(&options);
	return f->net;
}

void
fetch_free(struct fetch *f)
{
	net_free(f->net);
	dist_conf_free(&f->conf);
	*f = (struct fetch){0};
}

static void
waiting(const void *ctx)
{
	const struct fetch *f = ctx;

	f->progress->step(f->progress->ctx, "waiting for another kraft-rust to fetch it");
}

int
fetch_text(struct fetch *f, const char *url, size_t max, struct str *out, struct err *e)
{
	struct net_item item = {.url = url, .text = out, .size = max};

	if (f->offline)
		return err_set(e, ERR_NETWORK, "%s: not fetched with --offline", url);
	return net_get(fetch_net(f), &item, 1, e);
}

bool
fetch_cached(const struct fetch *f, const struct fetch_hit *hit)
{
	AUTOFREE char *path =
	    xasprintf("%s/downloads/%s", f->home->cache, dist_item_best(&hit->item)->sha256);

	return fs_is_file(path);
}

/* Under the file's lock: whether the cache has it, whole. What is damaged goes. */
static bool
cached(const struct fetch_file *file)
{
	char hex[HASH_HEX + 1];
	struct err ignored;

	if (!fs_is_file(file->path))
		return false;
	if (hash_file(file->path, hex, &ignored) == 0 && strcmp(hex, file->sha256) == 0)
		return true;
	unlink(file->path);
	return false;
}

static int
by_hash(const void *a, const void *b)
{
	const struct fetch_file *const *x = a, *const *y = b;

	return strcmp((*x)->sha256, (*y)->sha256);
}

/* Every process takes the locks in the same order, so that none waits for one that
 * waits for it. */
static int
lock_all(struct fetch *f, struct fetch_file *files, size_t n, struct err *e)
{
	AUTOFREE struct fetch_file **order = xcalloc(n, sizeof(struct fetch_file *));

	for (size_t i = 0; i < n; i++)
		order[i] = &files[i];
	qsort(order, n, sizeof(*order), by_hash);
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *lock = NULL;

		order[i]->lock = -1;
		order[i]->path = xasprintf("%s/downloads/%s", f->home->cache, order[i]->sha256);
		lock = xasprintf("%s.lock", order[i]->path);
		if (fs_lock(lock, waiting, f, &order[i]->lock, e) < 0)
			return -1;
	}
	return 0;
}

static void
say_fetching(const struct fetch *f, const struct fetch_file *file)
{
	AUTOFREE char *shown = net_shown(file->url);
	AUTOFREE char *text = NULL;

	if (file->size)
		text = xasprintf(
		    "fetching %s (%.1f MB) from %s", file->name, (double)file->size / 1e6, shown);
	else
		text = xasprintf("fetching %s from %s", file->name, shown);
	f->progress->step(f->progress->ctx, text);
}

/* Fetch what the cache lacks. */
static int
get_all(struct fetch *f, struct fetch_file *files, size_t n, struct err *e)
{
	AUTOFREE struct net_item *items = xcalloc(n, sizeof(*items));
	AUTOFREE size_t *which = xcalloc(n, sizeof(*which));
	AUTO(strv) partials = {0};
	size_t wanted = 0;

	for (size_t i = 0; i < n; i++) {
		if (cached(&files[i]))
			continue;
		if (f->offline)
			return err_set(e, ERR_NETWORK,
			    "%s: is not in the cache, and --offline forbids to fetch it",
			    files[i].url);
		say_fetching(f, &files[i]);
		strv_addf(&partials, "%s.partial", files[i].path);
		items[wanted] = (struct net_item){
		    .url = files[i].url, .size = files[i].size, .sha256 = files[i].sha256};
		which[wanted++] = i;
	}
	for (size_t i = 0; i < wanted; i++)
		items[i].path = partials.v[i];
	if (wanted > 0 && net_get(fetch_net(f), items, wanted, e) < 0)
		return -1;
	for (size_t i = 0; i < wanted; i++)
		if (rename(partials.v[i], files[which[i]].path) < 0)
			return err_errno(e, "rename %s", partials.v[i]);
	return 0;
}

int
fetch_files(struct fetch *f, struct fetch_file *files, size_t n, struct err *e)
{
	if (lock_all(f, files, n, e) == 0 && get_all(f, files, n, e) == 0)
		return 0;
	fetch_files_free(files, n);
	return -1;
}

void
fetch_files_free(struct fetch_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *lock = files[i].path ? xasprintf("%s.lock", files[i].path) : NULL;

		if (!lock)
			continue;
		if (files[i].lock >= 0)
			unlink(lock);
		mem_close_fd(&files[i].lock);
		free(files[i].path);
		files[i].lock = -1;
		files[i].path = NULL;
	}
}

void
fetch_hit_free(struct fetch_hit *hit)
{
	dist_item_free(&hit->item);
}

char *
fetch_hit_url(const struct fetch *f, const struct fetch_hit *hit)
{
	return xasprintf("%s/%s", f->conf.servers.v[hit->server], dist_item_best(&hit->item)->path);
}

/* Why a std that somebody might have expected does not fit. */
static void
tell_others(const struct dist_index *index, const char *server, const char *target, struct str *why)
{
	AUTOFREE char *shown = net_shown(server);
	AUTO(strv) lines = {0};

	for (size_t i = 0; i < index->n; i++)
		if (index->v[i].kind == DIST_STD && strcmp(index->v[i].target, target) == 0 &&
		    !strv_has(&lines, index->v[i].rustc))
			strv_add(&lines, index->v[i].rustc);
	if (lines.n == 0)
		str_addf(why, "%s%s has no std for %s", why->len ? "\n" : "", shown, target);
	for (size_t i = 0; i < lines.n && i < 10; i++)
		str_addf(why, "%s%s has std for %s", why->len ? "\n" : "", shown, lines.v[i]);
}

/* An index of one server; 1: it is there, 0: it cannot be reached, which is noted. */
static int
try_index(
    struct fetch *f, size_t at, struct dist_index *index, struct err *unreachable, struct err *e)
{
	AUTOFREE char *text = NULL;

	if (fetch_index(f, f->conf.servers.v[at], index, e) == 0)
		return 1;
	if (e->cls != ERR_NETWORK)
		return -1;
	*unreachable = *e;
	text = xasprintf("%s", e->msg);
	f->progress->step(f->progress->ctx, text);
	return 0;
}

int
fetch_find_std(struct fetch *f, const char *key, const char *target, size_t first,
    struct fetch_hit *hit, struct str *why, struct err *e)
{
	struct err unreachable = {0};

	for (size_t i = first; i < f->conf.servers.n; i++) {
		AUTO(dist_index) index = {0};
		const struct dist_item *item;
		int rc = try_index(f, i, &index, &unreachable, e);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		item = dist_index_std(&index, key);
		if (item) {
			*hit =
			    (struct fetch_hit){.server = i, .item = dist_item_take(&index, item)};
			return 1;
		}
		tell_others(&index, f->conf.servers.v[i], target, why);
	}
	if (unreachable.cls == ERR_NONE)
		return 0;
	*e = unreachable;
	return -1;
}

int
fetch_find_kit(
    struct fetch *f, const char *combo, size_t first, struct fetch_hit *hit, struct err *e)
{
	struct err unreachable = {0};

	for (size_t i = first; i < f->conf.servers.n; i++) {
		AUTO(dist_index) index = {0};
		int rc = try_index(f, i, &index, &unreachable, e);
		const struct dist_item *item;

		if (rc < 0)
			return -1;
		item = rc > 0 ? dist_index_kit(&index, combo) : NULL;
		if (item) {
			*hit =
			    (struct fetch_hit){.server = i, .item = dist_item_take(&index, item)};
			return 1;
		}
	}
	if (unreachable.cls == ERR_NONE)
		return 0;
	*e = unreachable;
	return -1;
}
