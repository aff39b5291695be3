/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_kit.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/component.h"
#include "core/home.h"
#include "core/kitcheck.h"
#include "core/kitstore.h"
#include "core/matrix.h"
#include "core/wrapconf.h"
#include "core/wrapgen.h"

/* Ten times as much as a kit with everything has. */
enum { MAX_FILES = 20000, MAX_BYTES = 256 << 20 };

char *
dist_kit_dir(const struct home *home, const struct matrix_combo *c)
{
	AUTOFREE char *path = wrapgen_path(home->data, c);
	AUTOFREE char *kit_conf = NULL;
	AUTO(wrapconf) conf = {0};
	struct err ignored;

	if (wrapconf_load(path, &conf, &ignored) < 0 || !conf.kit)
		return NULL;
	kit_conf = xasprintf("%s/kit.conf", conf.kit);
	return fs_is_file(kit_conf) ? take_ptr(conf.kit) : NULL;
}

/* Unikraft's version, which kit.json tells. */
static char *
unikraft_of(const char *dir)
{
	AUTOFREE char *path = xasprintf("%s/kit.json", dir);
	struct err ignored;
	AUTOJS struct js *facts = fs_is_file(path) ? js_load(path, &ignored) : NULL;
	const char *version = js_get_text(facts, "unikraft");

	return xstrdup(version && *version ? version : "unknown");
}

static char *
prefix_of(const struct matrix_combo *c)
{
	return xasprintf("lib/kraft-rust/kits/%s/", c->id);
}

/* The files of a kit into the component, and what it is into the item. */
static int
fill(const struct matrix_combo *c, const char *dir, struct component_out *out,
    struct dist_item *item, struct err *e)
{
	AUTOFREE char *prefix = prefix_of(c);
	AUTO(strv) files = {0};

	*item = (struct dist_item){.kind = DIST_KIT};
	if (kitstore_files(dir, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		AUTOFREE char *from = xasprintf("%s/%s", dir, files.v[i]);
		AUTOFREE char *to = xasprintf("%s%s", prefix, files.v[i]);

		if (component_add(out, to, from, e) < 0)
			return -1;
	}
	item->key = xstrdup(fs_basename(dir));
	item->target = xstrdup(c->arch->target);
	item->combo = xstrdup(c->id);
	item->unikraft = unikraft_of(dir);
	item->unpacked = out->bytes;
	return 0;
}

int
dist_kit_pack(const struct dist_pack *p, const char *dir, struct dist_item *item, struct err *e)
{
	AUTOFREE char *component = xasprintf("kraft-rust-kit-%s", p->combo->id);
	AUTOFREE char *top = xasprintf("%s-%.16s", component, fs_basename(dir));
	AUTO(component_out) out = {.top = top, .component = component};

	if (fill(p->combo, dir, &out, item, e) == 0 && dist_pack_write(p, &out, item, e) == 0)
		return 0;
	dist_item_free(item);
	return -1;
}

int
dist_kit_write(const struct matrix_combo *c, const char *dir, const char *path,
    enum tar_format format, struct err *e)
{
	AUTOFREE char *component = xasprintf("kraft-rust-kit-%s", c->id);
	AUTOFREE char *top = xasprintf("%s-%.16s", component, fs_basename(dir));
	AUTO(component_out) out = {.top = top, .component = component};
	AUTO(dist_item) item = {0};
	AUTOJS struct js *meta = NULL;
	AUTOFREE char *text = NULL;

	if (fill(c, dir, &out, &item, e) < 0)
		return -1;
	meta = dist_item_js(&item, false);
	text = js_pretty(meta);
	component_finish(&out, text);
	return tar_write(path, format, &out.members, e);
}

static int
check_meta(const char *tarball, const char *meta, const struct matrix_combo *c, struct err *e)
{
	AUTO(dist_item) item = {0};
	AUTOJS struct js *j = meta ? js_parse(tarball, meta, strlen(meta), e) : NULL;

	if (!j || dist_item_parse(tarball, j, &item, e) < 0 || item.kind != DIST_KIT ||
	    strcmp(item.combo, c->id) != 0)
		return err_set(e, ERR_INTEGRITY, "%s: does not say that it is a kit for %s %s",
		    tarball, c->arch->name, c->plat->name);
	return 0;
}

static int
unpack(const char *tarball, const struct matrix_combo *c, const char *stage, struct err *e)
{
	AUTOFREE char *component = xasprintf("kraft-rust-kit-%s", c->id);
	AUTOFREE char *prefix = prefix_of(c);
	AUTOFREE char *real = fs_realpath(stage, e);
	struct component_want want = {.component = component,
	    .prefix = prefix,
	    .limits = {.entries = MAX_FILES, .bytes = MAX_BYTES}};
	AUTO(component_got) got = {0};

	if (!real || component_unpack(tarball, &want, real, &got, e) < 0)
		return -1;
	if (check_meta(tarball, got.meta, c, e) < 0)
		return -1;
	return kitcheck_foreign(c, stage, e) < 0 ? err_wrap(e, "%s", tarball) : 0;
}

int
dist_kit_store(const char *tarball, const struct home *home, const struct matrix_combo *c,
    void (*waiting)(const void *), const void *ctx, char **dir, struct err *e)
{
	AUTOFREE char *work = xasprintf("%s/build/kit-%s", home->cache, c->id);
	AUTOFREE char *path = xasprintf("%s/lock", work);
	AUTOFREE char *stage = NULL;
	AUTOFD int held = -1;
	struct err ignored;

	*dir = NULL;
	if (fs_lock(path, waiting, ctx, &held, e) < 0)
		return -1;
	fs_sweep(work);
	stage = fs_stage(work, e);
	if (stage && unpack(tarball, c, stage, e) == 0)
		*dir = kitstore_add(home->data, c, stage, waiting, ctx, e);
	if (stage)
		fs_remove(stage, &ignored);
	fs_remove(path, &ignored);
	fs_prune(work, home->cache);
	return *dir ? 0 : -1;
}
