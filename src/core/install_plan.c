/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of install.h that finds out what has to be done. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/home.h"
#include "core/hostkit.h"
#include "core/install.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdbuild.h"
#include "core/sysroot.h"
#include "core/wrapconf.h"
#include "core/wrapgen.h"

static int
check_known(const struct install *in, struct err *e)
{
	const struct matrix_arch *a = in->combo->arch;

	if (spec_known(in->combo, in->rustc) == SPEC_BUILTIN)
		return 0;
	err_set(e, ERR_FAIL, "%s has no built-in target %s", in->rustc->line, a->target);
	if (a->builtin)
		return err_hint(e, "it is built in since rustc %u.%u: update the compiler, or choose "
				   "another with --rustc or --toolchain",
		    a->builtin_since.major, a->builtin_since.minor);
	return err_hint(e, "this version of kraft-rust installs std for built-in targets only; "
			   "'kraft-rust spec %s %s' prints the JSON spec",
	    a->name, in->combo->plat->name);
}

/* The commands that would bring the sources, or do without them. */
int
install_no_source(const struct install *in, struct err *e)
{
	const struct rustc *r = in->rustc;
	AUTO(strv) looked = {0};
	AUTO(strv) others = {0};

	free(rustc_source(r, &looked));
	err_set(e, ERR_FAIL, "the sources of std for %s are not here", r->line);
	for (size_t i = 0; i < looked.n; i++)
		err_hint(e, "looked in %s", looked.v[i]);
	if (r->toolchain)
		err_hint(e, "get them: 'rustup component add rust-src --toolchain %s'", r->toolchain);
	else if (strcmp(r->sysroot, "/usr") == 0)
		err_hint(e, "get them from where the compiler came from: 'apt install rust-web-src' for "
			    "Debian's rustc-web, 'apt install rust-src' for its rustc");
	else
		err_hint(e, "put the rust-src of exactly this compiler there");
	rustc_others_with_source(r, &others);
	for (size_t i = 0; i < others.n; i++)
		err_hint(e, "or use a compiler that has its sources: 'kraft-rust install %s %s %s'",
		    in->combo->arch->name, in->combo->plat->name, others.v[i]);
	return -1;
}

static int
plan_std(const struct install *in, struct install_plan *p, struct err *e)
{
	AUTOJS struct js *identity = spec_identity(p->spec);
	AUTOFREE char *recipe = stdbuild_recipe(in->share, e);

	if (!recipe)
		return -1;
	stdstore_key(in->rustc, in->combo->arch->target, identity, recipe, p->key);
	p->std_there = stdstore_has(in->home->data, p->key);
	if (p->std_there)
		return 0;
	p->source = rustc_source(in->rustc, NULL);
	if (p->source)
		return 0;
	p->add_source = in->rustc->toolchain && !in->offline;
	return p->add_source ? 0 : install_no_source(in, e);
}

/* The kit that the wrapper config names, as long as it is there. */
static char *
configured_kit(const char *conf_path)
{
	AUTO(wrapconf) conf = {0};
	AUTOFREE char *kit_conf = NULL;
	struct err ignored;

	if (wrapconf_load(conf_path, &conf, &ignored) < 0 || !conf.kit)
		return NULL;
	kit_conf = xasprintf("%s/kit.conf", conf.kit);
	return fs_is_file(kit_conf) ? take_ptr(conf.kit) : NULL;
}

static int
plan_kit(const struct install *in, struct install_plan *p, struct err *e)
{
	if (matrix_libc(in->combo)) {
		p->kit = hostkit_current(in->combo, in->home->data);
		p->make_kit = !p->kit;
		p->kit_there = !p->make_kit;
		return p->make_kit ? hostkit_check(in->combo, e) : 0;
	}
	p->kit = configured_kit(p->conf);
	p->kit_there = true;
	return 0;
}

static void
plan_conf(struct install_plan *p, const struct install *in)
{
	AUTO(str) there = {0};
	struct err ignored;

	/* With the kit still to be made its name is not known yet. */
	if (p->make_kit)
		return;
	p->conf_text = wrapgen_text(in->combo, p->kit);
	p->conf_there = fs_read(p->conf, strlen(p->conf_text), &there, &ignored) == 0 &&
	    strcmp(str_text(&there), p->conf_text) == 0;
}

static void
plan_sysroot(const struct install *in, struct install_plan *p)
{
	AUTOFREE char *std = stdstore_dir(in->home->data, p->key);
	AUTOFREE char *leads = NULL;

	p->link = sysroot_link_place(in->home->data, in->rustc, in->combo->arch->target);
	leads = p->link ? fs_readlink(p->link) : NULL;
	p->link_there = !p->link || str_eq(leads, std);
	p->sysroot_there =
	    sysroot_has(in->home->data, in->rustc, p->key, in->combo, p->spec, p->link);
}

int
install_plan(const struct install *in, struct install_plan *p, struct err *e)
{
	p->conf = wrapgen_path(in->home->data, in->combo);
	if (check_known(in, e) < 0 || spec_make(in->combo, in->rustc, in->share, &p->spec, e) < 0 ||
	    plan_std(in, p, e) < 0 || plan_kit(in, p, e) < 0)
		return -1;
	plan_conf(p, in);
	plan_sysroot(in, p);
	return 0;
}

bool
install_done(const struct install_plan *p)
{
	return p->std_there && p->kit_there && p->conf_there && p->sysroot_there && p->link_there;
}

void
install_describe(const struct install *in, const struct install_plan *p, struct strv *lines)
{
	const char *arch = in->combo->arch->name, *plat = in->combo->plat->name;
	AUTOFREE char *std = stdstore_dir(in->home->data, p->key);
	AUTOFREE char *sysroot = sysroot_path(in->home->data, in->rustc, p->key, in->combo);

	if (p->add_source)
		strv_addf(lines, "rustup component add rust-src --toolchain %s",
		    in->rustc->toolchain);
	if (!p->std_there)
		strv_addf(lines, "build std for %s with %s from %s into %s", in->combo->arch->target,
		    in->rustc->line, p->source ? p->source : "the sources that rustup brings", std);
	if (p->make_kit)
		strv_addf(lines, "make the kit of %s %s from this machine's musl", arch, plat);
	if (!p->conf_there)
		strv_addf(lines, "write the wrapper config %s", p->conf);
	if (!p->link_there)
		strv_addf(lines, "link %s to std", p->link);
	if (!p->sysroot_there)
		strv_addf(lines, "publish the sysroot %s", sysroot);
}

void
install_plan_free(struct install_plan *p)
{
	js_free(p->spec);
	free(p->source);
	free(p->kit);
	free(p->conf);
	free(p->conf_text);
	free(p->link);
	*p = (struct install_plan){0};
}
