/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kitfile.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tar.h"
#include "core/component.h"
#include "core/dist_kit.h"
#include "core/kitcheck.h"
#include "core/kitdebug.h"
#include "core/matrix.h"

int
kitfile_format(const char *path, enum tar_format *format, struct err *e)
{
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		AUTOFREE char *suffix = xasprintf(".tar.%s", tar_suffixes[i]);

		if (!str_ends(path, suffix))
			continue;
		*format = (enum tar_format)i;
		return 0;
	}
	return err_set(
	    e, ERR_USAGE, "%s: its name has to end in .tar.zst, .tar.xz or .tar.gz", path);
}

static int
from_musl(const struct matrix_combo *c, struct err *e)
{
	err_set(e, ERR_USAGE, "the kit of %s %s is made from a machine's own musl", c->arch->name,
	    c->plat->name);
	return err_hint(e, "'kraft-rust install %s %s' makes it on the other machine",
	    c->arch->name, c->plat->name);
}

/* The kit that links for the combination, owned by the caller. */
static char *
used_kit(const struct home *home, const struct matrix_combo *c, struct err *e)
{
	AUTOFREE char *dir = NULL;

	if (matrix_libc(c)) {
		from_musl(c, e);
		return NULL;
	}
	dir = dist_kit_dir(home, c);
	if (dir)
		return take_ptr(dir);
	err_set(e, ERR_FAIL, "there is no kit for %s %s", c->arch->name, c->plat->name);
	err_hint(e, "run 'kraft-rust kit build %s %s --unikraft DIR --lib DIR' first",
	    c->arch->name, c->plat->name);
	return NULL;
}

int
kitfile_export(
    const struct home *home, const struct matrix_combo *c, const char *path, struct err *e)
{
	AUTOFREE char *dir = NULL;
	enum tar_format format = TAR_ZST;

	if (kitfile_format(path, &format, e) < 0)
		return -1;
	dir = used_kit(home, c, e);
	if (!dir)
		return -1;
	if (kitcheck_foreign(c, dir, e) < 0)
		return err_wrap(e, "%s", dir);
	return dist_kit_write(c, dir, path, format, e);
}

int
kitfile_export_debug(
    const struct home *home, const struct matrix_combo *c, const char *path, struct err *e)
{
	AUTOFREE char *dir = used_kit(home, c, e);

	return dir ? kitdebug_export(c, dir, path, e) : -1;
}

static int
no_kit(const char *path, struct err *e)
{
	err_set(e, ERR_INTEGRITY, "%s: is not a kit", path);
	return err_hint(e, "a kit's archive is made by 'kraft-rust kit export'");
}

/* The combination that the archive says it is for. */
static int
read_combo(const char *path, const struct js *meta, const struct matrix *m,
    const struct matrix_combo **c, struct err *e)
{
	AUTOFREE char *shown = NULL;
	struct err ignored = {0};
	AUTO(dist_item) item = {0};

	if (!meta || dist_item_parse(path, meta, &item, &ignored) < 0)
		return no_kit(path, e);
	if (item.kind != DIST_KIT) {
		no_kit(path, e);
		return err_hint(
		    e, "it is std for a compiler: 'kraft-rust install ARCH PLAT --from FILE'");
	}
	*c = matrix_combo(m, item.combo);
	if (*c)
		return matrix_libc(*c) ? from_musl(*c, e) : 0;
	shown = str_printable(item.combo, 80);
	err_set(e, ERR_INTEGRITY, "%s: is a kit for '%s', which this version does not know", path,
	    shown);
	return err_hint(e, "'kraft-rust list' shows every combination");
}

int
kitfile_import(const struct home *home, const struct matrix *m, const char *path,
    void (*waiting)(const void *), const void *ctx, const struct matrix_combo **c, char **dir,
    struct err *e)
{
	AUTOFREE char *shown = str_printable(path, 512);
	AUTOJS struct js *meta = NULL;
	AUTOFREE char *text = NULL;
	struct err ignored = {0};

	*dir = NULL;
	/* A pipe could be waited for without end. */
	if (fs_exists(path) && !fs_is_file(path))
		return err_set(e, ERR_INPUT, "%s: is not a file", shown);
	if (component_meta(path, &text, e) < 0)
		return -1;
	meta = text ? js_parse(path, text, strlen(text), &ignored) : NULL;
	if (str_eq(js_get_text(meta, "kind"), KITDEBUG_KIND))
		return kitdebug_import(home, m, path, meta, waiting, ctx, c, dir, e);
	if (read_combo(path, meta, m, c, e) < 0)
		return -1;
	return dist_kit_store(path, home, *c, waiting, ctx, dir, e);
}
