/* SPDX-License-Identifier: BSD-3-Clause */
/* list: every combination, how the compiler knows it, and what is installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "core/installed.h"
#include "core/spec.h"
#include "core/wrapconf.h"

/* What is known of one combination. */
struct state {
	const struct matrix_combo *combo;
	const struct installed *own;   /* std for the compiler at hand; NULL: none */
	const struct installed *other; /* std for another one, the last installed */
	char *kit;                     /* the kit's directory; NULL: none */
};

/* No compiler at hand is fine, *r is NULL then; one that was asked for must be there. */
static int
find_rustc(struct ctx *c, const struct rustc **r, struct err *e)
{
	struct rustc_choice choice = ctx_choice(c);

	*r = NULL;
	if (ctx_rustc(c, r, e) == 0)
		return 0;
	if (rustc_chosen(&choice) || e->cls == ERR_SIGNAL)
		return -1;
	*r = NULL;
	ctx_warn(c, "%s", e->msg);
	return 0;
}

/* The directory of the kit that the wrapper config names, when it is really there. */
static char *
find_kit(struct ctx *c, const struct matrix_combo *combo)
{
	AUTOFREE char *path = xasprintf("%s/linkers/%s.conf", c->home.data, combo->id);
	AUTOFREE char *conf = NULL;
	AUTO(wrapconf) wrap = {0};
	struct err err;

	if (!fs_exists(path))
		return NULL;
	if (wrapconf_load(path, &wrap, &err) < 0) {
		ctx_warn(c, "%s", err.msg);
		return NULL;
	}
	if (!wrap.kit)
		return NULL;
	conf = xasprintf("%s/kit.conf", wrap.kit);
	return fs_is_file(conf) ? take_ptr(wrap.kit) : NULL;
}

/* Of the other compilers one that is still there, else any. */
static const struct installed *
find_other(const struct installed_list *l, const char *combo)
{
	const struct installed *found = installed_find(l, combo, NULL);

	for (size_t i = 0; i < l->n && !found; i++)
		if (strcmp(l->v[i].combo, combo) == 0)
			found = &l->v[i];
	return found;
}

static void
find_state(struct ctx *c, const struct matrix_combo *combo, const struct rustc *r,
    const struct installed_list *l, struct state *s)
{
	*s = (struct state){.combo = combo, .kit = find_kit(c, combo)};
	if (r)
		s->own = installed_find(l, combo->id, r);
	if (!s->own)
		s->other = find_other(l, combo->id);
}

/* "rustc 1.96.0 (...)": the word in the middle. Owned by the caller. */
static char *
release_of(const struct installed *i)
{
	AUTO(strv) words = {0};

	strv_split(&words, i->rustc_line, ' ');
	return str_printable(words.n > 1 ? words.v[1] : i->rustc_line, 64);
}

static char *
known_text(const struct state *s, const struct rustc *r)
{
	const struct matrix_arch *a = s->combo->arch;

	if (!r)
		return xstrdup("-");
	switch (spec_known(s->combo, r)) {
	case SPEC_BUILTIN:
		return xstrdup("built in");
	case SPEC_JSON:
		return xstrdup("JSON");
	case SPEC_TOO_OLD:
		break;
	}
	if (!a->builtin)
		return xstrdup("too old");
	return xasprintf("too old (needs %u.%u)", a->builtin_since.major, a->builtin_since.minor);
}

static char *
std_text(const struct state *s)
{
	AUTOFREE char *release = s->other ? release_of(s->other) : NULL;

	if (s->own)
		return xstrdup("installed");
	if (!release)
		return xstrdup("-");
	return xasprintf(
	    "for %s%s", release, access(s->other->rustc_exe, X_OK) == 0 ? "" : " (gone)");
}

static void
print_table(const struct ctx *c, const struct state *states, size_t n, const struct rustc *r)
{
	static const char *const head[] = {"ARCH", "PLATFORM", "TARGET", "RUSTC", "STD", "KIT"};
	AUTO(table) t = {.columns = ARRAY_LEN(head)};
	AUTO(str) out = {0};

	if (n == 0) {
		ctx_note(c, "nothing is installed");
		return;
	}
	table_add(&t, head);
	for (size_t i = 0; i < n; i++) {
		const struct matrix_combo *combo = states[i].combo;
		AUTOFREE char *known = known_text(&states[i], r);
		AUTOFREE char *std = std_text(&states[i]);
		const char *const row[] = {combo->arch->name, combo->plat->name,
		    combo->arch->target, known, std, states[i].kit ? "installed" : "-"};

		table_add(&t, row);
	}
	table_text(&t, &out);
	fputs(str_text(&out), stdout);
}

