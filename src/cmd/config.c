/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust config: the block in a project's .cargo/config.toml. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/run_options.h"
#include "cmd/run_vm.h"
#include "cmd/setup.h"

/* In the home folder .cargo/config.toml is the one of all projects. */
static void
warn_if_global(const struct ctx *c, const char *dir)
{
	const char *own = getenv("CARGO_HOME"), *user = getenv("HOME");
	AUTOFREE char *global =
	    own && *own ? xstrdup(own) : xasprintf("%s/.cargo", user ? user : "");
	AUTOFREE char *here = xasprintf("%s/.cargo", dir);
	AUTOFREE char *real = realpath(global, NULL);

	if (strcmp(here, real ? real : global) == 0)
		ctx_warn(c, "%s/config.toml is cargo's configuration of all your projects", here);
}

/* All combinations: the first is the default. */
static int
make_setup(struct ctx *c, const char *dir, struct cargosetup *setup, struct err *e)
{
	const struct matrix_combo *combo;
	size_t used;

	/* Each is understood before any is looked for. */
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
	for (size_t at = 0; at < c->args.n; at += used) {
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
		if (at == 0 ? setup_make(c, combo, dir, setup, e) < 0
			    : setup_add(c, combo, dir, setup, e) < 0)
			return -1;
	}
	return 0;
}

static void
say_options(const struct ctx *c, const struct cargoconf *one)
{
	AUTOFREE char *text = one->options->n ? proc_quote(one->options->v) : NULL;
	AUTOFREE char *shown = text ? str_printable(text, 512) : NULL;

	if (shown)
		ctx_note(c, "  run options of %s %s: %s", one->arch, one->plat, shown);
}

/* How to get at the combinations that are not the default. */
static void
say_aliases(const struct ctx *c, const struct cargoconf *conf)
{
	for (size_t i = 0; i < conf->n_more; i++) {
		AUTOFREE char *alias = cargoconf_alias(&conf->more[i]);

		ctx_note(
		    c, "  for %s %s: cargo %s run", conf->more[i].arch, conf->more[i].plat, alias);
		say_options(c, &conf->more[i]);
	}
}

/* The run options of all combinations, the default's first. */
struct kept {
	struct strv *v;
	size_t n;
};

static void
kept_free(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		strv_free(&k->v[i]);
	free(k->v);
}

/* What is given is for the default; else each keeps what the block has for it. */
static int
keep_options(
    struct ctx *c, const char *dir, struct cargosetup *setup, struct kept *k, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/.cargo/config.toml", dir);
	const bool fresh = run_options_given(c) || ctx_flag(c, OPT_NO_RUN_OPTIONS);
	AUTO(str) old = {0};

	if (fs_exists(path) && fs_read(path, CARGOCONF_MAX, &old, e) < 0)
		return -1;
	k->n = 1 + setup->n_others;
	k->v = xcalloc(k->n, sizeof(*k->v));
	for (size_t i = 0; i < k->n; i++) {
		struct cargoconf *one = i == 0 ? &setup->conf : &setup->more[i - 1];

		if (i == 0 && fresh)
			run_options_words(c, &k->v[i]);
		else if (cargoconf_options(path, str_text(&old), one, &k->v[i], e) < 0)
			return -1;
		one->options = &k->v[i];
	}
	return 0;
}

/* Options that could never work are refused here, not at the first run. */
static int
check_options(struct ctx *c, struct err *e)
{
	const struct matrix_combo *combo;
	AUTO(run_options) o = {0};

	if (!run_options_given(c))
		return 0;
	if (ctx_flag(c, OPT_NO_RUN_OPTIONS))
		return err_set(e, ERR_USAGE, "--%s and --no-run-options exclude each other",
		    run_options_given(c));
	if (run_options_read(c, &o, e) < 0 || ctx_combo(c, 0, &combo, NULL, e) < 0)
		return -1;
	if (o.initrd && !fs_is_file(o.initrd)) {
		AUTOFREE char *shown = str_printable(o.initrd, 512);

		return err_set(e, ERR_USAGE, "--initrd %s: there is no such file", shown);
	}
	return run_vm_check(combo->plat, &o, e);
}

int
cmd_config(struct ctx *c, struct err *e)
{
	const char *wanted = ctx_opt(c, OPT_DIR) ? ctx_opt(c, OPT_DIR) : ".";
	AUTO(cargosetup) setup = {0};
	AUTOFREE char *dir = NULL;
	AUTO(kept) kept = {0};
	bool changed;

	dir = fs_realpath(wanted, e);
	if (!dir)
		return -1;
	if (!fs_is_dir(dir))
		return err_set(e, ERR_USAGE, "%s: is not a folder", wanted);
	if (check_options(c, e) < 0 || make_setup(c, dir, &setup, e) < 0 ||
	    keep_options(c, dir, &setup, &kept, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_PRINT)) {
		AUTOFREE char *block = cargoconf_block(&setup.conf, e);

		if (!block)
			return -1;
		fputs(block, stdout);
		return 0;
	}
	warn_if_global(c, dir);
	if (setup_write(c, dir, &setup, &changed, e) < 0)
		return -1;
	ctx_note(c, changed ? "wrote %s/.cargo/config.toml" : "%s/.cargo/config.toml is up to date",
	    dir);
	say_options(c, &setup.conf);
	say_aliases(c, &setup.conf);
	return 0;
}
