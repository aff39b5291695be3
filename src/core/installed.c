/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/installed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/rustc.h"

enum { FORMAT = 1 };

void
installed_free(struct installed *i)
{
	free(i->rustc_id);
	free(i->rustc_exe);
	free(i->rustc_line);
	free(i->toolchain);
	free(i->combo);
	free(i->target);
	free(i->std_key);
	free(i->sysroot);
	free(i->link);
	*i = (struct installed){0};
}

void
installed_list_free(struct installed_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		installed_free(&l->v[i]);
	free(l->v);
	*l = (struct installed_list){0};
}

int
installed_save(const struct installed *i, const char *dir, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/install.json", dir);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *v = js_obj();
	struct js *rustc = js_obj();

	js_set(rustc, "id", js_str(i->rustc_id));
	js_set(rustc, "path", js_str(i->rustc_exe));
	js_set(rustc, "version", js_str(i->rustc_line));
	js_set(rustc, "toolchain", js_str(i->toolchain));
	js_set(v, "format", js_int(FORMAT));
	js_set(v, "rustc", rustc);
	js_set(v, "combination", js_str(i->combo));
	js_set(v, "target", js_str(i->target));
	js_set(v, "std", js_str(i->std_key));
	js_set(v, "link", js_str(i->link));
	text = js_pretty(v);
	return fs_write(path, text, strlen(text), 0666, e);
}

/* The records decide what an uninstall removes, so a value that is to become part
 * of a path must be a plain word, and a path absolute. */
static char *
word(const struct js *obj, const char *key)
{
	const char *s = js_get_text(obj, key);

	return s && str_word(s) ? xstrdup(s) : NULL;
}

static char *
absolute(const struct js *obj, const char *key)
{
	const char *s = js_get_text(obj, key);

	return s && *s == '/' ? xstrdup(s) : NULL;
}

static char *
text(const struct js *obj, const char *key)
{
	const char *s = js_get_text(obj, key);

	return s ? xstrdup(s) : NULL;
}

static bool
read_record(const char *sysroot, const char *combo, struct installed *i)
{
	AUTOFREE char *path = xasprintf("%s/install.json", sysroot);
	AUTOJS struct js *v = NULL;
	const struct js *rustc = NULL;
	struct err ignored;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	v = js_load(path, &ignored);
	if (js_num(js_get(v, "format"), 0) != FORMAT)
		return false;
	rustc = js_get(v, "rustc");
	i->rustc_id = word(rustc, "id");
	i->rustc_exe = absolute(rustc, "path");
	i->rustc_line = text(rustc, "version");
	i->toolchain = text(rustc, "toolchain");
	i->combo = word(v, "combination");
	i->target = word(v, "target");
	i->std_key = word(v, "std");
	i->link = absolute(v, "link");
	i->sysroot = xstrdup(sysroot);
	i->when = st.st_mtim;
	return i->rustc_id && i->rustc_exe && i->rustc_line && i->target && i->std_key &&
	       str_eq(i->combo, combo);
}

/* The sysroots of one compiler. */
static void
load_compiler(const char *dir, struct installed_list *l)
{
	AUTO(strv) combos = {0};
	struct err ignored;

	if (fs_list(dir, &combos, &ignored) < 0)
		return;
	for (size_t i = 0; i < combos.n; i++) {
		AUTOFREE char *sysroot = xasprintf("%s/%s", dir, combos.v[i]);
		struct installed record = {0};

		if (!read_record(sysroot, combos.v[i], &record)) {
			installed_free(&record);
			continue;
		}
		l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
		l->v[l->n++] = record;
	}
}

/* Above 0 when a was written before b. */
static int
newest_first(const struct installed *a, const struct installed *b)
{
	if (a->when.tv_sec != b->when.tv_sec)
		return a->when.tv_sec < b->when.tv_sec ? 1 : -1;
	return (a->when.tv_nsec < b->when.tv_nsec) - (a->when.tv_nsec > b->when.tv_nsec);
}

static int
compare(const void *x, const void *y)
{
	const struct installed *a = x, *b = y;
	int d = strcmp(a->combo, b->combo);

	if (d == 0)
		d = strcmp(a->rustc_id, b->rustc_id);
	if (d == 0)
		d = newest_first(a, b);
	return d ? d : strcmp(a->sysroot, b->sysroot);
}

int
installed_load(const char *data_home, struct installed_list *l, struct err *e)
{
	AUTOFREE char *root = xasprintf("%s/sysroots", data_home);
	AUTO(strv) compilers = {0};

	*l = (struct installed_list){0};
	if (fs_list(root, &compilers, e) < 0)
		return err_wrap(e, "find what is installed");
	for (size_t i = 0; i < compilers.n; i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", root, compilers.v[i]);

		if (compilers.v[i][0] != '.') /* staging directories */
			load_compiler(dir, l);
	}
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	return 0;
}

static bool
usable(const struct installed *i)
{
	return fs_is_file(i->rustc_exe) && access(i->rustc_exe, X_OK) == 0;
}

const struct installed *
installed_find(const struct installed_list *l, const char *combo, const struct rustc *r)
{
	const struct installed *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct installed *it = &l->v[i];

		if (strcmp(it->combo, combo) != 0 || (r && strcmp(it->rustc_id, r->id) != 0))
			continue;
		if ((!best || newest_first(best, it) > 0) && (r || usable(it)))
			best = it;
	}
	return best;
}
