/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of install.h that finds out what has to be done. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/str.h"
#include "core/dist_kit.h"
#include "core/dist_source.h"
#include "core/dist_std.h"
#include "core/home.h"
#include "core/hostkit.h"
#include "core/install.h"
#include "core/kitbuild.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdbuild.h"
#include "core/sysroot.h"
#include "core/wrapgen.h"

enum { DIGEST_MAX = 65536 };

static int
check_known(const struct install *in, struct err *e)
{
	const struct matrix_arch *a = in->combo->arch;

	if (spec_known(in->combo, in->rustc) != SPEC_TOO_OLD)
		return 0;
	err_set(e, ERR_FAIL, "%s knows neither %s nor %s, from which a spec of it could be made",
	    in->rustc->line, a->target, a->base);
	return err_hint(e, "update the compiler, or choose another with --rustc or --toolchain");
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
		err_hint(
		    e, "get them: 'rustup component add rust-src --toolchain %s'", r->toolchain);
	else if (strcmp(r->sysroot, "/usr") == 0)
		err_hint(e,
		    "get them from where the compiler came from: 'apt install rust-web-src' for "
		    "Debian's rustc-web, 'apt install rust-src' for its rustc");
	else
		err_hint(e, "put the rust-src of exactly this compiler there");
	rustc_others_with_source(r, &others);
	for (size_t i = 0; i < others.n; i++)
		err_hint(e, "or use a compiler that has its sources: 'kraft-rust install %s %s %s'",
		    in->combo->arch->name, in->combo->plat->name, others.v[i]);
	return -1;
}

int
install_plan_source(const struct install *in, struct install_plan *p, struct err *e)
{
	p->source = rustc_source(in->rustc, NULL);
	if (!p->source)
		p->source = dist_source_cached(in->home->cache, in->rustc);
	if (p->source)
		return 0;
	p->add_source = in->rustc->toolchain && !in->offline;
	p->get_source = !p->add_source && !in->offline && in->fetch && dist_source_known(in->rustc);
	return p->add_source || p->get_source ? 0 : install_no_source(in, e);
}

static int
no_prebuilt(const struct install *in, const char *why, struct err *e)
{
	if (!in->fetch || in->fetch->conf.servers.n == 0) {
		err_set(e, ERR_FAIL, "no server is configured to take a prebuilt std from");
		return err_hint(e,
		    "name one in KRAFT_RUST_DIST_SERVER or in %s/dist.yaml, or build it: "
		    "'kraft-rust install %s %s --from source'",
		    in->home->config, in->combo->arch->name, in->combo->plat->name);
	}
	err_set(e, ERR_FAIL, "no server has the std for %s and %s", in->combo->arch->target,
	    in->rustc->line);
	if (*why)
		err_hint(e, "%s", why);
	return err_hint(e, "build it: 'kraft-rust install %s %s --from source'",
	    in->combo->arch->name, in->combo->plat->name);
}

/* Find the std on the servers. With INSTALL_AUTO nothing there, or nobody there, is no
 * failure; what is there but cannot be trusted always is. */
static int
plan_prebuilt(const struct install *in, struct install_plan *p, struct err *e)
{
	bool must = in->from == INSTALL_DIST;
	AUTO(str) why = {0};
	int rc = 0;

	if (in->fetch)
		rc =
		    fetch_find_std(in->fetch, p->key, in->combo->arch->target, 0, &p->hit, &why, e);
	if (rc < 0)
		return must || e->cls != ERR_NETWORK ? -1 : 0;
	/* Offline, only what was fetched before can be used. */
	p->prebuilt = rc > 0 && (must || !in->offline || fetch_cached(in->fetch, &p->hit));
	return rc == 0 && must ? no_prebuilt(in, str_text(&why), e) : 0;
}

/* The digest that dist pack writes beside a tarball, when it came along. */
static int
check_digest(const char *file, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s.sha256", file);
	AUTO(str) text = {0};
	char hex[HASH_HEX + 1];

	if (!fs_is_file(path))
		return 0;
	if (fs_read(path, DIGEST_MAX, &text, e) < 0 || hash_file(file, hex, e) < 0)
		return -1;
	if (strncmp(str_text(&text), hex, HASH_HEX) == 0)
		return 0;
	return err_set(e, ERR_INTEGRITY, "%s: has the SHA-256 %s, not %.64s as in %s", file, hex,
	    str_text(&text), path);
}

