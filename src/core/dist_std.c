/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_std.h"

#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/component.h"
#include "core/dist_index.h"
#include "core/rustc.h"
#include "core/stdstore.h"

/* What the text of kraft-rust.json has to say. */
static int
check_meta(const char *tarball, const char *meta, const char *key, const struct rustc *r,
    const char *target, struct err *e)
{
	AUTO(dist_item) item = {0};
	AUTOJS struct js *j = NULL;

	if (!meta)
		return err_set(e, ERR_INTEGRITY,
		    "%s: has no kraft-rust.json, so it is not known what it was built for",
		    tarball);
	j = js_parse(tarball, meta, strlen(meta), e);
	if (!j || dist_item_parse(tarball, j, &item, e) < 0) {
		e->cls = ERR_INTEGRITY;
		return err_wrap(e, "kraft-rust.json");
	}
	if (item.kind == DIST_STD && strcmp(item.key, key) == 0)
		return 0;
	if (item.kind != DIST_STD)
		return err_set(e, ERR_INTEGRITY, "%s: holds no std", tarball);
	if (strcmp(item.target, target) != 0)
		return err_set(e, ERR_INTEGRITY, "%s: holds std for %s, not for %s", tarball,
		    item.target, target);
	if (strcmp(item.rustc, r->line) != 0)
		return err_set(e, ERR_INTEGRITY, "%s: holds std for %s, but this is %s", tarball,
		    item.rustc, r->line);
	err_set(e, ERR_INTEGRITY, "%s: holds std %s for this compiler, and %s is wanted", tarball,
	    item.key, key);
	return err_hint(e, "it was built on another host, or by another version of kraft-rust");
}

int
dist_std_check(
    const char *tarball, const char *key, const struct rustc *r, const char *target, struct err *e)
{
	AUTOFREE char *meta = NULL;

	if (component_meta(tarball, &meta, e) < 0)
		return -1;
	return check_meta(tarball, meta, key, r, target, e);
}

struct std {
	const char *tarball, *key, *target;
	const struct rustc *rustc;
};

/* The files as the store names them: rlibs only, all in one folder. */
static int
describe(
    const char *tarball, const char *stage, const struct js *got, struct js *files, struct err *e)
{
	if (js_len(got) == 0)
		return err_set(e, ERR_INTEGRITY, "%s: holds no files", tarball);
	for (size_t i = 0; i < js_len(got); i++) {
		struct js *file = js_copy(js_at(got, i));
		AUTOFREE char *name = xstrdup(js_get_text(file, "name"));
		AUTOFREE char *path = xasprintf("%s/%s", stage, name);

		js_push(files, file);
		if (!str_starts(name, "lib/") || strchr(name + 4, '/') || !str_ends(name, ".rlib"))
			return err_set(
			    e, ERR_INTEGRITY, "%s: '%s' is no library of std", tarball, name);
		js_set(file, "name", js_str(name + 4));
		if (fs_sync_file(path, e) < 0)
			return -1;
	}
	return 0;
}

static int
fill(void *ctx, const char *stage, struct js *files, struct err *e)
{
	const struct std *s = ctx;
	AUTOFREE char *component = xasprintf("rust-std-%s", s->target);
	AUTOFREE char *prefix = xasprintf("lib/rustlib/%s/", s->target);
	AUTOFREE char *real = fs_realpath(stage, e);
	struct component_want want = {.component = component, .prefix = prefix};
	AUTO(component_got) got = {0};

	if (!real || component_unpack(s->tarball, &want, real, &got, e) < 0)
		return -1;
	if (check_meta(s->tarball, got.meta, s->key, s->rustc, s->target, e) < 0)
		return -1;
	return describe(s->tarball, real, got.files, files, e);
}

int
dist_std_store(const char *tarball, const char *sha256, const char *data_home, const char *key,
    const struct rustc *r, const char *target, struct err *e)
{
	struct std s = {.tarball = tarball, .key = key, .target = target, .rustc = r};

	return stdstore_add_with(data_home, key, r, target, sha256, fill, &s, e);
}
