/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kitstore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/kit.h"
#include "core/kitdebug.h"
#include "core/matrix.h"
#include "core/wrapconf.h"
#include "core/wrapgen.h"

enum { MAX_DEPTH = 8 };

static int
walk(const char *dir, const char *prefix, int depth, struct strv *files, struct err *e)
{
	AUTO(strv) names = {0};

	if (depth > MAX_DEPTH)
		return err_set(e, ERR_INTEGRITY, "%s: folders are nested too deeply", dir);
	if (fs_list(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[i]);
		AUTOFREE char *name = xasprintf("%s%s", prefix, names.v[i]);
		AUTOFREE char *below = xasprintf("%s/", name);
		struct stat st;

		if (lstat(path, &st) < 0)
			return err_errno(e, "%s", path);
		if (S_ISREG(st.st_mode))
			strv_add(files, name);
		else if (!S_ISDIR(st.st_mode))
			return err_set(
			    e, ERR_INTEGRITY, "%s: is neither a file nor a folder", path);
		else if (walk(path, below, depth + 1, files, e) < 0)
			return -1;
	}
	return 0;
}

int
kitstore_files(const char *dir, struct strv *files, struct err *e)
{
	if (walk(dir, "", 0, files, e) < 0)
		return -1;
	strv_sort(files);
	return 0;
}

static int
content_id(const char *dir, const struct strv *files, char id[KIT_ID_LEN + 1], struct err *e)
{
	struct hash *h = hash_new();
	char hex[HASH_HEX + 1];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < files->n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files->v[i]);

		rc = hash_file(path, hex, e);
		hash_field(h, files->v[i], hex);
	}
	hash_end(h, hex);
	memcpy(id, hex, KIT_ID_LEN);
	id[KIT_ID_LEN] = '\0';
	return rc;
}

/* Whether a {kit}/... in an argument names a file that is in the kit. */
static int
check_arg(const char *conf, const char *arg, const struct strv *files, struct err *e)
{
	static const char kit[] = "{kit}/";
	const char *at = strstr(arg, kit);

	if (!at || strv_has(files, at + strlen(kit)))
		return 0;
	return err_set(e, ERR_INTEGRITY, "%s names %.300s, which is not in the kit", conf, at);
}

static int
check_kit(const struct matrix_combo *c, const char *dir, const struct strv *files, struct err *e)
{
	AUTOFREE char *conf = xasprintf("%s/kit.conf", dir);
	AUTO(kit) k = {0};

	if (kit_load(dir, &k, e) < 0)
		return -1;
	if (strcmp(k.arch, c->arch->name) != 0 || strcmp(k.plat, c->plat->name) != 0 ||
	    strcmp(k.target, c->arch->target) != 0 || k.machine != c->arch->machine)
		return err_set(e, ERR_INTEGRITY,
		    "%s: is for %.64s %.64s (ELF machine %u), not for %s %s", conf, k.arch, k.plat,
		    k.machine, c->arch->name, c->plat->name);
	for (size_t i = 0; i < k.args.n; i++)
		if (check_arg(conf, k.args.v[i], files, e) < 0)
			return -1;
	for (size_t i = 0; i < k.n_steps; i++)
		for (size_t j = 0; j < k.steps[i].argv.n; j++)
			if (check_arg(conf, k.steps[i].argv.v[j], files, e) < 0)
				return -1;
	return 0;
}

static int
copy_files(const char *from, const char *to, const struct strv *files, struct err *e)
{
	for (size_t i = 0; i < files->n; i++) {
		AUTOFREE char *source = xasprintf("%s/%s", from, files->v[i]);
		AUTOFREE char *copy = xasprintf("%s/%s", to, files->v[i]);
		AUTOFREE char *parent = fs_dirname(copy);

		if (fs_mkdirs(parent, e) < 0 || fs_copy(source, copy, e) < 0)
			return -1;
	}
	return 0;
}

/* Into the store's own file system, which costs nothing when it is there already. */
static int
take_over(const char *from, const char *to, const struct strv *files, struct err *e)
{
	if (rename(from, to) == 0)
		return 0;
	return errno == EXDEV ? copy_files(from, to, files, e)
			      : err_errno(e, "move %s to %s", from, to);
}