static int
plan_file(const struct install *in, struct install_plan *p, struct err *e)
{
	if (fs_is_dir(in->file))
		return err_set(e, ERR_USAGE, "%s: is a folder; --from takes a tarball", in->file);
	if (check_digest(in->file, e) < 0 ||
	    dist_std_check(in->file, p->key, in->rustc, in->combo->arch->target, e) < 0)
		return -1;
	p->archive.path = xstrdup(in->file);
	p->archive.lock = -1;
	return 0;
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
	if (in->from == INSTALL_FILE)
		return plan_file(in, p, e);
	if (in->from != INSTALL_SOURCE && plan_prebuilt(in, p, e) < 0)
		return -1;
	return p->prebuilt ? 0 : install_plan_source(in, p, e);
}

static int
plan_kit(const struct install *in, struct install_plan *p, struct err *e)
{
	int rc;

	if (matrix_libc(in->combo)) {
		p->kit = hostkit_current(in->combo, in->home->data);
		p->make_kit = !p->kit;
		p->kit_there = !p->make_kit;
		return p->make_kit ? hostkit_check(in->combo, e) : 0;
	}
	p->build_kit = in->kitbuild != NULL;
	if (p->build_kit)
		return 0;
	p->kit = dist_kit_dir(in->home, in->combo);
	p->kit_there = true;
	if (p->kit || !in->fetch || in->from == INSTALL_SOURCE || in->from == INSTALL_FILE)
		return 0;
	rc = fetch_find_kit(in->fetch, in->combo->id, 0, &p->kit_hit, e);
	/* An install without a kit is one that can be completed later. */
	if (rc < 0)
		return e->cls == ERR_NETWORK ? 0 : -1;
	p->get_kit = rc > 0 && (!in->offline || fetch_cached(in->fetch, &p->kit_hit));
	p->kit_there = !p->get_kit;
	return 0;
}

static void
plan_conf(struct install_plan *p, const struct install *in)
{
	AUTO(str) there = {0};
	struct err ignored;

	/* With the kit still to be made its name is not known yet. */
	if (p->make_kit || p->build_kit || p->get_kit)
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

	/* A link would bring the std into the toolchain, but not the combination's spec. */
	if (spec_known(in->combo, in->rustc) == SPEC_BUILTIN)
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

static void
describe_std(
    const struct install *in, const struct install_plan *p, const char *std, struct strv *lines)
{
	const char *target = in->combo->arch->target, *from = p->source;

	if (p->archive.path) {
		strv_addf(lines, "unpack std for %s from %s into %s", target, p->archive.path, std);
		return;
	}
	if (p->prebuilt) {
		AUTOFREE char *url = fetch_hit_url(in->fetch, &p->hit);
		AUTOFREE char *shown = net_shown(url);

		strv_addf(lines, "fetch std for %s from %s into %s", target, shown, std);
		return;
	}
	if (p->get_source)
		strv_addf(lines, "fetch the sources of std from the Rust dist server");
	if (!from)
		from = p->get_source ? "them" : "the sources that rustup brings";
	strv_addf(
	    lines, "build std for %s with %s from %s into %s", target, in->rustc->line, from, std);
}

void
install_describe(const struct install *in, const struct install_plan *p, struct strv *lines)
{
	const char *arch = in->combo->arch->name, *plat = in->combo->plat->name;
	AUTOFREE char *std = stdstore_dir(in->home->data, p->key);
	AUTOFREE char *sysroot = sysroot_path(in->home->data, in->rustc, p->key, in->combo);

	if (p->add_source)
		strv_addf(
		    lines, "rustup component add rust-src --toolchain %s", in->rustc->toolchain);
	if (!p->std_there)
		describe_std(in, p, std, lines);
	if (p->make_kit)
		strv_addf(lines, "make the kit of %s %s from this machine's musl", arch, plat);
	if (p->build_kit)
		strv_addf(
		    lines, "build the kit of %s %s from %s", arch, plat, in->kitbuild->unikraft);
	if (p->get_kit) {
		AUTOFREE char *url = fetch_hit_url(in->fetch, &p->kit_hit);
		AUTOFREE char *shown = net_shown(url);

		strv_addf(lines, "fetch the kit of %s %s from %s", arch, plat, shown);
	}
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
	fetch_hit_free(&p->hit);
	fetch_hit_free(&p->kit_hit);
	/* A tarball of the user's has no lock, one in the cache has. */
	if (p->archive.lock >= 0)
		fetch_files_free(&p->archive, 1);
	free(p->archive.path);
	free(p->kit);
	free(p->kit_failure);
	free(p->conf);
	free(p->conf_text);
	free(p->link);
	*p = (struct install_plan){0};
}
