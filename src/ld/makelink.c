/* SPDX-License-Identifier: BSD-3-Clause */
/* The back end "make": Unikraft's own build system, in
 *
 *	<cache>/make/<plat>-<arch>-<tree and libraries>/
 *		app/     A=: an application without sources, and its .config
 *		out/     O=
 *		preset   the options it was configured with
 *		state    what it was configured from: the build is configured again
 *		         when this is not what it would be now
 *		busy     a build is running, or was killed: then its objects may be halves */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/build.h"

enum { MAX_PRESET = 4 << 20 };

/* The name of the application, and so of its images. */
static const char app_name[] = "program";

static const char *
tree_of(const struct job *job)
{
	return job->tree && *job->tree ? job->tree : job->conf->unikraft;
}

static bool
make_usable(const struct job *job, struct err *why)
{
	if (!job->conf->kraft) {
		err_set(why, ERR_FAIL, "Unikraft knows no %s/%s", job->conf->plat, job->conf->arch);
		return false;
	}
	if (tree_of(job))
		return true;
	err_set(why, ERR_FAIL,
	    "no Unikraft tree is named: set UK_ROOT, or write 'unikraft = DIR' into %s",
	    job->conf->local ? job->conf->local : "the wrapper config");
	return false;
}

static int
check_path(const char *what, const char *path, struct err *e)
{
	if (path[0] != '/')
		return err_set(e, ERR_INPUT, "%s is not an absolute path: %s", what, path);
	if (!build_unsafe(path))
		return 0;
	return err_set(e, ERR_INPUT,
	    "%s: Unikraft's build cannot work in a path with '%c' in it: %s", what,
	    build_unsafe(path), path);
}

static int
check_tools(struct err *e)
{
	AUTOFREE char *make = fs_which("make");

	if (make)
		return 0;
	err_set(e, ERR_TOOL, "make, which builds Unikraft, is not on PATH");
	return err_hint(e, "run 'apt install make'");
}

static int
check_paths(const struct job *job, struct err *e)
{
	AUTOFREE char *makefile = xasprintf("%s/Makefile", tree_of(job));

	if (check_path("the Unikraft tree", tree_of(job), e) < 0)
		return -1;
	if (check_path("the cache", job->cache, e) < 0)
		return err_hint(e, "name another one in XDG_CACHE_HOME");
	if (!fs_is_file(makefile)) {
		err_set(e, ERR_INPUT,
		    "%s: there is no Makefile in it, so it is not a Unikraft tree", tree_of(job));
		return err_hint(e, "it is named by %s",
		    tree_of(job) == job->tree ? "UK_ROOT" : "the wrapper config");
	}
	for (size_t i = 0; i < job->conf->libs.n; i++)
		if (check_path("a library's tree", job->conf->libs.v[i], e) < 0)
			return -1;
	return 0;
}

/* The options, file after file. */
static int
read_preset(const struct job *job, struct str *preset, struct err *e)
{
	const struct strv *files = &job->conf->kconfig;

	if (files->n == 0) {
		err_set(e, ERR_INPUT, "no kconfig preset is named for %s", job->conf->kraft);
		return err_hint(e, "write 'kconfig = FILE' into %s",
		    job->conf->local ? job->conf->local : "the wrapper config");
	}
	for (size_t i = 0; i < files->n; i++) {
		if (fs_read(files->v[i], MAX_PRESET, preset, e) < 0)
			return err_wrap(e, "the kconfig preset");
		str_addc(preset, '\n');
	}
	return 0;
}

/* 64-bit FNV-1a: names a folder; the state in it is compared as it is. */
static uint64_t
hash(uint64_t h, const char *text)
{
	do
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
	return h;
}

static char *
folder(const struct job *job)
{
	uint64_t h = hash(UINT64_C(0xcbf29ce484222325), tree_of(job));

	for (size_t i = 0; i < job->conf->libs.n; i++)
		h = hash(h, job->conf->libs.v[i]);
	return xasprintf(
	    "%s/make/%s-%s-%016" PRIx64, job->cache, job->conf->plat, job->conf->arch, h);
}

