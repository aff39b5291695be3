/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/build.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/complaint.h"
#include "ld/respfile.h"
#include "ld/stage.h"
#include "ld/verify.h"

/* The arguments for one link: their file, and the directory to remove with it when the
 * build's own folder cannot be named to make. */
struct handover {
	char *file, *dir;
};

static void
handover_free(struct handover *h)
{
	struct err ignored = {0};

	if (h->dir)
		fs_remove(h->dir, &ignored);
	free(h->file);
	free(h->dir);
}

char
build_unsafe(const char *path)
{
	static const char safe[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+";

	return path[strspn(path, safe)];
}

static int
safe_dir(struct handover *h, struct err *e)
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTOFREE char *dir = NULL;

		if (!places[i] || places[i][0] != '/' || build_unsafe(places[i]))
			continue;
		dir = xasprintf("%s/kraftld-XXXXXX", places[i]);
		if (mkdtemp(dir)) {
			h->dir = take_ptr(dir);
			return 0;
		}
	}
	return err_errno(e, "create a directory in /tmp");
}

static int
hand_over(const struct build *b, struct handover *h, struct err *e)
{
	const char *dir = b->dir;

	if (build_unsafe(b->dir)) {
		if (safe_dir(h, e) < 0)
			return -1;
		dir = h->dir;
	}
	h->file = xasprintf("%s/kraftld-args", dir);
	return respfile_write(h->file, b->job->plan->args.v, e);
}

/* What cargo sets for its own children; a build that took part in cargo's jobserver
 * would need the descriptors, which rustc does not pass on. */
static void
common_env(const struct build *b, const char *file, struct strv *env)
{
	static const char *const left_out[] = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
	    "MAKEFILES", "CARGO_MAKEFLAGS", "LD_LIBRARY_PATH"};

	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		strv_add(env, left_out[i]);
	strv_add(env, "LC_ALL=C");
	strv_addv(env, &b->env);
	if (!file)
		return;
	strv_addf(env, "UK_LDFLAGS=-Wl,@%s", file);
	strv_addf(env, "UK_LDEPS=%s", file);
}

static void
keep_log(const char *path, const char *command, const struct str *out, const struct str *said)
{
	AUTO(str) text = {0};
	struct err ignored = {0};

	str_addf(&text, "%s\n", command);
	str_addn(&text, str_text(out), out->len);
	str_addn(&text, str_text(said), said->len);
	fs_write(path, text.buf, text.len, 0666, &ignored);
}

static int
run(const struct build *b, const struct strv *argv, const char *file, struct report *r,
    struct err *e)
{
	AUTOFREE char *log = xasprintf("%s/kraftld.log", b->dir);
	AUTOFREE char *command = file ? build_show(b) : proc_quote(argv->v);
	AUTO(strv) env = {0};
	AUTO(str) out = {0}, said = {0};
	struct proc p = {.argv = argv->v,
	    .cwd = b->cwd,
	    .env = &env,
	    .out = &out,
	    .err_out = &said,
	    .session = true};
	bool verbose = b->job->plan->verbose;
	int status = 0, rc;

	common_env(b, file, &env);
	rc = proc_run(&p, &status, e);
	if (verbose)
		str_addf(&r->said, "%s\n%s%s", command, str_text(&out), str_text(&said));
	if (rc < 0)
		return -1;
	if (status == 0) {
		unlink(log); /* of a build that failed before */
		return 0;
	}
	keep_log(log, command, &out, &said);
	r->command = take_ptr(command);
	if (!verbose) {
		complaint_pick(str_text(&out), &r->said);
		complaint_pick(str_text(&said), &r->said);
		complaint_fallback(str_text(&said), str_text(&out), &r->said);
	}
	err_set(e, ERR_TOOL, "%s ended with status %d; the whole log is in %s", argv->v[0], status,
	    log);
	return -1;
}

int
build_run(const struct build *b, const struct strv *argv, struct report *r, struct err *e)
{
	return run(b, argv, NULL, r, e);
}

int
build_lock(const struct build *b, int *fd, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/kraftld.lock", b->dir);

	return fs_lock(path, NULL, NULL, fd, e);
}

static int
forget(const char *path, struct err *e)
{
	return fs_remove(path, e) < 0 ? err_wrap(e, "remove the image of an earlier link") : 0;
}

static int
publish(const struct build *b, struct err *e)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", b->image);
	bool with_debug = fs_is_file(debug);
	AUTO(stage) s = {.fd = -1};

	if (!fs_is_file(b->image)) {
		err_set(e, ERR_TOOL, "%s made no image %s", b->argv.v[0], b->image);
		return err_hint(
		    e, "a build for another platform or architecture makes another file");
	}
	/* The finished image may be in a form that only the machine knows. */
	if (verify_image(
		with_debug ? debug : b->image, b->argv.v[0], b->job->conf->machine, false, e) < 0 ||
	    stage_open(b->job->plan->output, &s, e) < 0)
		return -1;
	if (fs_copy(b->image, s.image, e) < 0 || (with_debug && fs_copy(debug, s.debug, e) < 0))
		return err_wrap(e, "cannot write %s", s.target);
	if (chmod(s.image, 0755) < 0)
		return err_errno(e, "cannot write %s", s.target);
	return stage_publish(&s, with_debug ? STAGE_DEBUG : STAGE_PLAIN, e);
}

int
build_link(const struct build *b, struct report *r, struct err *e)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", b->image);
	AUTO(handover) h = {0};

	if (forget(b->image, e) < 0 || forget(debug, e) < 0 || hand_over(b, &h, e) < 0 ||
	    run(b, &b->argv, h.file, r, e) < 0)
		return -1;
	return publish(b, e);
}

char *
build_show(const struct build *b)
{
	const char *dir = build_unsafe(b->dir) ? "/tmp/kraftld-XXXXXX" : b->dir;
	AUTOFREE char *file = xasprintf("%s/kraftld-args", dir);
	AUTO(strv) env = {0}, argv = {0};

	strv_addl(&argv, "env", NULL);
	if (b->cwd) {
		strv_add(&argv, "-C");
		strv_add(&argv, b->cwd);
	}
	common_env(b, file, &env);
	for (size_t i = 0; i < env.n; i++)
		if (!strchr(env.v[i], '='))
			strv_addl(&argv, "-u", env.v[i], NULL);
	for (size_t i = 0; i < env.n; i++)
		if (strchr(env.v[i], '='))
			strv_add(&argv, env.v[i]);
	strv_addv(&argv, &b->argv);
	return proc_quote(argv.v);
}

void
build_free(struct build *b)
{
	strv_free(&b->argv);
	strv_free(&b->env);
	free(b->cwd);
	free(b->dir);
	free(b->image);
	*b = (struct build){0};
}