/* All at the end: behind the first one there is little left to wait for. */
static int
sync_files(const char *dir, const struct strv *files, struct err *e)
{
	for (size_t i = 0; i < files->n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files->v[i]);

		if (fs_sync_file(path, e) < 0)
			return -1;
	}
	return 0;
}

/* Whether dir is whole: has the contents that its name says. */
static bool
is_whole(const char *dir, const char *id)
{
	AUTO(strv) files = {0};
	char now[KIT_ID_LEN + 1];
	struct err ignored = {0};

	return fs_is_dir(dir) && kitstore_files(dir, &files, &ignored) == 0 &&
	       content_id(dir, &files, now, &ignored) == 0 && strcmp(now, id) == 0;
}

int
kitstore_publish(const char *from, const struct strv *files, const char *dir, struct err *e)
{
	AUTOFREE char *parent = fs_dirname(dir);
	AUTOFREE char *stage = NULL;
	struct err ignored = {0};

	fs_sweep(parent);
	stage = fs_stage(parent, e);
	if (!stage)
		return -1;
	if (take_over(from, stage, files, e) == 0 && sync_files(stage, files, e) == 0 &&
	    fs_publish(stage, dir, e) == 0)
		return 0;
	fs_remove(stage, &ignored);
	return -1;
}

static int
name_it(const char *data_home, const struct matrix_combo *c, const char *dir, struct err *e)
{
	AUTOFREE char *conf = wrapgen_path(data_home, c);
	AUTOFREE char *text = wrapgen_text(c, dir);
	AUTOFREE char *linkers = fs_dirname(conf);

	if (fs_mkdirs(linkers, e) < 0)
		return -1;
	return fs_write(conf, text, strlen(text), 0666, e);
}

char *
kitstore_add(const char *data_home, const struct matrix_combo *c, const char *stage,
    void (*waiting)(const void *), const void *ctx, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/lock", data_home);
	AUTOFREE char *dir = NULL;
	AUTO(strv) files = {0};
	char id[KIT_ID_LEN + 1];
	AUTOFD int held = -1;

	if (kitstore_files(stage, &files, e) < 0 || check_kit(c, stage, &files, e) < 0 ||
	    content_id(stage, &files, id, e) < 0 || fs_lock(path, waiting, ctx, &held, e) < 0)
		return NULL;
	dir = xasprintf("%s/kits/%s/%s", data_home, c->id, id);
	/* Programs may be linking with it: it is not exchanged for the same. */
	if (!is_whole(dir, id) && kitstore_publish(stage, &files, dir, e) < 0)
		return NULL;
	return name_it(data_home, c, dir, e) < 0 ? NULL : take_ptr(dir);
}

static void
add_entry(struct kitstore_list *l, const struct matrix_combo *c, const char *parent, const char *id,
    const char *used)
{
	AUTO(kit) k = {0};
	struct err ignored = {0};
	struct kitstore_entry *en;

	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	en = &l->v[l->n++];
	*en = (struct kitstore_entry){.combo = c, .id = xstrdup(id)};
	en->dir = xasprintf("%s/%s", parent, id);
	en->used = str_eq(used, en->dir);
	en->broken = kit_load(en->dir, &k, &ignored) < 0;
}

int
kitstore_list(const char *data_home, const struct matrix *m, struct kitstore_list *l, struct err *e)
{
	*l = (struct kitstore_list){0};
	for (size_t i = 0; i < m->n_combos; i++) {
		const struct matrix_combo *c = m->combos[i];
		AUTOFREE char *parent = xasprintf("%s/kits/%s", data_home, c->id);
		AUTOFREE char *path = wrapgen_path(data_home, c);
		AUTO(wrapconf) conf = {0};
		AUTO(strv) names = {0};
		struct err ignored = {0};

		if (fs_list(parent, &names, e) < 0) {
			kitstore_list_free(l);
			return -1;
		}
		(void)wrapconf_load(path, &conf, &ignored);
		for (size_t k = 0; k < names.n; k++)
			if (names.v[k][0] != '.' && !str_ends(names.v[k], KITDEBUG_SUFFIX))
				add_entry(l, c, parent, names.v[k], conf.kit);
	}
	return 0;
}

void
kitstore_list_free(struct kitstore_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].id);
		free(l->v[i].dir);
	}
	free(l->v);
	*l = (struct kitstore_list){0};
}
