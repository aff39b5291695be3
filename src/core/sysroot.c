/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/sysroot.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/installed.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdstore.h"

char *
sysroot_path(
    const char *data_home, const struct rustc *r, const char *key, const struct matrix_combo *c)
{
	return xasprintf("%s/sysroots/%s-%.8s/%s", data_home, r->release, key, c->id);
}

static char *
std_lib(const char *data_home, const char *key)
{
	AUTOFREE char *dir = stdstore_dir(data_home, key);

	return xasprintf("%s/lib", dir);
}

static void
make_record(const char *sysroot, const struct rustc *r, const char *key,
    const struct matrix_combo *c, const char *link, struct installed *out)
{
	*out = (struct installed){
	    .rustc_id = xstrdup(r->id),
	    .rustc_exe = xstrdup(r->exe),
	    .rustc_line = xstrdup(r->line),
	    .toolchain = r->toolchain ? xstrdup(r->toolchain) : NULL,
	    .combo = xstrdup(c->id),
	    .target = xstrdup(c->arch->target),
	    .std_key = xstrdup(key),
	    .sysroot = xstrdup(sysroot),
	    .link = link ? xstrdup(link) : NULL,
	};
}

static char *
gate_path(const char *sysroot, const char *target)
{
	return xasprintf("%s/lib/rustlib/%s/unstable", sysroot, target);
}

bool
sysroot_gated(const char *sysroot, const char *target)
{
	AUTOFREE char *path = gate_path(sysroot, target);

	return fs_exists(path);
}

static int
fill(const char *stage, const char *data_home, const struct installed *record,
    const struct js *spec, const char *gate, struct err *e)
{
	AUTOFREE char *gate_file = gate_path(stage, record->target);
	AUTOFREE char *dir = xasprintf("%s/lib/rustlib/%s", stage, record->target);
	AUTOFREE char *json = xasprintf("%s/target.json", dir);
	AUTOFREE char *link = xasprintf("%s/lib", dir);
	AUTOFREE char *lib = std_lib(data_home, record->std_key);
	AUTOFREE char *text = js_pretty(spec);

	if (fs_mkdirs(dir, e) < 0 || fs_write(json, text, strlen(text), 0666, e) < 0 ||
	    fs_symlink_swap(lib, link, e) < 0 ||
	    (gate && fs_write(gate_file, gate, strlen(gate), 0666, e) < 0))
		return -1;
	return installed_save(record, stage, e);
}

int
sysroot_publish(const char *data_home, const struct rustc *r, const char *key,
    const struct matrix_combo *c, const struct js *spec, const char *link, struct err *e)
{
	AUTOFREE char *parent = xasprintf("%s/sysroots", data_home);
	AUTOFREE char *path = sysroot_path(data_home, r, key, c);
	AUTOFREE char *stage = NULL;
	AUTO(installed) record = {0};
	struct err ignored;
	const char *gate;
	bool gated;

	if (spec_gated(c, r, spec, &gated, e) < 0)
		return -1;
	gate = !gated ? NULL : r->nightly ? "nightly\n" : "stable\n";
	make_record(path, r, key, c, link, &record);
	fs_sweep(parent);
	stage = fs_stage(parent, e);
	if (!stage)
		return -1;
	if (fill(stage, data_home, &record, spec, gate, e) < 0 || fs_publish(stage, path, e) < 0) {
		fs_remove(stage, &ignored);
		return err_wrap(e, "publish the sysroot of %s %s", c->arch->name, c->plat->name);
	}
	return 0;
}

static bool
same_spec(const char *path, const struct js *spec)
{
	AUTOFREE char *text = js_pretty(spec);
	AUTO(str) there = {0};
	struct err ignored;

	return fs_read(path, strlen(text), &there, &ignored) == 0 &&
	       strcmp(str_text(&there), text) == 0;
}

bool
sysroot_has(const char *data_home, const struct rustc *r, const char *key,
    const struct matrix_combo *c, const struct js *spec, const char *link)
{
	AUTOFREE char *path = sysroot_path(data_home, r, key, c);
	AUTOFREE char *dir = xasprintf("%s/lib/rustlib/%s", path, c->arch->target);
	AUTOFREE char *json = xasprintf("%s/target.json", dir);
	AUTOFREE char *std = xasprintf("%s/lib", dir);
	AUTOFREE char *leads = fs_readlink(std);
	AUTOFREE char *lib = std_lib(data_home, key);
	AUTO(installed_list) list = {0};
	const struct installed *record;
	struct err ignored;

	if (!str_eq(leads, lib) || !same_spec(json, spec) ||
	    installed_load(data_home, &list, &ignored) < 0)
		return false;
	record = installed_find(&list, c->id, r);
	return record && strcmp(record->std_key, key) == 0 &&
	       strcmp(record->rustc_exe, r->exe) == 0 && str_eq(record->link, link);
}

bool
sysroot_is_link(const char *data_home, const char *link)
{
	AUTOFREE char *leads = fs_readlink(link);
	AUTOFREE char *std = xasprintf("%s/std/", data_home);

	return leads && str_starts(leads, std);
}

char *
sysroot_link_place(const char *data_home, const struct rustc *r, const char *target)
{
	AUTOFREE char *dir = xasprintf("%s/lib/rustlib", r->sysroot);
	AUTOFREE char *link = xasprintf("%s/%s", dir, target);
	struct stat st;

	if (!r->toolchain || access(dir, W_OK) < 0)
		return NULL;
	if (lstat(link, &st) == 0 && !sysroot_is_link(data_home, link))
		return NULL;
	return take_ptr(link);
}

void
sysroot_links(const char *data_home, struct strv *links)
{
	AUTOFREE char *home = rustc_rustup_home();
	AUTOFREE char *quoted = home ? fs_glob_quote(home) : NULL;
	AUTOFREE char *pattern = quoted ? xasprintf("%s/toolchains/*/lib/rustlib/*", quoted) : NULL;
	AUTO(strv) found = {0};

	if (pattern)
		fs_glob(pattern, &found);
	for (size_t i = 0; i < found.n; i++) {
		AUTOFREE char *dir = fs_dirname(found.v[i]);
		AUTOFREE char *real = NULL;
		AUTOFREE char *link = NULL;
		struct err ignored;

		if (!sysroot_is_link(data_home, found.v[i]))
			continue;
		/* A toolchain may be a link itself; records name the sysroot that it leads to. */
		real = fs_realpath(dir, &ignored);
		link = xasprintf("%s/%s", real ? real : dir, fs_basename(found.v[i]));
		if (!strv_has(links, link))
			strv_add(links, link);
	}
}