static void
add_arguments(const struct job *job, const char *dir, struct strv *argv)
{
	AUTOFREE char *libs = strv_join(&job->conf->libs, ":");

	strv_addl(argv, "make", "-C", tree_of(job), NULL);
	strv_addf(argv, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	strv_addf(argv, "A=%s/app", dir);
	strv_addf(argv, "O=%s/out", dir);
	strv_addf(argv, "L=%s", libs);
	strv_addf(argv, "N=%s", app_name);
}

/* What Unikraft's Makefile takes from the environment when nobody else says it. */
static void
clean_env(struct strv *env)
{
	static const char *const names[] = {"ARCH", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS",
	    "KCONFIG_CONFIG", "UK_CONFIG", "UK_DEFCONFIG", "C", "P", "Q", "V", "E", "X"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		strv_add(env, names[i]);
}

static void
prepare(const struct job *job, struct build *b)
{
	const char *slash = strchr(job->conf->kraft, '/');

	*b = (struct build){.job = job, .dir = folder(job)};
	b->image = xasprintf("%s/out/%s_%.*s-%s", b->dir, app_name, (int)(slash - job->conf->kraft),
	    job->conf->kraft, slash + 1);
	add_arguments(job, b->dir, &b->argv);
	clean_env(&b->env);
}

static char *
state_text(const struct job *job, const struct str *preset)
{
	AUTOFREE char *libs = strv_join(&job->conf->libs, "\n");

	return xasprintf("%s\n%s\n\n%s", tree_of(job), libs, str_text(preset));
}

static bool
is_configured(const char *state, const char *now)
{
	AUTO(str) then = {0};
	struct err ignored = {0};

	return fs_is_file(state) && fs_read(state, strlen(now), &then, &ignored) == 0 &&
	       strcmp(str_text(&then), now) == 0;
}

static int
run_goal(const struct build *b, const char *goal, const char *more, struct report *r, struct err *e)
{
	AUTO(strv) argv = {0};

	strv_addv(&argv, &b->argv);
	if (more)
		strv_add(&argv, more);
	strv_add(&argv, goal);
	return build_run(b, &argv, r, e);
}

static int
configure(const struct build *b, const struct str *preset, struct report *r, struct err *e)
{
	AUTOFREE char *app = xasprintf("%s/app", b->dir);
	AUTOFREE char *out = xasprintf("%s/out", b->dir);
	AUTOFREE char *makefile = xasprintf("%s/Makefile.uk", app);
	AUTOFREE char *config = xasprintf("%s/.config", app);
	AUTOFREE char *options = xasprintf("%s/preset", b->dir);
	AUTOFREE char *option = xasprintf("UK_DEFCONFIG=%s", options);

	if (fs_mkdirs(app, e) < 0 || fs_mkdirs(out, e) < 0 ||
	    fs_write(makefile, "", 0, 0666, e) < 0)
		return -1;
	/* Objects of another configuration; what was downloaded stays. */
	if (fs_is_file(config) && run_goal(b, "clean", NULL, r, e) < 0)
		return err_wrap(e, "clean up for another kconfig preset");
	if (fs_remove(config, e) < 0 ||
	    fs_write(options, str_text(preset), preset->len, 0666, e) < 0)
		return -1;
	if (run_goal(b, "defconfig", option, r, e) < 0)
		return -1;
	if (fs_is_file(config))
		return 0;
	return err_set(e, ERR_TOOL, "'make defconfig' in Unikraft's tree made no %s", config);
}

/* Configure unless that was done for the same tree, libraries and preset. */
static int
bring_up_to_date(const struct job *job, const struct build *b, struct report *r, struct err *e)
{
	AUTOFREE char *state = xasprintf("%s/state", b->dir);
	AUTOFREE char *config = xasprintf("%s/app/.config", b->dir);
	AUTOFREE char *now = NULL;
	AUTO(str) preset = {0};

	if (read_preset(job, &preset, e) < 0)
		return -1;
	now = state_text(job, &preset);
	if (fs_is_file(config) && is_configured(state, now))
		return 0;
	if (fs_remove(state, e) < 0 || configure(b, &preset, r, e) < 0)
		return -1;
	return fs_write(state, now, strlen(now), 0666, e);
}

/* A make that is killed with us cannot remove what it was about to write, and what is
 * there looks newer than its sources. */
static int
clean_killed(const struct build *b, const char *busy, struct report *r, struct err *e)
{
	AUTOFREE char *config = xasprintf("%s/app/.config", b->dir);

	if (!fs_exists(busy))
		return fs_write(busy, "", 0, 0666, e);
	if (fs_is_file(config) && run_goal(b, "clean", NULL, r, e) < 0)
		return err_wrap(e, "clean up after a build that was killed");
	return 0;
}

static int
make_link(const struct job *job, struct report *r, struct err *e)
{
	AUTOFREE char *busy = NULL;
	AUTO(build) b = {0};
	AUTOFD int lock = -1;
	int rc;

	if (check_tools(e) < 0 || check_paths(job, e) < 0)
		return -1;
	prepare(job, &b);
	busy = xasprintf("%s/busy", b.dir);
	if (build_lock(&b, &lock, e) < 0 || clean_killed(&b, busy, r, e) < 0)
		return -1;
	rc = bring_up_to_date(job, &b, r, e);
	if (rc == 0)
		rc = build_link(&b, r, e);
	unlink(busy);
	return rc;
}

static int
make_show(const struct job *job, struct strv *commands, struct err *e)
{
	AUTO(build) b = {0};

	if (check_paths(job, e) < 0)
		return -1;
	prepare(job, &b);
	strv_give(commands, build_show(&b));
	return 0;
}

const struct backend backend_make = {"make", make_usable, make_link, make_show};