static struct js *
json_rustc(const struct rustc *r)
{
	struct js *v = NULL;

	if (!r)
		return js_str(NULL);
	v = js_obj();
	js_set(v, "id", js_str(r->id));
	js_set(v, "path", js_str(r->exe));
	js_set(v, "release", js_str(r->release));
	js_set(v, "version", js_str(r->line));
	js_set(v, "host", js_str(r->host));
	js_set(v, "nightly", js_bool(r->nightly));
	js_set(v, "toolchain", js_str(r->toolchain));
	return v;
}

static const char *
known_key(const struct matrix_combo *c, const struct rustc *r)
{
	if (!r)
		return NULL;
	switch (spec_known(c, r)) {
	case SPEC_BUILTIN:
		return "builtin";
	case SPEC_JSON:
		return "json";
	case SPEC_TOO_OLD:
		break;
	}
	return "too-old";
}

/* Every compiler that std of the combination is installed for. */
static struct js *
json_installs(const struct installed_list *l, const char *combo)
{
	struct js *arr = js_arr();

	for (size_t i = 0; i < l->n; i++) {
		const struct installed *it = &l->v[i];
		AUTOFREE char *release = release_of(it);
		struct js *v = NULL;

		if (strcmp(it->combo, combo) != 0)
			continue;
		v = js_obj();
		js_set(v, "id", js_str(it->rustc_id));
		js_set(v, "path", js_str(it->rustc_exe));
		js_set(v, "release", js_str(release));
		js_set(v, "sysroot", js_str(it->sysroot));
		js_set(v, "toolchain", js_str(it->toolchain));
		js_push(arr, v);
	}
	return arr;
}

static struct js *
json_combo(const struct state *s, const struct rustc *r, const struct installed_list *l)
{
	const struct matrix_combo *c = s->combo;
	AUTOFREE char *kraft =
	    c->plat->kraft ? xasprintf("%s/%s", c->plat->kraft, c->arch->kraft) : NULL;
	struct js *v = js_obj();

	js_set(v, "id", js_str(c->id));
	js_set(v, "architecture", js_str(c->arch->name));
	js_set(v, "platform", js_str(c->plat->name));
	js_set(v, "summary", js_str(c->plat->summary));
	js_set(v, "kraft", js_str(kraft));
	js_set(v, "target", js_str(c->arch->target));
	js_set(v, "known", js_str(known_key(c, r)));
	js_set(v, "std", js_bool(s->own != NULL));
	js_set(v, "std_for", json_installs(l, c->id));
	js_set(v, "kit", js_str(s->kit));
	return v;
}

/* {"rustc": R, "combinations": [C, ...]}, whose keys only ever get more:
 * R is null without a compiler, else id, path, release, version (the first line of
 * rustc -vV), host, nightly (boolean), toolchain (rustup's name or null).
 * C is id ("qemu-x86_64"), architecture, platform, summary, kraft ("qemu/x86_64" or
 * null), target, known ("builtin", "json", "too-old", null without a compiler), std
 * (boolean: installed for R), std_for (a list of the compilers that std is installed
 * for: id, path, release, sysroot, toolchain), kit (its directory or null). */
static void
print_json(
    const struct state *states, size_t n, const struct rustc *r, const struct installed_list *l)
{
	AUTOJS struct js *v = js_obj();
	AUTOFREE char *text = NULL;
	struct js *combos = js_arr();

	for (size_t i = 0; i < n; i++)
		js_push(combos, json_combo(&states[i], r, l));
	js_set(v, "rustc", json_rustc(r));
	js_set(v, "combinations", combos);
	text = js_pretty(v);
	fputs(text, stdout);
}

int
cmd_list(struct ctx *c, struct err *e)
{
	bool all = !ctx_flag(c, OPT_INSTALLED);
	AUTO(installed_list) l = {0};
	AUTOFREE struct state *states = NULL;
	const struct matrix *m = NULL;
	const struct rustc *r = NULL;
	size_t n = 0;

	if (ctx_matrix(c, &m, e) < 0 || find_rustc(c, &r, e) < 0 ||
	    installed_load(c->home.data, &l, e) < 0)
		return -1;
	states = xcalloc(m->n_combos, sizeof(*states));
	for (size_t i = 0; i < m->n_combos; i++) {
		struct state *s = &states[n];

		find_state(c, m->combos[i], r, &l, s);
		n += all || s->own || s->other || s->kit;
	}
	if (ctx_flag(c, OPT_JSON))
		print_json(states, n, r, &l);
	else
		print_table(c, states, n, r);
	for (size_t i = 0; i < n; i++)
		free(states[i].kit);
	return 0;
}
