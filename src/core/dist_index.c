/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"

enum { FORMAT = 1, ITEMS_MAX = 20000, LINE_MAX_BYTES = 512 };

static const char *const kinds[] = {[DIST_STD] = "std", [DIST_KIT] = "kit"};

void
dist_item_free(struct dist_item *item)
{
	free(item->key);
	free(item->target);
	free(item->rustc);
	free(item->host);
	free(item->recipe);
	free(item->combo);
	free(item->unikraft);
	for (size_t i = 0; i < TAR_FORMATS; i++)
		free(item->files[i].path);
	*item = (struct dist_item){0};
}

void
dist_index_free(struct dist_index *index)
{
	for (size_t i = 0; i < index->n; i++)
		dist_item_free(&index->v[i]);
	free(index->v);
	*index = (struct dist_index){0};
}

static int
wrong(const char *name, struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "%s: %s", name, what);
}

/* One line of text without control characters. */
static bool
plain_line(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (n == 0 || n > LINE_MAX_BYTES)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Characters that stay themselves in a URL, in parts that tar_bad_path likes. */
static bool
plain_path(const char *s)
{
	return s && !tar_bad_path(s) &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-/") ==
		   strlen(s);
}

static bool
take_word(const struct js *j, const char *key, char **out)
{
	const char *s = js_get_text(j, key);

	*out = s && str_word(s) ? xstrdup(s) : NULL;
	return *out != NULL;
}

static bool
take_line(const struct js *j, const char *key, char **out)
{
	const char *s = js_get_text(j, key);

	*out = plain_line(s) ? xstrdup(s) : NULL;
	return *out != NULL;
}

static bool
take_file(const struct js *j, struct dist_file *file)
{
	const char *path = js_get_text(j, "path"), *hash = js_get_text(j, "sha256");
	long long size = js_num(js_get(j, "size"), 0);

	if (!plain_path(path) || size <= 0 || !hash || strlen(hash) != HASH_HEX ||
	    strspn(hash, "0123456789abcdef") != HASH_HEX)
		return false;
	file->path = xstrdup(path);
	file->size = (uint64_t)size;
	memcpy(file->sha256, hash, HASH_HEX + 1);
	return true;
}

/* Every file lies in the item's own folder, so that no item can be in another's way. */
static bool
take_files(const struct js *files, struct dist_item *item)
{
	AUTOFREE char *dir = dist_item_dir(item);
	size_t n = strlen(dir);

	for (size_t i = 0; i < TAR_FORMATS; i++) {
		const struct js *file = js_get(files, tar_suffixes[i]);

		if (file && !take_file(file, &item->files[i]))
			return false;
		if (file &&
		    (strncmp(item->files[i].path, dir, n) != 0 || item->files[i].path[n] != '/'))
			return false;
	}
	return true;
}

static const char *
parse_item(const struct js *j, struct dist_item *item)
{
	const char *kind = js_get_text(j, "kind");
	long long unpacked = js_num(js_get(j, "unpacked"), -1);

	if (str_eq(kind, kinds[DIST_STD]))
		item->kind = DIST_STD;
	else if (str_eq(kind, kinds[DIST_KIT]))
		item->kind = DIST_KIT;
	else
		return "an item is of no kind that is known";
	if (!take_word(j, "key", &item->key) || !take_word(j, "target", &item->target))
		return "an item has no usable key or target";
	if (item->kind == DIST_STD &&
	    (!take_line(j, "rustc", &item->rustc) || !take_word(j, "host", &item->host) ||
		!take_word(j, "recipe", &item->recipe)))
		return "a std has no usable rustc, host or recipe";
	if (item->kind == DIST_KIT && (!take_word(j, "combination", &item->combo) ||
					  !take_line(j, "unikraft", &item->unikraft)))
		return "a kit has no usable combination or Unikraft version";
	if (unpacked < 0)
		return "an item does not say what it unpacks to";
	item->unpacked = (uint64_t)unpacked;
	return take_files(js_get(j, "files"), item) ? NULL : "a file's path, size or hash is wrong";
}

int
dist_item_parse(const char *name, const struct js *j, struct dist_item *item, struct err *e)
{
	const char *what;

	*item = (struct dist_item){0};
	what = parse_item(j, item);
	if (!what)
		return 0;
	dist_item_free(item);
	return wrong(name, e, what);
}

int
dist_item_load(const char *path, struct dist_item *item, struct err *e)
{
	AUTOJS struct js *j = js_load(path, e);

	return j ? dist_item_parse(path, j, item, e) : -1;
}

static struct js *
file_js(const struct dist_file *file)
{
	struct js *j = js_obj();

	js_set(j, "path", js_str(file->path));
	js_set(j, "size", js_int((long long)file->size));
	js_set(j, "sha256", js_str(file->sha256));
	return j;
}

struct js *
dist_item_js(const struct dist_item *item, bool with_files)
{
	struct js *j = js_obj(), *files = js_obj();

	js_set(j, "kind", js_str(kinds[item->kind]));
	js_set(j, "key", js_str(item->key));
	js_set(j, "target", js_str(item->target));
	js_set(j, "unpacked", js_int((long long)item->unpacked));
	if (item->kind == DIST_STD) {
		js_set(j, "rustc", js_str(item->rustc));
		js_set(j, "host", js_str(item->host));
		js_set(j, "recipe", js_str(item->recipe));
	} else {
		js_set(j, "combination", js_str(item->combo));
		js_set(j, "unikraft", js_str(item->unikraft));
	}
	for (size_t i = 0; i < TAR_FORMATS; i++)
		if (item->files[i].path)
			js_set(files, tar_suffixes[i], file_js(&item->files[i]));
	if (with_files)
		js_set(j, "files", files);
	else
		js_free(files);
	return j;
}

char *
dist_item_dir(const struct dist_item *item)
{
	return item->kind == DIST_STD ? xasprintf("std/%s", item->key)
				      : xasprintf("kits/%s/%s", item->combo, item->key);
}

const struct dist_file *
dist_item_best(const struct dist_item *item)
{
	static const enum tar_format order[] = {TAR_ZST, TAR_XZ, TAR_GZ};

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (item->files[order[i]].path)
			return &item->files[order[i]];
	return NULL;
}

static bool
same(const struct dist_item *a, const struct dist_item *b)
{
	AUTOJS struct js *x = dist_item_js(a, true);
	AUTOJS struct js *y = dist_item_js(b, true);

	return js_equal(x, y);
}

static const struct dist_item *
find(const struct dist_index *index, const struct dist_item *item)
{
	for (size_t i = 0; i < index->n; i++)
		if (index->v[i].kind == item->kind && strcmp(index->v[i].key, item->key) == 0 &&
		    str_eq(index->v[i].combo, item->combo))
			return &index->v[i];
	return NULL;
}

const struct dist_item *
dist_index_add(struct dist_index *index, struct dist_item *item, struct err *e)
{
	const struct dist_item *there = find(index, item);

	if (there && !same(there, item)) {
		err_set(e, ERR_INPUT, "two different artifacts say they are the %s %s",
		    kinds[item->kind], item->key);
		err_hint(e, "one of them was changed, or built from something else; leave it out");
		there = NULL;
	} else if (!there) {
		index->v = xrealloc(index->v, (index->n + 1) * sizeof(*index->v));
		there = &index->v[index->n];
		index->v[index->n++] = *item;
		*item = (struct dist_item){0};
	}
	dist_item_free(item);
	return there;
}

static int
parse_items(const char *name, const struct js *items, struct dist_index *index, struct err *e)
{
	if (!js_is_arr(items) || js_len(items) > ITEMS_MAX)
		return wrong(name, e, "has no list of items, or too long a one");
	index->v = xcalloc(js_len(items) + 1, sizeof(*index->v));
	for (size_t i = 0; i < js_len(items); i++) {
		if (dist_item_parse(name, js_at(items, i), &index->v[index->n], e) < 0)
			return -1;
		index->n++;
	}
	return 0;
}

int
dist_index_parse(
    const char *name, const char *text, size_t len, struct dist_index *index, struct err *e)
{
	AUTOJS struct js *j = js_parse(name, text, len, e);

	*index = (struct dist_index){0};
	if (!j)
		return -1;
	if (js_num(js_get(j, "format"), 0) != FORMAT)
		return wrong(
		    name, e, "is not an index of format 1; a newer kraft-rust may know it");
	index->serial = js_num(js_get(j, "serial"), -1);
	index->expires = js_num(js_get(j, "expires"), 0);
	if (index->serial < 0 || index->expires < 0)
		return wrong(name, e, "has no serial number, or a wrong one");
	if (parse_items(name, js_get(j, "items"), index, e) == 0)
		return 0;
	dist_index_free(index);
	return -1;
}

static int
compare(const void *a, const void *b)
{
	const struct dist_item *x = a, *y = b;
	AUTOFREE char *dx = dist_item_dir(x);
	AUTOFREE char *dy = dist_item_dir(y);

	return strcmp(dx, dy);
}

char *
dist_index_text(const struct dist_index *index)
{
	AUTOFREE struct dist_item *sorted = xcalloc(index->n + 1, sizeof(*sorted));
	AUTOJS struct js *j = js_obj();
	struct js *items = js_arr();

	if (index->n)
		memcpy(sorted, index->v, index->n * sizeof(*sorted));
	qsort(sorted, index->n, sizeof(*sorted), compare);
	for (size_t i = 0; i < index->n; i++)
		js_push(items, dist_item_js(&sorted[i], true));
	js_set(j, "format", js_int(FORMAT));
	js_set(j, "serial", js_int(index->serial));
	if (index->expires)
		js_set(j, "expires", js_int(index->expires));
	js_set(j, "items", items);
	return js_pretty(j);
}

struct dist_item
dist_item_take(struct dist_index *index, const struct dist_item *item)
{
	struct dist_item *mine = &index->v[item - index->v], taken = *mine;

	*mine = (struct dist_item){.kind = taken.kind};
	return taken;
}

const struct dist_item *
dist_index_std(const struct dist_index *index, const char *key)
{
	for (size_t i = 0; i < index->n; i++)
		if (index->v[i].kind == DIST_STD && strcmp(index->v[i].key, key) == 0 &&
		    dist_item_best(&index->v[i]))
			return &index->v[i];
	return NULL;
}

const struct dist_item *
dist_index_kit(const struct dist_index *index, const char *combo)
{
	const struct dist_item *best = NULL;

	for (size_t i = 0; i < index->n; i++) {
		const struct dist_item *it = &index->v[i];

		if (it->kind == DIST_KIT && strcmp(it->combo, combo) == 0 && dist_item_best(it) &&
		    (!best || strverscmp(it->unikraft, best->unikraft) > 0))
			best = it;
	}
	return best;
}
