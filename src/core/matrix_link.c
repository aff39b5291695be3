/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of all files of the matrix: replacing, uniqueness, cross-references.
 * Everything is done by sorting, so that a file of the greatest size is no burden. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"
#include "base/yml.h"
#include "core/matrix_rows.h"

/* A name or alias, and what it names. */
struct word {
	const char *text;
	struct matrix_part *part;
	const struct yml_node *at;
	size_t seq;
};

struct words {
	const char *kind;
	struct word *v;
	size_t n;
};

struct combo {
	const struct matrix_pair *pair;
	const struct matrix_part *arch, *plat;
	const char *id;
	size_t seq;
	bool dropped;
};

static int
compare_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int
compare_names(const void *a, const void *b)
{
	const struct matrix_part *x = *(struct matrix_part *const *)a;
	const struct matrix_part *y = *(struct matrix_part *const *)b;
	int d = strcmp(x->name, y->name);

	return d ? d : compare_size(x->seq, y->seq);
}

/* Of the rows with one name keep the last, in the first one's position. */
static void
replace_rows(struct matrix_parts *parts)
{
	AUTOFREE struct matrix_part **sorted = xcalloc(parts->n, sizeof(*sorted));
	size_t kept = 0;

	for (size_t i = 0; i < parts->n; i++)
		sorted[i] = &parts->v[i];
	qsort(sorted, parts->n, sizeof(*sorted), compare_names);
	for (size_t i = 0, j; i < parts->n; i = j) {
		for (j = i + 1; j < parts->n && strcmp(sorted[i]->name, sorted[j]->name) == 0; j++)
			sorted[j]->name = NULL;
		if (j > i + 1) {
			const char *name = sorted[i]->name;

			*sorted[i] = *sorted[j - 1];
			sorted[i]->name = name;
		}
	}
	for (size_t i = 0; i < parts->n; i++)
		if (parts->v[i].name)
			parts->v[kept++] = parts->v[i];
	parts->n = kept;
}

static int
compare_words(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	int d = strcmp(x->text, y->text);

	if (d == 0)
		d = compare_size(x->part->seq, y->part->seq);
	return d ? d : compare_size(x->seq, y->seq);
}

static void
add_word(struct words *w, struct matrix_part *p, const struct yml_node *at)
{
	w->v[w->n] = (struct word){at->text, p, at, w->n};
	w->n++;
}

/* All names and aliases, sorted. Each may name one thing only. */
static int
index_words(struct matrix_parts *parts, struct words *w, struct err *e)
{
	size_t n = parts->n;

	for (size_t i = 0; i < parts->n; i++)
		n += parts->v[i].aliases ? parts->v[i].aliases->n : 0;
	w->kind = parts->kind;
	w->v = xcalloc(n, sizeof(*w->v));
	for (size_t i = 0; i < parts->n; i++) {
		struct matrix_part *p = &parts->v[i];
		const struct yml_node *alias = p->aliases ? p->aliases->first : NULL;

		add_word(w, p, p->at);
		for (; alias; alias = alias->next)
			add_word(w, p, alias);
	}
	qsort(w->v, w->n, sizeof(*w->v), compare_words);
	for (size_t i = 1; i < w->n; i++) {
		const struct word *old = &w->v[i - 1], *now = &w->v[i];
		AUTOFREE char *file = NULL;

		if (strcmp(old->text, now->text) != 0)
			continue;
		file = str_printable(old->part->file, 4096);
		return yml_error(now->part->file, now->at, e,
		    "'%s' already names the %s '%s' (%s:%u:%u)", now->text, w->kind,
		    old->part->name, file, old->at->line, old->at->column);
	}
	return 0;
}

static int
compare_text(const void *key, const void *word)
{
	return strcmp(key, ((const struct word *)word)->text);
}

