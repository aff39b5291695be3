/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/sign.h"
#include "base/str.h"
#include "core/dist_channel.h"

enum { INDEX_MAX = 4 << 20, DAY = 24 * 60 * 60 };

static int
read_index(const char *path, struct dist_index *index, struct err *e)
{
	AUTO(str) text = {0};

	if (fs_read(path, INDEX_MAX, &text, e) < 0)
		return -1;
	return dist_index_parse(path, str_text(&text), text.len, index, e);
}

/* The items that a tree's folders hold. */
static int
scan(const char *tree, struct dist_index *index, struct err *e)
{
	AUTOFREE char *quoted = fs_glob_quote(tree);
	AUTOFREE char *stds = xasprintf("%s/std/*/item.json", quoted);
	AUTOFREE char *kits = xasprintf("%s/kits/*/*/item.json", quoted);
	AUTO(strv) paths = {0};

	fs_glob(stds, &paths);
	fs_glob(kits, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		AUTO(dist_item) item = {0};
		AUTOFREE char *dir = NULL;
		AUTOFREE char *place = NULL;

		if (dist_item_load(paths.v[i], &item, e) < 0)
			return -1;
		dir = dist_item_dir(&item);
		place = xasprintf("%s/%s/item.json", tree, dir);
		if (strcmp(place, paths.v[i]) != 0)
			return err_set(
			    e, ERR_INPUT, "%s: describes what belongs into %s", paths.v[i], dir);
		if (!dist_index_add(index, &item, e))
			return err_wrap(e, "%s", paths.v[i]);
	}
	return 0;
}

/* A file of another tree: linked when it can be, so that nothing is stored twice. */
static int
bring(const char *from, const char *to, struct err *e)
{
	AUTOFREE char *tmp = xasprintf("%s.new", to);
	AUTOFREE char *dir = fs_dirname(to);

	unlink(tmp);
	if (fs_mkdirs(dir, e) < 0)
		return -1;
	if (link(from, tmp) < 0 && fs_copy(from, tmp, e) < 0) {
		unlink(tmp);
		return -1;
	}
	/* Two links to one file: rename would leave both. */
	if (fs_rename(tmp, to, e) < 0)
		return -1;
	unlink(tmp);
	return 0;
}

static int
write_item(const char *tree, const struct dist_item *item, struct err *e)
{
	AUTOFREE char *below = dist_item_dir(item);
	AUTOFREE char *dir = xasprintf("%s/%s", tree, below);
	AUTOFREE char *path = xasprintf("%s/item.json", dir);
	AUTOJS struct js *j = dist_item_js(item, true);
	AUTOFREE char *text = js_pretty(j);

	return fs_mkdirs(dir, e) < 0 ? -1 : fs_write_if_changed(path, text, e);
}

/* An item with the files that are there. */
static int
take_item(const char *tree, const char *other, const struct dist_item *item, struct err *e)
{
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		static const char *const suffixes[] = {"", ".sha256"};

		for (size_t k = 0; other && item->files[i].path && k < ARRAY_LEN(suffixes); k++) {
			AUTOFREE char *from =
			    xasprintf("%s/%s%s", other, item->files[i].path, suffixes[k]);
			AUTOFREE char *to =
			    xasprintf("%s/%s%s", tree, item->files[i].path, suffixes[k]);

			if (fs_is_file(from) && bring(from, to, e) < 0)
				return -1;
		}
	}
	return write_item(tree, item, e);
}

static int
take_in(const char *tree, const char *from, struct dist_index *all, struct err *e)
{
	AUTO(dist_index) index = {0};
	bool is_tree = fs_is_dir(from);

	if ((is_tree ? scan(from, &index, e) : read_index(from, &index, e)) < 0)
		return -1;
	if (index.n == 0)
		return err_set(
		    e, ERR_INPUT, "%s: there is nothing that 'kraft-rust dist pack' made", from);
	for (size_t i = 0; i < index.n; i++) {
		/* A clash shows before anything is overwritten. */
		const struct dist_item *item = dist_index_add(all, &index.v[i], e);

		if (!item || take_item(tree, is_tree ? from : NULL, item, e) < 0)
			return err_wrap(e, "%s", from);
	}
	return 0;
}

