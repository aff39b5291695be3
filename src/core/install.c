/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/dist_std.h"
#include "core/home.h"
#include "core/hostkit.h"
#include "core/kitbuild.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdbuild.h"
#include "core/sysroot.h"
#include "core/wrapgen.h"

enum { PLANS = 3 };

/* Have rustup fetch the sources that it keeps for this compiler. */
static int
fetch_source(const struct install *in, struct install_plan *p, struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc run = {.env = &env, .out = &out, .err_out = &errors};
	struct err why;

	progress_step(in->progress, "fetching the sources of std with rustup");
	strv_addl(&argv, "rustup", "component", "add", "rust-src", "--toolchain",
	    in->rustc->toolchain, NULL);
	/* A backtrace of rustup's helps nobody. */
	strv_add(&env, "RUST_BACKTRACE=0");
	run.argv = argv.v;
	if (proc_check(&run, e) < 0) {
		if (e->cls == ERR_SIGNAL)
			return -1;
		why = *e;
		install_no_source(in, e);
		return err_hint(e, "rustup said: %s", why.msg);
	}
	p->source = rustc_source(in->rustc, NULL);
	return p->source ? 0 : install_no_source(in, e);
}

static int
build_in(const struct install *in, struct install_plan *p, const char *scratch, struct strv *rlibs,
    struct err *e)
{
	AUTOFREE char *logs = xasprintf("%s/logs", in->home->cache);
	AUTOFREE char *log = xasprintf("%s/std-%s-%.8s.log", logs, in->rustc->release, p->key);
	struct stdbuild b = {.rustc = in->rustc,
	    .target = in->combo->arch->target,
	    .spec = spec_known(in->combo, in->rustc) == SPEC_JSON ? p->spec : NULL,
	    .source = p->source,
	    .share = in->share,
	    .scratch = scratch,
	    .log = log,
	    .offline = in->offline,
	    .progress = in->progress};

	if (fs_mkdirs(logs, e) < 0)
		return -1;
	progress_step(in->progress, "building std for %s with %s", b.target, in->rustc->line);
	return stdbuild_run(&b, rlibs, e);
}

/* Write the wrapper config. The platform installed last is the one that kraftld takes
 * unasked, so the file is touched even when nothing in it changes. */
static int
write_conf(const struct install_plan *p, struct err *e)
{
	AUTOFREE char *linkers = fs_dirname(p->conf);

	if (fs_mkdirs(linkers, e) < 0 || fs_write_if_changed(p->conf, p->conf_text, e) < 0)
		return -1;
	return utimensat(AT_FDCWD, p->conf, NULL, 0) < 0 ? err_errno(e, "touch %s", p->conf) : 0;
}

/* Everything that changes what is installed, from the std to the record. 1: the std
 * that was there has been removed since. */
static int
publish(const struct install *in, struct install_plan *p, const struct strv *rlibs, struct err *e)
{
	const char *data = in->home->data, *target = in->combo->arch->target;
	AUTOFREE char *path = xasprintf("%s/lock", data);
	AUTOFREE char *std = stdstore_dir(data, p->key);
	AUTOFD int held = -1;

	if (fs_lock(path, progress_waiting, in->progress, &held, e) < 0)
		return -1;
	if (rlibs->n > 0 && stdstore_add(data, p->key, in->rustc, target, rlibs, e) < 0)
		return -1;
	if (p->archive.path && !stdstore_has(data, p->key) &&
	    dist_std_store(p->archive.path, p->archive.sha256, data, p->key, in->rustc, target, e) <
		0)
		return -1;
	if (!stdstore_has(data, p->key))
		return 1;
	if (p->make_kit) {
		p->kit = hostkit_make(in->combo, data, in->share, e);
		if (!p->kit)
			return -1;
		p->conf_text = wrapgen_text(in->combo, p->kit);
	}
	if (write_conf(p, e) < 0)
		return -1;
	if (p->link && fs_symlink_swap(std, p->link, e) < 0)
		return -1;
	return sysroot_publish(data, in->rustc, p->key, in->combo, p->spec, p->link, e);
}

