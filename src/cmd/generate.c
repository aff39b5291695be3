/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust generate: specs and wrapper configs of many combinations, with an index. */
#include <stdlib.h>

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
	/* What the combinations of one architecture share. */
	const struct matrix_arch *arch;
	struct js *spec;
	char key[STD_KEY_LEN + 1];
	bool gated;
};

static void
generate_free(struct generate *g)
{
	free(g->recipe);
	js_unref(&g->entries);
	js_unref(&g->spec);
}

/* One of the index's combinations; paths are relative to the index. Combinations with
 * the same std need it once. */
static void
add_entry(struct generate *g, const struct matrix_combo *c, const char *json, const char *conf)
{
	struct js *v = js_obj();

	js_set(v, "id", js_str(c->id));
	js_set(v, "architecture", js_str(c->arch->name));
	js_set(v, "platform", js_str(c->plat->name));
	js_set(v, "target", js_str(c->arch->target));
	js_set(v, "builtin", js_bool(spec_known(c, g->rustc) == SPEC_BUILTIN));
	js_set(v, "unstable", js_bool(g->gated));
	js_set(v, "spec", js_str(json));
	js_set(v, "config", js_str(conf));
	js_set(v, "std", js_str(g->key));
	js_push(g->entries, v);
}

static int
take_up_arch(struct generate *g, const struct matrix_combo *c, struct err *e)
{
	AUTOJS struct js *identity = NULL;

	if (g->arch == c->arch) {
		spec_name(g->spec, c);
		return 0;
	}
	g->arch = NULL;
	js_unref(&g->spec);
	if (spec_make(c, g->rustc, g->share, &g->spec, e) < 0 ||
	    spec_gated(c, g->rustc, g->spec, &g->gated, e) < 0)
		return -1;
	identity = spec_identity(g->spec);
	stdstore_key(g->rustc, c->arch->target, identity, g->recipe, g->key);
	g->arch = c->arch;
	return 0;
}

/* <dir>/<combo>/<target>.json, which rustc finds by the target's name with
 * RUST_TARGET_PATH=<dir>/<combo>, and <dir>/<combo>.conf beside it. */
static int
generate_one(struct generate *g, const struct matrix_combo *c, struct err *e)
{
	AUTOFREE char *folder = xasprintf("%s/%s", g->dir, c->id);
	AUTOFREE char *json = xasprintf("%s/%s.json", c->id, c->arch->target);
	AUTOFREE char *conf = xasprintf("%s.conf", c->id);
	AUTOFREE char *json_path = xasprintf("%s/%s", g->dir, json);
	AUTOFREE char *conf_path = xasprintf("%s/%s", g->dir, conf);
	AUTOFREE char *conf_text = wrapgen_text(c, NULL);
	AUTOFREE char *json_text = NULL;

	if (take_up_arch(g, c, e) < 0 || fs_mkdirs(folder, e) < 0)
		return -1;
	json_text = js_pretty(g->spec);
	if (fs_put_if_changed(json_path, json_text, e) < 0 ||
	    fs_put_if_changed(conf_path, conf_text, e) < 0)
		return -1;
	add_entry(g, c, json, conf);
	return 0;
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
	for (size_t i = 0; i < m->n_combos; i++) {
		const struct matrix_combo *combo = m->combos[i];

		/* A fleet has old compilers too, which need not stop at a new row. */
		if (!strv_has(&g->rustc->targets, combo->arch->base))
			ctx_warn(c, "%s %s is left out: %s does not know %s", combo->arch->name,
			    combo->plat->name, g->rustc->line, combo->arch->base);
		else if (generate_one(g, combo, e) < 0)
			return -1;
	}
	if (write_index(g, e) < 0)
		return -1;
	ctx_note(c, "%zu combinations in %s", js_len(g->entries), g->dir);
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
		return err_set(
		    e, ERR_USAGE, "--all is every combination; no use for '%s'", c->args.v[0]);
	g.entries = js_arr();
	if (ctx_share(c, &g.share, e) < 0 || ctx_rustc(c, &g.rustc, e) < 0)
		return -1;
	g.recipe = stdbuild_recipe(g.share, e);
	if (!g.recipe)
		return -1;
	return c->args.n == 0 ? generate_all(c, &g, e) : generate_some(c, &g, e);
}
