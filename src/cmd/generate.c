/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "core/spec.h"
#include "core/wrapgen.h"

/* <dir>/<combo>/<target>.json, which rustc finds by the target's name with
 * RUST_TARGET_PATH=<dir>/<combo>, and <dir>/<combo>.conf beside it. */
static int
generate_one(struct ctx *c, const struct matrix_combo *combo, const char *dir, struct err *e)
{
	AUTOFREE char *folder = xasprintf("%s/%s", dir, combo->id);
	AUTOFREE char *spec_path = xasprintf("%s/%s.json", folder, combo->arch->target);
	AUTOFREE char *conf_path = xasprintf("%s/%s.conf", dir, combo->id);
	AUTOFREE char *conf = wrapgen_text(combo, NULL);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *spec = NULL;
	const struct rustc *r;
	const char *share;

	if (ctx_share(c, &share, e) < 0 || ctx_rustc(c, &r, e) < 0 ||
	    spec_make(combo, r, share, &spec, e) < 0 || fs_mkdirs(folder, e) < 0)
		return -1;
	text = js_pretty(spec);
	if (fs_write_if_changed(spec_path, text, e) < 0)
		return -1;
	return fs_write_if_changed(conf_path, conf, e);
}

static int
generate_all(struct ctx *c, const char *dir, struct err *e)
{
	const struct matrix *m;

	if (ctx_matrix(c, &m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->n_combos; i++)
		if (generate_one(c, m->combos[i], dir, e) < 0)
			return -1;
	ctx_note(c, "%zu combinations in %s", m->n_combos, dir);
	return 0;
}

int
cmd_generate(struct ctx *c, struct err *e)
{
	const char *dir = ctx_opt(c, OPT_OUTPUT);
	const struct matrix_combo *combo;
	size_t used;

	if (!dir) {
		err_set(e, ERR_USAGE, "'generate' needs -o DIR");
		return err_hint(e, "see 'kraft-rust help generate'");
	}
	if (c->args.n == 0)
		return generate_all(c, dir, e);
	/* Every argument is understood before anything is written. */
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0 || generate_one(c, combo, dir, e) < 0)
			return -1;
	return 0;
}
