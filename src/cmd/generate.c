/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust generate: specs and wrapper configs of many combinations, with an index. */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "core/spec.h"
#include "core/stdbuild.h"
#include "core/stdstore.h"
#include "core/wrapgen.h"

struct generate {
	const char *dir, *share;
	const struct rustc *rustc;
	char *recipe;       /* of std, for its key */
	struct js *entries; /* of the index */
};

static void
generate_free(struct generate *g)
{
	AUTOFREE char *recipe = take_ptr(g->recipe);

	js_unref(&g->entries);
}

/* One of the index's combinations; paths are relative to the index. Combinations with
 * the same std need it once. */
static int
add_entry(struct generate *g, const struct matrix_combo *c, const struct js *spec,
    const char *spec_name, const char *conf_name, struct err *e)
{
	AUTOJS struct js *identity = spec_identity(spec);
	struct js *v = js_obj();
	char key[STD_KEY_LEN + 1];
	bool gated;

	js_push(g->entries, v);
	if (spec_gated(c, g->rustc, spec, &gated, e) < 0)
		return -1;
	stdstore_key(g->rustc, c->arch->target, identity, g->recipe, key);
	js_set(v, "id", js_str(c->id));
	js_set(v, "architecture", js_str(c->arch->name));
	js_set(v, "platform", js_str(c->plat->name));
	js_set(v, "target", js_str(c->arch->target));
	js_set(v, "builtin", js_bool(spec_known(c, g->rustc) == SPEC_BUILTIN));
	js_set(v, "unstable", js_bool(gated));
	js_set(v, "spec", js_str(spec_name));
	js_set(v, "config", js_str(conf_name));
	js_set(v, "std", js_str(key));
	return 0;
}

/* <dir>/<combo>/<target>.json, which rustc finds by the target's name with
 * RUST_TARGET_PATH=<dir>/<combo>, and <dir>/<combo>.conf beside it. */
static int
generate_one(struct generate *g, const struct matrix_combo *c, struct err *e)
{
	AUTOFREE char *folder = xasprintf("%s/%s", g->dir, c->id);
	AUTOFREE char *spec_name = xasprintf("%s/%s.json", c->id, c->arch->target);
	AUTOFREE char *conf_name = xasprintf("%s.conf", c->id);
	AUTOFREE char *spec_path = xasprintf("%s/%s", g->dir, spec_name);
	AUTOFREE char *conf_path = xasprintf("%s/%s", g->dir, conf_name);
	AUTOFREE char *conf = wrapgen_text(c, NULL);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *spec = NULL;

	if (spec_make(c, g->rustc, g->share, &spec, e) < 0 || fs_mkdirs(folder, e) < 0)
		return -1;
	text = js_pretty(spec);
	if (fs_put_if_changed(spec_path, text, e) < 0 ||
	    fs_put_if_changed(conf_path, conf, e) < 0)
		return -1;
	return add_entry(g, c, spec, spec_name, conf_name, e);
}

/* <dir>/index.json, whose keys only ever get more:
 * {"format": 1, "rustc": {"release", "version"}, "combinations": [C, ...]}, each C with
 * id, architecture, platform, target, builtin (the compiler has the target built in, so
 * that it takes no spec), unstable (it takes the spec with -Zunstable-options only), spec
 * and config (their paths), std (the key of the std that fits). */
static int
write_index(const struct generate *g, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/index.json", g->dir);
	AUTOJS struct js *index = js_obj();
	AUTOFREE char *text = NULL;
	struct js *rustc = js_obj();

	js_set(rustc, "release", js_str(g->rustc->release));
	js_set(rustc, "version", js_str(g->rustc->line));
	js_set(index, "format", js_int(1));
	js_set(index, "rustc", rustc);
	js_set(index, "combinations", js_copy(g->entries));
	text = js_pretty(index);
	return fs_put_if_changed(path, text, e);
}

static int
generate_all(struct ctx *c, struct generate *g, struct err *e)
{
	const struct matrix *m;

	if (ctx_matrix(c, &m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->n_combos; i++)
		if (generate_one(g, m->combos[i], e) < 0)
			return -1;
	if (write_index(g, e) < 0)
		return -1;
	ctx_note(c, "%zu combinations in %s", m->n_combos, g->dir);
	return 0;
}

static int
generate_some(struct ctx *c, struct generate *g, struct err *e)
{
	const struct matrix_combo *combo;
	size_t used;

	/* Every argument is understood before anything is written. */
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0 || generate_one(g, combo, e) < 0)
			return -1;
	return write_index(g, e);
}

int
cmd_generate(struct ctx *c, struct err *e)
{
	AUTO(generate) g = {.dir = ctx_opt(c, OPT_OUTPUT)};

	if (!g.dir) {
		err_set(e, ERR_USAGE, "'generate' needs -o DIR");
		return err_hint(e, "see 'kraft-rust help generate'");
	}
	if (ctx_flag(c, OPT_ALL) && c->args.n > 0)
		return err_set(e, ERR_USAGE, "--all is every combination; no use for '%s'",
		    c->args.v[0]);
	g.entries = js_arr();
	if (ctx_share(c, &g.share, e) < 0 || ctx_rustc(c, &g.rustc, e) < 0)
		return -1;
	g.recipe = stdbuild_recipe(g.share, e);
	if (!g.recipe)
		return -1;
	return c->args.n == 0 ? generate_all(c, &g, e) : generate_some(c, &g, e);
}
