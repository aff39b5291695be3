/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kitdebug.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/component.h"
#include "core/home.h"
#include "core/kitfile.h"
#include "core/kitstore.h"
#include "core/matrix.h"
#include "core/sameobject.h"

/* Ten times as much as a kit with everything has. */
enum { MAX_FILES = 20000, MAX_BYTES = 1 << 30 };

int
kitdebug_add(const char *data_home, const char *kit_dir, const char *stage,
    void (*waiting)(const void *), const void *ctx, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s" KITDEBUG_SUFFIX, kit_dir);
	AUTOFREE char *lock = xasprintf("%s/lock", data_home);
	AUTO(strv) files = {0};
	AUTOFD int held = -1;

	if (kitstore_files(stage, &files, e) < 0 || fs_lock(lock, waiting, ctx, &held, e) < 0)
		return -1;
	return kitstore_publish(stage, &files, dir, e);
}

static char *
component_of(const struct matrix_combo *c)
{
	return xasprintf("kraft-rust-kit-debug-%s", c->id);
}

static char *
prefix_of(const struct matrix_combo *c)
{
	return xasprintf("lib/kraft-rust/kit-debug/%s/", c->id);
}

int
kitdebug_export(const struct matrix_combo *c, const char *kit_dir, const char *path, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s" KITDEBUG_SUFFIX, kit_dir);
	AUTOFREE char *component = component_of(c), *prefix = prefix_of(c);
	AUTOFREE char *top = xasprintf("%s-%s", component, fs_basename(kit_dir));
	AUTO(component_out) out = {.top = top, .component = component};
	AUTOJS struct js *meta = js_obj();
	AUTOFREE char *text = NULL;
	enum tar_format format;
	AUTO(strv) files = {0};

	if (kitfile_format(path, &format, e) < 0 || kitstore_files(dir, &files, e) < 0)
		return -1;
	if (files.n == 0) {
		err_set(e, ERR_FAIL, "the kit %s has no debug information beside it", kit_dir);
		return err_hint(e, "'kraft-rust kit build' makes it with the kit");
	}
	for (size_t i = 0; i < files.n; i++) {
		AUTOFREE char *from = xasprintf("%s/%s", dir, files.v[i]);
		AUTOFREE char *to = xasprintf("%s%s", prefix, files.v[i]);

		if (component_add(&out, to, from, e) < 0)
			return -1;
	}
	js_set(meta, "kind", js_str(KITDEBUG_KIND));
	js_set(meta, "combination", js_str(c->id));
	js_set(meta, "key", js_str(fs_basename(kit_dir)));
	text = js_pretty(meta);
	component_finish(&out, text);
	return tar_write(path, format, &out.members, e);
}

/* The kit that the archive says it is of. */
static char *
find_kit(const struct home *home, const struct matrix *m, const char *path, const struct js *meta,
    const struct matrix_combo **c, struct err *e)
{
	const char *combo = js_get_text(meta, "combination"), *key = js_get_text(meta, "key");
	AUTOFREE char *dir = NULL, *conf = NULL;

	*c = combo ? matrix_combo(m, combo) : NULL;
	if (!*c || !key || !str_word(key)) {
		err_set(e, ERR_INTEGRITY, "%s: does not say which kit it belongs to", path);
		return NULL;
	}
	dir = xasprintf("%s/kits/%s/%s", home->data, (*c)->id, key);
	conf = xasprintf("%s/kit.conf", dir);
	if (fs_is_file(conf))
		return take_ptr(dir);
	err_set(e, ERR_FAIL, "%s: belongs to the kit %s of %s %s, which is not here", path, key,
	    (*c)->arch->name, (*c)->plat->name);
	err_hint(e, "import that kit first");
	return NULL;
}

static int
check_fits(
    const char *path, const char *kit_dir, const char *stage, const char *name, struct err *e)
{
	AUTOFREE char *whole = xasprintf("%s/%s", stage, name);
	AUTOFREE char *stripped = xasprintf("%s/%s", kit_dir, name);

	if (fs_is_file(stripped) && sameobject(whole, stripped))
		return 0;
	return err_set(e, ERR_INTEGRITY, "%s: %s is not the object that the kit %s has", path, name,
	    fs_basename(kit_dir));
}

static int
unpack(const char *path, const struct matrix_combo *c, const char *kit_dir, const char *stage,
    struct err *e)
{
	AUTOFREE char *component = component_of(c), *prefix = prefix_of(c);
	AUTOFREE char *real = fs_realpath(stage, e);
	struct component_want want = {.component = component,
	    .prefix = prefix,
	    .limits = {.entries = MAX_FILES, .bytes = MAX_BYTES}};
	AUTO(component_got) got = {0};
	AUTO(strv) files = {0};

	if (!real || component_unpack(path, &want, real, &got, e) < 0 ||
	    kitstore_files(stage, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++)
		if (check_fits(path, kit_dir, stage, files.v[i], e) < 0)
			return -1;
	return 0;
}

int
kitdebug_import(const struct home *home, const struct matrix *m, const char *path,
    const struct js *meta, void (*waiting)(const void *), const void *ctx,
    const struct matrix_combo **c, char **dir, struct err *e)
{
	AUTOFREE char *work = xasprintf("%s/build/kit-debug", home->cache);
	AUTOFREE char *lock = xasprintf("%s/lock", work);
	AUTOFREE char *kit = find_kit(home, m, path, meta, c, e);
	AUTOFREE char *stage = NULL;
	AUTOFD int held = -1;
	struct err ignored;

	*dir = NULL;
	if (!kit || fs_lock(lock, waiting, ctx, &held, e) < 0)
		return -1;
	fs_sweep(work);
	stage = fs_stage(work, e);
	if (stage && unpack(path, *c, kit, stage, e) == 0 &&
	    kitdebug_add(home->data, kit, stage, waiting, ctx, e) == 0)
		*dir = xasprintf("%s" KITDEBUG_SUFFIX, kit);
	if (stage)
		fs_remove(stage, &ignored);
	fs_remove(lock, &ignored);
	fs_prune(work, home->cache);
	return *dir ? 0 : -1;
}
