/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/uninstall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/home.h"
#include "core/installed.h"
#include "core/progress.h"
#include "core/sysroot.h"

static bool
goes(const struct uninstall *u, const struct installed *i)
{
	return (!u->combo || strcmp(u->combo, i->combo) == 0) &&
	       (!u->rustc_id || strcmp(u->rustc_id, i->rustc_id) == 0);
}

/* What the records that stay still need. */
struct kept {
	struct strv combos, links, keys;
};

static void
kept_free(struct kept *k)
{
	strv_free(&k->combos);
	strv_free(&k->links);
	strv_free(&k->keys);
}

static void
add_files(const char *dir, const char *suffix, const struct strv *kept, struct strv *paths)
{
	AUTO(strv) names = {0};
	struct err ignored;

	if (fs_list(dir, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *stem = xstrdup(names.v[i]);

		if (str_ends(stem, suffix))
			stem[strlen(stem) - strlen(suffix)] = '\0';
		if (!strv_has(kept, stem))
			strv_addf(paths, "%s/%s", dir, names.v[i]);
	}
}

/* The wrapper config and the kits of a combination that nothing is installed for. */
static void
add_combo(const char *data, const char *combo, const struct kept *k, struct strv *paths)
{
	AUTOFREE char *conf = xasprintf("%s/linkers/%s.conf", data, combo);
	AUTOFREE char *kits = xasprintf("%s/kits/%s", data, combo);

	if (strv_has(&k->combos, combo))
		return;
	if (fs_exists(conf))
		strv_add(paths, conf);
	if (fs_exists(kits))
		strv_add(paths, kits);
}

static void
add_once(struct strv *paths, const char *path)
{
	if (!strv_has(paths, path))
		strv_add(paths, path);
}

/* Sysroots whose record is broken or missing: nobody can use them. */
static void
add_broken(
    const char *data, const char *combo, const struct installed_list *list, struct strv *paths)
{
	AUTOFREE char *quoted = fs_glob_quote(data);
	AUTOFREE char *pattern = xasprintf("%s/sysroots/*/%s", quoted, combo ? combo : "*");
	AUTO(strv) found = {0};

	fs_glob(pattern, &found);
	for (size_t i = 0; i < found.n; i++) {
		bool recorded = false;

		for (size_t k = 0; k < list->n; k++)
			recorded |= strcmp(list->v[k].sysroot, found.v[i]) == 0;
		if (!recorded)
			strv_add(paths, found.v[i]);
	}
}

/* What stays for a record that stays: also the std that its link leads to, should
 * that be another one than its own. */
static void
keep(const struct installed *i, struct kept *k)
{
	AUTOFREE char *leads = i->link ? fs_readlink(i->link) : NULL;

	strv_add(&k->combos, i->combo);
	strv_add(&k->keys, i->std_key);
	if (i->link)
		strv_add(&k->links, i->link);
	if (leads)
		strv_add(&k->keys, fs_basename(leads));
}

/* Everything of a folder that no kept record names. */
static void
add_unused(const char *data, const struct uninstall *u, const struct kept *k, struct strv *paths)
{
	AUTOFREE char *std = xasprintf("%s/std", data);
	AUTO(strv) links = {0};

	sysroot_links(data, &links);
	for (size_t i = 0; i < links.n; i++)
		if (!strv_has(&k->links, links.v[i]))
			add_once(paths, links.v[i]);
	if (u->combo) {
		add_combo(data, u->combo, k, paths);
	} else {
		AUTOFREE char *linkers = xasprintf("%s/linkers", data);
		AUTOFREE char *kits = xasprintf("%s/kits", data);

		add_files(linkers, ".conf", &k->combos, paths);
		add_files(kits, "", &k->combos, paths);
	}
	add_files(std, "", &k->keys, paths);
}

int
uninstall_plan(const struct uninstall *u, struct strv *paths, struct err *e)
{
	const char *data = u->home->data;
	AUTO(installed_list) list = {0};
	AUTO(kept) k = {0};

	if (installed_load(data, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		if (goes(u, &list.v[i]))
			strv_add(paths, list.v[i].sysroot);
		else
			keep(&list.v[i], &k);
	}
	if (!u->rustc_id)
		add_broken(data, u->combo, &list, paths);
	/* Links that are not in today's RUSTUP_HOME; the others follow. */
	for (size_t i = 0; i < list.n; i++) {
		const struct installed *it = &list.v[i];

		if (goes(u, it) && it->link && !strv_has(&k.links, it->link) &&
		    sysroot_is_link(data, it->link))
			add_once(paths, it->link);
	}
	add_unused(data, u, &k, paths);
	return 0;
}

/* A tree vanishes in one step: renamed out of the way first, so that a kill in the
 * middle leaves nothing that looks whole. */
static int
remove_path(const char *data, const char *path, struct err *e)
{
	AUTOFREE char *stage = NULL;
	AUTOFREE char *away = NULL;

	if (!fs_is_dir(path) || fs_is_link(path))
		return fs_remove(path, e);
	stage = fs_stage(data, e);
	if (!stage)
		return -1;
	away = xasprintf("%s/%s", stage, fs_basename(path));
	if (rename(path, away) < 0 && fs_remove(path, e) < 0)
		return -1;
	return fs_remove(stage, e);
}

static void
prune(const char *data)
{
	static const char *const dirs[] = {"linkers", "kits", "std", "sysroots"};
	AUTOFREE char *quoted = fs_glob_quote(data);
	AUTOFREE char *pattern = xasprintf("%s/sysroots/*", quoted);
	AUTO(strv) sysroots = {0};

	fs_glob(pattern, &sysroots);
	for (size_t i = 0; i < sysroots.n; i++)
		fs_prune(sysroots.v[i], data);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", data, dirs[i]);

		fs_sweep(dir);
		fs_prune(dir, data);
	}
}

static int
remove_all(const struct uninstall *u, size_t *n, struct err *e)
{
	AUTO(strv) paths = {0};

	fs_sweep(u->home->data);
	if (uninstall_plan(u, &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++) {
		AUTOFREE char *line = xasprintf("removing %s", paths.v[i]);

		u->progress->step(u->progress->ctx, line);
		if (remove_path(u->home->data, paths.v[i], e) < 0)
			return -1;
	}
	*n = paths.n;
	prune(u->home->data);
	return !u->combo && !u->rustc_id ? fs_remove(u->home->cache, e) : 0;
}

int
uninstall_run(const struct uninstall *u, size_t *n, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/lock", u->home->data);
	AUTOFREE char *parent = fs_dirname(u->home->data);
	AUTO(strv) left = {0};
	AUTOFD int held = -1;
	struct err ignored;

	*n = 0;
	if (!fs_exists(u->home->data))
		return !u->combo && !u->rustc_id ? fs_remove(u->home->cache, e) : 0;
	if (fs_lock(path, progress_waiting, u->progress, &held, e) < 0 || remove_all(u, n, e) < 0)
		return -1;
	/* The lock goes last, and only with everything else. */
	if (fs_list(u->home->data, &left, &ignored) == 0 && left.n == 1) {
		unlink(path);
		fs_prune(u->home->data, parent);
	}
	return 0;
}
