/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_pack.h"

#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/component.h"
#include "core/home.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdbuild.h"
#include "core/stdstore.h"

int
dist_std_key(const char *share, const struct matrix_combo *combo, const struct rustc *rustc,
    char key[STD_KEY_LEN + 1], char recipe_hash[HASH_HEX + 1], struct err *e)
{
	AUTOFREE char *recipe = stdbuild_recipe(share, e);
	AUTOJS struct js *spec = NULL;
	AUTOJS struct js *identity = NULL;

	if (!recipe || spec_make(combo, rustc, share, &spec, e) < 0)
		return -1;
	identity = spec_identity(spec);
	stdstore_key(rustc, combo->arch->target, identity, recipe, key);
	hash_text(recipe, recipe_hash);
	return 0;
}

static int
add_rlib(const char *dir, const struct js *file, struct component_out *out, const char *target,
    struct err *e)
{
	const char *name = js_get_text(file, "name");
	AUTOFREE char *from = xasprintf("%s/lib/%s", dir, name);
	AUTOFREE char *to = xasprintf("lib/rustlib/%s/lib/%s", target, name);
	char hex[HASH_HEX + 1];

	if (hash_file(from, hex, e) < 0)
		return -1;
	if (!str_eq(hex, js_get_text(file, "sha256"))) {
		err_set(e, ERR_INTEGRITY, "%s: is not what was installed (%s, not %s)", from, hex,
		    js_get_text(file, "sha256"));
		return err_hint(e, "uninstall it and install it again");
	}
	return component_add(out, to, from, e);
}

static int
add_rlibs(const struct dist_pack *p, const char *key, struct component_out *out, struct err *e)
{
	AUTOFREE char *dir = stdstore_dir(p->home->data, key);
	AUTOFREE char *path = xasprintf("%s/std.json", dir);
	const char *arch = p->combo->arch->name, *plat = p->combo->plat->name;
	AUTOJS struct js *j = NULL;
	const struct js *files;

	if (!stdstore_has(p->home->data, key)) {
		err_set(e, ERR_FAIL, "std for %s and %s is not installed", p->combo->arch->target,
		    p->rustc->line);
		return err_hint(e, "install it first: 'kraft-rust install %s %s'", arch, plat);
	}
	j = js_load(path, e);
	files = js_get(j, "files");
	for (size_t i = 0; i < js_len(files); i++)
		if (add_rlib(dir, js_at(files, i), out, p->combo->arch->target, e) < 0)
			return -1;
	return j ? 0 : -1;
}

/* One tarball and its digest. */
static int
write_one(const struct dist_pack *p, const char *name, enum tar_format format,
    struct component_out *out, struct dist_item *item, struct err *e)
{
	AUTOFREE char *dir = dist_item_dir(item);
	AUTOFREE char *path = xasprintf("%s/%s.tar.%s", dir, name, tar_suffixes[format]);
	AUTOFREE char *place = xasprintf("%s/%s", p->tree, path);
	AUTOFREE char *sum_place = xasprintf("%s.sha256", place);
	AUTOFREE char *sum = NULL;
	struct dist_file *file = &item->files[format];
	struct stat st;

	if (tar_write(place, format, &out->members, e) < 0 || hash_file(place, file->sha256, e) < 0)
		return -1;
	if (stat(place, &st) < 0)
		return err_errno(e, "read %s", place);
	file->size = (uint64_t)st.st_size;
	file->path = take_ptr(path);
	sum = xasprintf("%s  %s.tar.%s\n", file->sha256, name, tar_suffixes[format]);
	return fs_write_if_changed(sum_place, sum, e);
}

int
dist_pack_write(
    const struct dist_pack *p, struct component_out *out, struct dist_item *item, struct err *e)
{
	AUTOFREE char *below = dist_item_dir(item);
	AUTOFREE char *dir = xasprintf("%s/%s", p->tree, below);
	AUTOFREE char *path = xasprintf("%s/item.json", dir);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *meta = dist_item_js(item, false);
	AUTOJS struct js *whole = NULL;
	AUTOFREE char *meta_text = js_pretty(meta);
	size_t done = 0, total = 0;

	component_finish(out, meta_text);
	if (fs_mkdirs(dir, e) < 0)
		return -1;
	for (size_t i = 0; i < TAR_FORMATS; i++)
		total += p->formats[i];
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		AUTOFREE char *name = xasprintf("%s.tar.%s", out->top, tar_suffixes[i]);

		if (!p->formats[i])
			continue;
		if (write_one(p, out->top, (enum tar_format)i, out, item, e) < 0)
			return -1;
		p->progress->unit(p->progress->ctx, name, ++done, total);
	}
	whole = dist_item_js(item, true);
	text = js_pretty(whole);
	return fs_write_if_changed(path, text, e);
}

int
dist_pack_std(const struct dist_pack *p, struct dist_item *item, struct err *e)
{
	const char *target = p->combo->arch->target;
	AUTOFREE char *top = xasprintf("rust-std-%s-%s", p->rustc->release, target);
	AUTOFREE char *component = xasprintf("rust-std-%s", target);
	AUTO(component_out) out = {.top = top, .component = component};
	char key[STD_KEY_LEN + 1], recipe[HASH_HEX + 1];

	*item = (struct dist_item){.kind = DIST_STD};
	if (dist_std_key(p->share, p->combo, p->rustc, key, recipe, e) < 0 ||
	    add_rlibs(p, key, &out, e) < 0)
		return -1;
	item->key = xstrdup(key);
	item->target = xstrdup(target);
	item->rustc = xstrdup(p->rustc->line);
	item->host = xstrdup(p->rustc->host);
	item->recipe = xstrndup(recipe, STD_KEY_LEN);
	item->unpacked = out.bytes;
	if (dist_pack_write(p, &out, item, e) == 0)
		return 0;
	dist_item_free(item);
	return -1;
}
