/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/matrix.h"

#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/yml.h"
#include "core/matrix_rows.h"

static int
load_file(struct matrix *m, const char *path, struct matrix_rows *rows, struct err *e)
{
	const char *name = arena_strdup(&m->arena, path);
	const struct yml_node *root = yml_load(&m->arena, name, e);

	return root ? matrix_read(&m->arena, name, root, rows, e) : -1;
}

static int
load_overlays(struct matrix *m, const char *config, struct matrix_rows *rows, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/targets", config);
	AUTO(strv) names = {0};

	if (fs_list(dir, &names, e) < 0) {
		e->cls = ERR_INPUT;
		return -1;
	}
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[i]);

		if (names.v[i][0] == '.' || !str_ends(names.v[i], ".yaml"))
			continue;
		if (load_file(m, path, rows, e) < 0)
			return -1;
	}
	return 0;
}

/* The end of a load: on success the rows become the matrix. */
static int
finish(struct matrix *m, struct matrix_rows *rows, int rc, struct err *e)
{
	if (rc == 0)
		rc = matrix_link(rows, m, e);
	matrix_rows_free(rows);
	if (rc < 0)
		matrix_free(m);
	return rc;
}

int
matrix_load(
    struct matrix *m, const char *share, const char *config, const char *extra, struct err *e)
{
	AUTOFREE char *builtin = xasprintf("%s/targets/matrix.yaml", share);
	struct matrix_rows rows = {0};
	int rc;

	*m = (struct matrix){0};
	rc = load_file(m, builtin, &rows, e);
	if (rc == 0)
		rc = load_overlays(m, config, &rows, e);
	if (rc == 0 && extra)
		rc = load_file(m, extra, &rows, e);
	return finish(m, &rows, rc, e);
}

int
matrix_parse(
    struct matrix *m, const char *const *names, const char *const *texts, size_t n, struct err *e)
{
	struct matrix_rows rows = {0};
	int rc = 0;

	*m = (struct matrix){0};
	for (size_t i = 0; i < n && rc == 0; i++) {
		const char *name = arena_strdup(&m->arena, names[i]);
		const struct yml_node *root =
		    yml_parse(&m->arena, name, texts[i], strlen(texts[i]), e);

		rc = root ? matrix_read(&m->arena, name, root, &rows, e) : -1;
	}
	return finish(m, &rows, rc, e);
}

void
matrix_free(struct matrix *m)
{
	arena_free(&m->arena);
	*m = (struct matrix){0};
}

static bool
named(const char *name, const struct matrix_names *aliases, const char *word)
{
	if (strcmp(name, word) == 0)
		return true;
	for (size_t i = 0; i < aliases->n; i++)
		if (strcmp(aliases->v[i], word) == 0)
			return true;
	return false;
}

const struct matrix_arch *
matrix_arch(const struct matrix *m, const char *name)
{
	for (size_t i = 0; i < m->n_archs; i++)
		if (named(m->archs[i]->name, &m->archs[i]->aliases, name))
			return m->archs[i];
	return NULL;
}

const struct matrix_plat *
matrix_plat(const struct matrix *m, const char *name)
{
	for (size_t i = 0; i < m->n_plats; i++)
		if (named(m->plats[i]->name, &m->plats[i]->aliases, name))
			return m->plats[i];
	return NULL;
}

const struct matrix_arch *
matrix_arch_of(const struct matrix *m, unsigned machine)
{
	for (size_t i = 0; machine && i < m->n_archs; i++)
		if (m->archs[i]->machine == machine)
			return m->archs[i];
	return NULL;
}

const struct matrix_combo *
matrix_combo(const struct matrix *m, const char *id)
{
	for (size_t i = 0; i < m->n_combos; i++)
		if (strcmp(m->combos[i]->id, id) == 0)
			return m->combos[i];
	return NULL;
}

const struct matrix_libc *
matrix_libc(const struct matrix_combo *c)
{
	for (size_t i = 0; i < c->plat->n_libcs; i++)
		if (strcmp(c->plat->libcs[i].arch, c->arch->name) == 0)
			return &c->plat->libcs[i];
	return NULL;
}
