/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_rustup.h"

#include "base/err.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "core/fetch.h"

static int
prepare(struct ctx *c, struct dist_rustup *d, struct err *e)
{
	if (ctx_combo(c, 0, &d->combo, NULL, e) < 0 || ctx_share(c, &d->share, e) < 0)
		return -1;
	return ctx_rustc(c, &d->rustc, e);
}

int
cmd_dist_register(struct ctx *c, struct err *e)
{
	AUTO(fetch) fetch = {0};
	struct meter m;
	struct dist_rustup d = {.fetch = &fetch, .progress = &m.progress};
	int rc;

	meter_start(&m, c);
	if (prepare(c, &d, e) < 0 ||
	    fetch_open(&fetch, &c->home, d.progress, ctx_flag(c, OPT_OFFLINE), e) < 0)
		return -1;
	rc = dist_rustup_register(&d, e);
	meter_clear(&m);
	if (rc < 0)
		return -1;
	ctx_note(c, "rustup's toolchain %s has std for %s; 'cargo build --target %s' finds it",
	    d.rustc->toolchain, d.combo->arch->target, d.combo->arch->target);
	if (!dist_rustup_pinned(d.rustc->toolchain))
		ctx_note(c, "after a 'rustup update' of this toolchain run this again");
	ctx_note(c, "to undo it: 'kraft-rust dist unregister %s %s --toolchain %s'",
	    d.combo->arch->name, d.combo->plat->name, d.rustc->toolchain);
	return 0;
}

int
cmd_dist_unregister(struct ctx *c, struct err *e)
{
	struct meter m;
	struct dist_rustup d = {.progress = &m.progress};
	bool was;

	meter_start(&m, c);
	if (prepare(c, &d, e) < 0 || dist_rustup_unregister(&d, &was, e) < 0)
		return -1;
	ctx_note(c, "rustup's toolchain %s %s std for %s", d.rustc->toolchain,
	    was ? "is without" : "had no", d.combo->arch->target);
	return 0;
}