/* Have a tarball of std, or build it in the scratch directory. */
static int
obtain(const struct install *in, struct install_plan *p, const char *work, char **scratch,
    struct strv *rlibs, struct err *e)
{
	if (p->prebuilt && install_fetch(in, p, e) < 0)
		return -1;
	if (p->archive.path) {
		progress_step(in->progress, "unpacking std for %s", in->combo->arch->target);
		return 0;
	}
	if (p->add_source && fetch_source(in, p, e) < 0)
		return -1;
	if (p->get_source && install_get_source(in, p, e) < 0)
		return -1;
	*scratch = fs_stage(work, e);
	return *scratch ? build_in(in, p, *scratch, rlibs, e) : -1;
}

/* Build under a lock of its own, so that of two runs that want the same std one
 * builds and the other one waits. */
static int
build_and_publish(const struct install *in, struct install_plan *p, struct err *e)
{
	AUTOFREE char *work = xasprintf("%s/build/%s", in->home->cache, p->key);
	AUTOFREE char *path = xasprintf("%s/lock", work);
	AUTOFREE char *scratch = NULL;
	AUTO(strv) rlibs = {0};
	AUTOFD int held = -1;
	struct err ignored;
	int rc = 0;

	if (fs_lock(path, progress_waiting, in->progress, &held, e) < 0)
		return -1;
	fs_sweep(work);
	if (!stdstore_has(in->home->data, p->key))
		rc = obtain(in, p, work, &scratch, &rlibs, e);
	if (rc == 0)
		rc = publish(in, p, &rlibs, e);
	if (scratch)
		fs_remove(scratch, &ignored);
	fs_remove(path, &ignored);
	fs_prune(work, in->home->cache);
	return rc;
}

/* What cannot be written is better known before a minute of building than after it. */
static int
check_writable(const char *data, struct err *e)
{
	AUTOFREE char *dir = xstrdup(data);

	while (!fs_exists(dir) && strcmp(dir, "/") != 0) {
		char *parent = fs_dirname(dir);

		free(dir);
		dir = parent;
	}
	if (!fs_is_dir(dir))
		errno = ENOTDIR;
	else if (access(dir, W_OK | X_OK) == 0)
		return 0;
	err_errno(e, "write to %s", dir);
	return err_hint(e, "mend its permissions, or name another folder in KRAFT_RUST_HOME");
}

/* A kit that comes from elsewhere than this machine's musl. */
static int
obtain_kit(const struct install *in, struct install_plan *p, struct err *e)
{
	if (p->get_kit)
		return install_fetch_kit(in, p, e);
	if (!p->build_kit)
		return 0;
	p->kit = kitbuild_run(in->kitbuild, e);
	if (!p->kit)
		return -1;
	p->conf_text = wrapgen_text(in->combo, p->kit);
	return 0;
}

int
install_run(const struct install *in, struct install_plan *p, struct err *e)
{
	struct install rest = *in;
	AUTO(strv) none = {0};

	if (install_done(p))
		return write_conf(p, e);
	if (check_writable(in->home->data, e) < 0)
		return -1;
	install_prefetch(in, p);
	/* A gc or an uninstall may come between the plan and the lock. */
	for (int i = 0; i < PLANS; i++) {
		int rc = obtain_kit(&rest, p, e);

		/* By now it is among those that there are. */
		rest.kitbuild = NULL;
		if (rc == 0)
			rc = p->std_there ? publish(in, p, &none, e) : build_and_publish(in, p, e);
		if (rc <= 0)
			return rc;
		install_plan_free(p);
		if (install_plan(&rest, p, e) < 0)
			return -1;
	}
	return err_set(e, ERR_FAIL, "std for %s is removed again and again by another kraft-rust",
	    in->combo->arch->target);
}
