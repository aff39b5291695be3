/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kraftfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yml.h"
#include "core/matrix.h"

struct reader {
	const struct matrix *m;
	const char *path;
	const char *name; /* of targets without one */
	struct strv *out;
	struct err *e;
};

/* What kraft calls it: the matrix knows the aliases. Architectures have none there. */
static const char *
kraft_plat(const struct reader *r, const char *plat)
{
	const struct matrix_plat *row = matrix_plat(r->m, plat);

	return row && row->kraft ? row->kraft : plat;
}

static int
check_word(const struct reader *r, const struct yml_node *at, const char *what, const char *word)
{
	if (str_word(word))
		return 0;
	return yml_error(r->path, at, r->e, "%s is not a plain word", what);
}

static int
add(const struct reader *r, const struct yml_node *at, const char *plat, const char *arch,
    const char *name)
{
	if (!plat || !arch)
		return yml_error(
		    r->path, at, r->e, "a target without %s", plat ? "architecture" : "platform");
	if (check_word(r, at, "the target's platform", plat) < 0 ||
	    check_word(r, at, "the target's architecture", arch) < 0 ||
	    check_word(r, at, "the target's name", name) < 0)
		return -1;
	strv_addf(r->out, "%s/%s %s", kraft_plat(r, plat), arch, name);
	return 0;
}

static int
read_text(const struct reader *r, const struct yml_node *n)
{
	const char *slash = strchr(n->text, '/');
	AUTOFREE char *plat = NULL;

	if (!slash)
		return yml_error(r->path, n, r->e, "a target is PLATFORM/ARCHITECTURE");
	plat = xstrndup(n->text, (size_t)(slash - n->text));
	return add(r, n, plat, slash + 1, r->name);
}

static int
read_mapping(const struct reader *r, const struct yml_node *n)
{
	const char *plat = NULL, *arch = NULL, *name = r->name, *slash;
	AUTOFREE char *first = NULL;

	for (const struct yml_node *v = n->first; v; v = v->next) {
		const char *key = v->key->text;
		bool is_plat = str_eq(key, "plat") || str_eq(key, "platform");
		bool is_arch = str_eq(key, "arch") || str_eq(key, "architecture");
		bool is_name = str_eq(key, "name") || str_eq(key, "kernel");

		if (!is_plat && !is_arch && !is_name)
			continue;
		if (v->kind != YML_SCALAR)
			return yml_error(r->path, v, r->e, "%s is not a text", key);
		plat = is_plat ? v->text : plat;
		arch = is_arch ? v->text : arch;
		name = is_name ? v->text : name;
	}
	slash = plat ? strchr(plat, '/') : NULL;
	if (!slash)
		return add(r, n, plat, arch, name);
	first = xstrndup(plat, (size_t)(slash - plat));
	return add(r, n, first, slash + 1, name);
}

static int
read_targets(const struct reader *r, const struct yml_node *targets)
{
	if (targets->kind != YML_SEQ)
		return yml_error(r->path, targets, r->e, "targets is not a list");
	for (const struct yml_node *n = targets->first; n; n = n->next) {
		if (n->kind == YML_SEQ)
			return yml_error(r->path, n, r->e, "a target is a text or a mapping");
		if ((n->kind == YML_SCALAR ? read_text(r, n) : read_mapping(r, n)) < 0)
			return -1;
	}
	return 0;
}

static const struct yml_node *
member(const struct yml_node *map, const char *key)
{
	for (const struct yml_node *v = map->first; v; v = v->next)
		if (strcmp(v->key->text, key) == 0)
			return v;
	return NULL;
}

static int
read_root(struct reader *r, const struct yml_node *root)
{
	const struct yml_node *name, *outdir, *targets;

	if (root->kind != YML_MAP)
		return yml_error(r->path, root, r->e, "is not a Kraftfile: not a mapping");
	name = member(root, "name");
	outdir = member(root, "outdir");
	targets = member(root, "targets");
	if (name && name->kind != YML_SCALAR)
		return yml_error(r->path, name, r->e, "name is not a text");
	/* kraft takes it for the name of the image too. */
	if (outdir)
		return yml_error(r->path, outdir, r->e,
		    "outdir is not supported: leave it out, the image is copied anyway");
	if (name && *name->text)
		r->name = name->text;
	return targets ? read_targets(r, targets) : 0;
}

int
kraftfile_targets(const struct matrix *m, const char *path, struct strv *targets, struct err *e)
{
	AUTOFREE char *full = fs_absolute(path);
	AUTOFREE char *dir = fs_dirname(full);
	struct reader r = {m, path, fs_basename(dir), targets, e};
	struct arena a = {0};
	const struct yml_node *root = yml_load(&a, path, e);
	int rc = root ? read_root(&r, root) : -1;

	arena_free(&a);
	return rc;
}
