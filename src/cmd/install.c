/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/install.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/kit_source.h"
#include "cmd/progress.h"

static int
read_from(const struct ctx *c, struct install *in, struct err *e)
{
	static const char *const words[] = {
	    [INSTALL_AUTO] = "auto", [INSTALL_DIST] = "dist", [INSTALL_SOURCE] = "source"};
	const char *from = ctx_opt(c, OPT_FROM);

	for (size_t i = 0; from && i < ARRAY_LEN(words); i++)
		if (strcmp(from, words[i]) == 0) {
			in->from = (enum install_from)i;
			return 0;
		}
	if (!from)
		return 0;
	if (!fs_exists(from))
		return err_set(e, ERR_USAGE,
		    "--from is auto, dist, source or a tarball, and there is no file '%s'", from);
	in->from = INSTALL_FILE;
	in->file = from;
	return 0;
}

/* Three lines: what there is, and how to go on. */
static void
say_next(const struct ctx *c, const struct install *in, bool already)
{
	const char *arch = in->combo->arch->name, *plat = in->combo->plat->name;

	ctx_note(c, "%s %s is %s for %s", arch, plat, already ? "already installed" : "installed",
	    in->rustc->line);
	ctx_note(
	    c, "  a new project:          kraft-rust new hello --arch %s --plat %s", arch, plat);
	ctx_note(c, "  in a project you have:  kraft-rust config %s %s", arch, plat);
}

static void
warn_no_kit(const struct ctx *c, const struct install *in, const struct install_plan *p)
{
	if (p->kit_failure)
		ctx_warn(c,
		    "the kit of %s %s could not be fetched: std is there and programs compile, but "
		    "kraftld cannot link them; run 'kraft-rust install %s %s' again\n  %s",
		    in->combo->arch->name, in->combo->plat->name, in->combo->arch->name,
		    in->combo->plat->name, p->kit_failure);
	else if (!p->kit)
		ctx_warn(c,
		    "there is no kit for %s %s yet: std is there and programs compile, but kraftld "
		    "cannot link them; run 'kraft-rust install %s %s --unikraft DIR --lib DIR' or "
		    "'kraft-rust kit import FILE'",
		    in->combo->arch->name, in->combo->plat->name, in->combo->arch->name,
		    in->combo->plat->name);
}

static int
dry_run(const struct install *in, const struct install_plan *p)
{
	AUTO(strv) lines = {0};

	install_describe(in, p, &lines);
	for (size_t i = 0; i < lines.n; i++)
		printf("%s\n", lines.v[i]);
	if (lines.n == 0)
		printf("nothing to do\n");
	return 0;
}

static int
run(struct ctx *c, const struct install *in, struct meter *m, struct err *e)
{
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	bool already;
	int rc;

	if (install_plan(in, &p, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_DRY_RUN))
		return dry_run(in, &p);
	already = install_done(&p);
	rc = install_run(in, &p, e);
	meter_clear(m);
	if (rc < 0)
		return -1;
	warn_no_kit(c, in, &p);
	say_next(c, in, already);
	return 0;
}

/* With Unikraft's sources the kit is built in the same go. */
static int
read_kit_source(const struct ctx *c, const struct install *in, struct kit_source *s,
    struct kitbuild *b, struct err *e)
{
	const uint64_t wanted = KIT_SOURCE_OPTIONS;
	const char *given = NULL;

	for (size_t i = 0; i < OPT_COUNT; i++)
		if ((wanted & OPT_BIT(i)) && ctx_flag(c, (enum opt_id)i))
			given = opt_table[i].name;
	if (!given)
		return 0;
	if (matrix_libc(in->combo)) {
		err_set(e, ERR_USAGE, "--%s: the kit of %s %s is not built from Unikraft", given,
		    in->combo->arch->name, in->combo->plat->name);
		return err_hint(e, "leave it out: that kit is made from this machine's musl");
	}
	return kit_source_read(c, s, b, e);
}

int
cmd_install(struct ctx *c, struct err *e)
{
	AUTO(fetch) fetch = {0};
	AUTO(kit_source) source = {0};
	struct meter m;
	struct install in = {.home = &c->home,
	    .offline = ctx_flag(c, OPT_OFFLINE),
	    .fetch = &fetch,
	    .progress = &m.progress};
	struct kitbuild b = {.home = &c->home, .progress = &m.progress};

	meter_start(&m, c);
	if (read_from(c, &in, e) < 0 || ctx_combo(c, 0, &in.combo, NULL, e) < 0 ||
	    read_kit_source(c, &in, &source, &b, e) < 0 || ctx_share(c, &in.share, e) < 0 ||
	    ctx_rustc(c, &in.rustc, e) < 0 ||
	    fetch_open(&fetch, &c->home, &m.progress, in.offline, e) < 0)
		return -1;
	b.share = in.share;
	b.combo = in.combo;
	in.kitbuild = b.unikraft ? &b : NULL;
	return run(c, &in, &m, e);
}