/* Whether the files are what their item says; how many are not here. */
static int
check_item(const char *tree, const struct dist_item *item, size_t *elsewhere, struct err *e)
{
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		const struct dist_file *file = &item->files[i];
		AUTOFREE char *path = file->path ? xasprintf("%s/%s", tree, file->path) : NULL;
		char hex[HASH_HEX + 1];

		if (!path)
			continue;
		if (!fs_exists(path)) {
			++*elsewhere;
			continue;
		}
		if (hash_file(path, hex, e) < 0)
			return -1;
		if (strcmp(hex, file->sha256) != 0) {
			err_set(e, ERR_INTEGRITY, "%s: has the SHA-256 %s, not %s", path, hex,
			    file->sha256);
			return err_hint(e, "pack it again");
		}
	}
	return 0;
}

/* The time for what is published: reproducible when the caller wants it so
 * (https://reproducible-builds.org/specs/source-date-epoch/). */
static long long
now(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char *end = NULL;
	long long fixed = epoch && *epoch ? strtoll(epoch, &end, 10) : -1;

	return fixed >= 0 && end && !*end ? fixed : (long long)time(NULL);
}

static int
write_index(const struct dist_tree *t, struct dist_index *index, struct dist_tree_result *result,
    struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/index.json", t->dir);
	AUTOFREE char *signature = xasprintf("%s.minisig", path);
	AUTOFREE char *text = NULL;
	AUTOFREE char *old_text = NULL;
	AUTO(dist_index) old = {0};

	if (fs_exists(path) && read_index(path, &old, e) < 0)
		return err_hint(e, "it is in the way; move it elsewhere");
	old_text = dist_index_text(&old);
	index->serial = old.serial;
	index->expires = t->expire_days ? old.expires : 0;
	text = dist_index_text(index);
	result->changed = !fs_exists(path) || t->expire_days || strcmp(text, old_text) != 0;
	if (!result->changed)
		return 0;
	free(take_ptr(text));
	index->serial = now() > old.serial ? now() : old.serial + 1;
	index->expires = t->expire_days ? now() + (long long)t->expire_days * DAY : 0;
	text = dist_index_text(index);
	if (unlink(signature) < 0 && fs_exists(signature))
		return err_errno(e, "remove %s", signature);
	return fs_write(path, text, strlen(text), 0666, e);
}

int
dist_tree_index(const struct dist_tree *t, struct dist_tree_result *result, struct err *e)
{
	AUTO(dist_index) index = {0};

	*result = (struct dist_tree_result){0};
	if (fs_mkdirs(t->dir, e) < 0 || scan(t->dir, &index, e) < 0)
		return -1;
	for (size_t i = 0; i < t->from->n; i++)
		if (take_in(t->dir, t->from->v[i], &index, e) < 0)
			return -1;
	if (index.n == 0) {
		err_set(e, ERR_INPUT, "%s: there is nothing to index", t->dir);
		return err_hint(e,
		    "pack something into it first: 'kraft-rust dist pack ARCH PLAT -o %s'", t->dir);
	}
	for (size_t i = 0; i < index.n; i++)
		if (check_item(t->dir, &index.v[i], &result->elsewhere, e) < 0)
			return -1;
	result->items = index.n;
	if (write_index(t, &index, result, e) < 0)
		return -1;
	if (dist_channel_write(t->dir, &index, e) < 0)
		return -1;
	return dist_channel_follow(t->dir, &index, &result->behind, e);
}

void
dist_tree_result_free(struct dist_tree_result *result)
{
	strv_free(&result->behind);
}

int
dist_tree_sign(const char *dir, const struct sign_secret *secret, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/index.json", dir);
	AUTOFREE char *place = xasprintf("%s.minisig", path);
	AUTOFREE char *comment = NULL;
	AUTOFREE char *signature = NULL;
	AUTO(dist_index) index = {0};
	AUTO(str) text = {0};
	struct sign_pub pub;

	if (!fs_exists(path)) {
		err_set(e, ERR_INPUT, "%s: is not there", path);
		return err_hint(e, "make it first: 'kraft-rust dist index %s'", dir);
	}
	if (fs_read(path, INDEX_MAX, &text, e) < 0 ||
	    dist_index_parse(path, str_text(&text), text.len, &index, e) < 0)
		return -1;
	comment = xasprintf("timestamp:%lld\tfile:index.json\thashed", now());
	signature = sign_make(secret, str_text(&text), text.len, comment, e);
	if (!signature)
		return -1;
	memcpy(pub.id, secret->id, sizeof(pub.id));
	memcpy(pub.key, secret->pub, sizeof(pub.key));
	if (sign_verify(path, str_text(&text), text.len, signature, &pub, 1, NULL, e) < 0)
		return -1;
	return fs_write(place, signature, strlen(signature), 0666, e);
}
