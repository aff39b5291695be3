/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/stdstore.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/rustc.h"

void
stdstore_key(const struct rustc *r, const char *target, const struct js *spec, const char *recipe,
    char key[STD_KEY_LEN + 1])
{
	AUTOFREE char *text = js_compact(spec);
	struct hash *h = hash_new();
	char hex[HASH_HEX + 1];

	hash_field(h, "rustc", r->verbose);
	hash_field(h, "target", target);
	hash_field(h, "spec", text);
	hash_field(h, "recipe", recipe);
	hash_end(h, hex);
	memcpy(key, hex, STD_KEY_LEN);
	key[STD_KEY_LEN] = '\0';
}

char *
stdstore_dir(const char *data_home, const char *key)
{
	return xasprintf("%s/std/%s", data_home, key);
}

static bool
whole(const char *dir, const struct js *file)
{
	const char *name = js_get_text(file, "name");
	AUTOFREE char *path = name ? xasprintf("%s/lib/%s", dir, name) : NULL;
	struct stat st;

	return path && !strchr(name, '/') && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == js_num(js_get(file, "size"), -1);
}

bool
stdstore_has(const char *data_home, const char *key)
{
	AUTOFREE char *dir = stdstore_dir(data_home, key);
	AUTOFREE char *path = xasprintf("%s/std.json", dir);
	struct err ignored;
	AUTOJS struct js *j = js_load(path, &ignored);
	struct js *files = js_get(j, "files");

	for (size_t i = 0; i < js_len(files); i++)
		if (!whole(dir, js_at(files, i)))
			return false;
	return js_len(files) > 0;
}

/* One rlib into the staging directory, with what std.json says of it. */
static int
take_rlib(const char *from, const char *lib, struct js *files, struct err *e)
{
	AUTOFREE char *to = xasprintf("%s/%s", lib, fs_basename(from));
	char want[HASH_HEX + 1], got[HASH_HEX + 1];
	struct js *file;
	struct stat st;

	if (hash_file(from, want, e) < 0 || fs_copy(from, to, e) < 0 || hash_file(to, got, e) < 0)
		return -1;
	if (strcmp(want, got) != 0 || stat(to, &st) < 0)
		return err_set(e, ERR_INTEGRITY, "%s is not what was copied from %s (%s, not %s)",
		    to, from, got, want);
	file = js_obj();
	js_set(file, "name", js_str(fs_basename(from)));
	js_set(file, "size", js_int(st.st_size));
	js_set(file, "sha256", js_str(got));
	js_push(files, file);
	return 0;
}

static int
take_rlibs(void *ctx, const char *stage, struct js *files, struct err *e)
{
	const struct strv *rlibs = ctx;
	AUTOFREE char *lib = xasprintf("%s/lib", stage);

	for (size_t i = 0; i < rlibs->n; i++)
		if (take_rlib(rlibs->v[i], lib, files, e) < 0)
			return -1;
	return 0;
}

static int
describe(const char *stage, struct js *j, struct err *e)
{
	AUTOFREE char *lib = xasprintf("%s/lib", stage);
	AUTOFREE char *path = xasprintf("%s/std.json", stage);
	AUTOFREE char *text = js_pretty(j);

	if (fs_sync_dir(lib, e) < 0)
		return -1;
	return fs_write(path, text, strlen(text), 0666, e);
}

int
stdstore_add_with(const char *data_home, const char *key, const struct rustc *r, const char *target,
    const char *archive, int (*fill)(void *ctx, const char *stage, struct js *files, struct err *e),
    void *ctx, struct err *e)
{
	AUTOFREE char *parent = xasprintf("%s/std", data_home);
	AUTOFREE char *dir = stdstore_dir(data_home, key);
	AUTOFREE char *stage = NULL;
	AUTOFREE char *lib = NULL;
	AUTOJS struct js *j = js_obj();
	struct js *files = js_arr();
	struct err ignored;

	js_set(j, "format", js_int(1));
	js_set(j, "key", js_str(key));
	js_set(j, "rustc", js_str(r->line));
	js_set(j, "target", js_str(target));
	js_set(j, "files", files);
	if (archive)
		js_set(j, "archive", js_str(archive));
	fs_sweep(parent);
	stage = fs_stage(parent, e);
	if (!stage)
		return -1;
	lib = xasprintf("%s/lib", stage);
	if (fs_mkdirs(lib, e) < 0 || fill(ctx, stage, files, e) < 0 || describe(stage, j, e) < 0 ||
	    fs_publish(stage, dir, e) < 0) {
		fs_remove(stage, &ignored);
		return err_wrap(e, "store std for %s", target);
	}
	return 0;
}

int
stdstore_add(const char *data_home, const char *key, const struct rustc *r, const char *target,
    const struct strv *rlibs, struct err *e)
{
	struct strv list = *rlibs; /* borrowed */

	return stdstore_add_with(data_home, key, r, target, NULL, take_rlibs, &list, e);
}
