/* SPDX-License-Identifier: BSD-3-Clause */
/* From the words on a command line to a combination, or to a helpful answer. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"
#include "core/matrix.h"

enum { SHOWN = 100 }; /* bytes of a user's word in a message */

/* "x86_64 (amd64)" for people, and each name and alias for the search of the nearest. */
static void
collect(struct str *list, struct strv *words, const char *name, const struct matrix_names *aliases)
{
	str_addf(list, "%s%s", list->len ? ", " : "", name);
	strv_add(words, name);
	for (size_t i = 0; i < aliases->n; i++) {
		str_addf(list, "%s%s", i ? ", " : " (", aliases->v[i]);
		strv_add(words, aliases->v[i]);
	}
	str_add(list, aliases->n ? ")" : "");
}

static int
fail_unknown(const char *kind, const char *kinds, const char *word, const struct str *list,
    const struct strv *words, struct err *e)
{
	AUTOFREE char *shown = str_printable(word, SHOWN);
	AUTOFREE const char **all = xcalloc(words->n, sizeof(*all));
	const char *meant = NULL;

	for (size_t i = 0; i < words->n; i++)
		all[i] = words->v[i];
	meant = near_match(word, all, words->n);
	err_set(e, ERR_USAGE, "unknown %s '%s'%s%s%s", kind, shown, meant ? "; did you mean '" : "",
	    meant ? meant : "", meant ? "'?" : "");
	return err_hint(e, "%s: %s", kinds, list->len ? list->buf : "none");
}

static int
unknown_arch(const struct matrix *m, const char *word, struct err *e)
{
	AUTO(str) list = {0};
	AUTO(strv) words = {0};

	for (size_t i = 0; i < m->n_archs; i++)
		collect(&list, &words, m->archs[i]->name, &m->archs[i]->aliases);
	return fail_unknown("architecture", "architectures", word, &list, &words, e);
}

static int
unknown_plat(const struct matrix *m, const char *word, struct err *e)
{
	AUTO(str) list = {0};
	AUTO(strv) words = {0};

	for (size_t i = 0; i < m->n_plats; i++)
		collect(&list, &words, m->plats[i]->name, &m->plats[i]->aliases);
	return fail_unknown("platform", "platforms", word, &list, &words, e);
}

/* What goes with an architecture or a platform (the other one is NULL). */
static char *
partners(const struct matrix *m, const struct matrix_arch *arch, const struct matrix_plat *plat)
{
	AUTO(str) list = {0};

	for (size_t i = 0; i < m->n_combos; i++) {
		const struct matrix_combo *c = m->combos[i];

		if (c->arch != arch && c->plat != plat)
			continue;
		str_addf(&list, "%s%s", list.len ? ", " : "", arch ? c->plat->name : c->arch->name);
	}
	return str_take(&list);
}

static int
fail_single(const struct matrix *m, const char *word, struct err *e)
{
	AUTOFREE char *shown = str_printable(word, SHOWN), *with = NULL;
	const struct matrix_arch *arch = matrix_arch(m, word);
	const struct matrix_plat *plat = matrix_plat(m, word);

	if (arch) {
		with = partners(m, arch, NULL);
		return err_set(e, ERR_USAGE, "'%s' needs a platform behind it: %s", shown, with);
	}
	if (plat) {
		with = partners(m, NULL, plat);
		return err_set(
		    e, ERR_USAGE, "'%s' needs an architecture before it: %s", shown, with);
	}
	err_set(e, ERR_USAGE, "'%s' is no combination", shown);
	if (m->n_combos == 0)
		return -1;
	return err_hint(e, "write ARCH PLAT or PLAT/ARCH: %s %s, or %s/%s",
	    m->combos[0]->arch->name, m->combos[0]->plat->name, m->combos[0]->plat->name,
	    m->combos[0]->arch->name);
}

static const struct matrix_combo *
find_words(const struct matrix *m, const char *arch_word, const char *plat_word, struct err *e)
{
	const struct matrix_arch *arch = matrix_arch(m, arch_word);
	const struct matrix_plat *plat = matrix_plat(m, plat_word);
	AUTOFREE char *with = NULL;

	/* One word in the other's place is enough to see what was meant; it makes the
	 * message about the other word the right one. */
	if (!arch && !plat && (matrix_arch(m, plat_word) || matrix_plat(m, arch_word))) {
		const char *first = arch_word;

		arch_word = plat_word;
		plat_word = first;
		arch = matrix_arch(m, arch_word);
		plat = matrix_plat(m, plat_word);
	}
	if (!arch || !plat) {
		(void)(arch ? unknown_plat(m, plat_word, e) : unknown_arch(m, arch_word, e));
		return NULL;
	}
	for (size_t i = 0; i < m->n_combos; i++)
		if (m->combos[i]->arch == arch && m->combos[i]->plat == plat)
			return m->combos[i];
	with = partners(m, arch, NULL);
	err_set(e, ERR_USAGE, "there is no combination '%s %s'", arch->name, plat->name);
	err_hint(e, "platforms for %s: %s", arch->name, *with ? with : "none");
	return NULL;
}

const struct matrix_combo *
matrix_find(const struct matrix *m, const char *arch, const char *plat, struct err *e)
{
	AUTOFREE char *first = NULL;
	const char *slash = NULL;

	if (plat)
		return find_words(m, arch, plat, e);
	slash = strchr(arch, '/');
	if (!slash || slash == arch || slash[1] == '\0') {
		fail_single(m, arch, e);
		return NULL;
	}
	first = xstrndup(arch, (size_t)(slash - arch));
	return find_words(m, slash + 1, first, e);
}