/* What the word names; NULL, with the error filled in, when nothing. */
static struct matrix_part *
resolve(const struct words *w, const char *file, const struct yml_node *at, struct err *e)
{
	const struct word *found = NULL;
	AUTOFREE const char **all = NULL;
	const char *meant = NULL;

	if (w->n)
		found = bsearch(at->text, w->v, w->n, sizeof(*w->v), compare_text);
	if (found)
		return found->part;
	all = xcalloc(w->n, sizeof(*all));
	for (size_t i = 0; i < w->n; i++)
		all[i] = w->v[i].text;
	meant = near_match(at->text, all, w->n);
	yml_error(file, at, e, "unknown %s '%s'%s%s%s", w->kind, at->text,
	    meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
	return NULL;
}

static int
link_libcs(struct matrix_part *plat, const struct words *archs, struct err *e)
{
	const struct yml_node *row = plat->libc ? plat->libc->first : NULL;

	for (size_t i = 0; row; row = row->next, i++) {
		struct matrix_libc *libcs = plat->plat->libcs;
		const struct matrix_part *arch = resolve(archs, plat->file, row->key, e);

		if (!arch)
			return -1;
		libcs[i].arch = arch->name;
		for (size_t j = 0; j < i; j++)
			if (libcs[j].arch == arch->name)
				return yml_error(plat->file, row->key, e,
				    "'%s' is given twice: it is an alias", row->key->text);
	}
	return 0;
}

static int
compare_combos(const void *a, const void *b)
{
	const struct combo *x = *(struct combo *const *)a, *y = *(struct combo *const *)b;
	int d = strcmp(x->id, y->id);

	return d ? d : compare_size(x->seq, y->seq);
}

/* Of two combinations with one id the second is a repetition: a mistake within one
 * file, harmless in a later one. Names may contain '-', so it can be another one,
 * too: a-b with c is not a with b-c. */
static int
check_repeated(const struct combo *old, struct combo *now, struct err *e)
{
	const struct matrix_pair *p = now->pair;

	if (old->arch != now->arch || old->plat != now->plat)
		return yml_error(p->file, p->plat, e,
		    "the combinations '%s %s' and '%s %s' share the file name '%s'",
		    old->arch->name, old->plat->name, now->arch->name, now->plat->name, now->id);
	if (old->pair->file == p->file)
		return yml_error(p->file, p->plat, e,
		    "the combination '%s %s' is given twice, first in line %u", now->arch->name,
		    now->plat->name, old->pair->plat->line);
	now->dropped = true;
	return 0;
}

static int
drop_repeated(struct combo *combos, size_t n, struct err *e)
{
	AUTOFREE struct combo **sorted = xcalloc(n, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = &combos[i];
	qsort(sorted, n, sizeof(*sorted), compare_combos);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0 &&
		    check_repeated(sorted[i - 1], sorted[i], e) < 0)
			return -1;
	return 0;
}

static const char *
make_id(struct arena *a, const char *plat, const char *arch)
{
	size_t n = strlen(plat) + strlen(arch) + 2;
	char *id = arena_alloc(a, n);

	snprintf(id, n, "%s-%s", plat, arch);
	return id;
}

static int
resolve_combos(struct arena *a, const struct matrix_rows *rows, const struct words *archs,
    const struct words *plats, struct combo *combos, struct err *e)
{
	for (size_t i = 0; i < rows->n_pairs; i++) {
		const struct matrix_pair *p = &rows->pairs[i];
		struct combo *c = &combos[i];

		c->pair = p;
		c->seq = i;
		c->arch = resolve(archs, p->file, p->arch, e);
		if (!c->arch)
			return -1;
		c->plat = resolve(plats, p->file, p->plat, e);
		if (!c->plat)
			return -1;
		c->id = make_id(a, c->plat->name, c->arch->name);
	}
	return drop_repeated(combos, rows->n_pairs, e);
}

/* A platform with libc rows must have one for each architecture that it goes with:
 * without one the combination would look like one of Unikraft's. */
static int
check_libc(const struct combo *c, const struct matrix_combo *made, struct err *e)
{
	if (made->plat->n_libcs == 0 || matrix_libc(made))
		return 0;
	return yml_error(c->pair->file, c->pair->plat, e,
	    "the platform '%s' says nothing about '%s' under 'libc'", made->plat->name,
	    made->arch->name);
}

static int
fill_combos(struct matrix *m, const struct combo *combos, size_t n, struct err *e)
{
	m->combos = arena_alloc(&m->arena, (n + 1) * sizeof(*m->combos));
	for (size_t i = 0; i < n; i++) {
		struct matrix_combo *made = NULL;

		if (combos[i].dropped)
			continue;
		made = arena_alloc(&m->arena, sizeof(*made));
		made->arch = combos[i].arch->arch;
		made->plat = combos[i].plat->plat;
		made->id = combos[i].id;
		if (check_libc(&combos[i], made, e) < 0)
			return -1;
		m->combos[m->n_combos++] = made;
	}
	return 0;
}

static void
fill_parts(const struct matrix_rows *rows, struct matrix *m)
{
	m->archs = arena_alloc(&m->arena, (rows->archs.n + 1) * sizeof(*m->archs));
	for (size_t i = 0; i < rows->archs.n; i++)
		m->archs[m->n_archs++] = rows->archs.v[i].arch;
	m->plats = arena_alloc(&m->arena, (rows->plats.n + 1) * sizeof(*m->plats));
	for (size_t i = 0; i < rows->plats.n; i++)
		m->plats[m->n_plats++] = rows->plats.v[i].plat;
}

static int
link_rows(struct matrix_rows *rows, struct words *archs, struct words *plats, struct matrix *m,
    struct err *e)
{
	AUTOFREE struct combo *combos = xcalloc(rows->n_pairs, sizeof(*combos));

	if (index_words(&rows->archs, archs, e) < 0 || index_words(&rows->plats, plats, e) < 0)
		return -1;
	for (size_t i = 0; i < rows->plats.n; i++)
		if (link_libcs(&rows->plats.v[i], archs, e) < 0)
			return -1;
	if (resolve_combos(&m->arena, rows, archs, plats, combos, e) < 0)
		return -1;
	fill_parts(rows, m);
	return fill_combos(m, combos, rows->n_pairs, e);
}

int
matrix_link(struct matrix_rows *rows, struct matrix *m, struct err *e)
{
	struct words archs = {0}, plats = {0};
	int rc;

	replace_rows(&rows->archs);
	replace_rows(&rows->plats);
	rc = link_rows(rows, &archs, &plats, m, e);
	free(archs.v);
	free(plats.v);
	return rc;
}

void
matrix_rows_free(struct matrix_rows *rows)
{
	free(rows->archs.v);
	free(rows->plats.v);
	free(rows->pairs);
	*rows = (struct matrix_rows){0};
}
