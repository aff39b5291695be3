/* SPDX-License-Identifier: BSD-3-Clause */
/* kraftld: what rustc calls as its linker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/home.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/combo.h"
#include "ld/query.h"
#include "ld/respfile.h"
#include "ld/teach.h"

static int
put(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			text += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

static int
read_plan(int argc, char **argv, struct plan *p, struct err *e)
{
	AUTOFREE char *cwd = getcwd(NULL, 0);
	struct args_env env = {cwd, fs_exists};
	AUTO(strv) args = {0};

	if (!cwd)
		return err_errno(e, "find the working directory");
	if (respfile_expand(argv + 1, (size_t)(argc > 1 ? argc - 1 : 0), &args, e) < 0)
		return -1;
	return plan_parse(args.v, args.n, &env, p, e);
}

static int
find_combo(const struct plan *p, struct home *home, struct wrapconf *c, struct err *e)
{
	if (home_find(home, e) < 0)
		return -1;
	return combo_find(p, home->data, getenv("KRAFTKIT_PLAT"), getenv("KRAFTKIT_ARCH"), c, e);
}

static int
answer(const struct plan *p, struct err *e)
{
	AUTO(wrapconf) conf = {0};
	AUTO(home) home = {0};
	AUTO(str) out = {0};
	struct err none = {0};
	int found = -1;

	/* Our own version does not depend on what is installed, nor on HOME. */
	if (p->kind != PLAN_VERSION && p->kind != PLAN_HELP && p->kind != PLAN_PRINT)
		found = find_combo(p, &home, &conf, &none);
	if (query_answer(p, found == 0 ? &conf : NULL, &out, e) < 0)
		return -1;
	if (put(STDOUT_FILENO, str_text(&out), out.len) < 0)
		return err_errno(e, "write to standard output");
	return 0;
}

/* As gcc's -###, on standard error. */
static int
show(const struct job *job, const struct backend *b, struct err *e)
{
	const struct plan *p = job->plan;
	AUTO(strv) commands = {0};
	AUTO(str) out = {0};

	if (b->show(job, &commands, e) < 0)
		return -1;
	str_addf(&out, "kraftld (kraft-rust) %s\n", KRAFT_RUST_VERSION);
	str_addf(&out, "combination: %s/%s\ntarget: %s\nback end: %s\noutput: %s\n",
	    job->conf->plat, job->conf->arch, job->conf->target, b->name, p->output);
	for (size_t i = 0; i < p->notes.n; i++)
		str_addf(&out, "left out: %s\n", p->notes.v[i]);
	for (size_t i = 0; i < commands.n; i++)
		str_addf(&out, " %s\n", commands.v[i]);
	(void)put(STDERR_FILENO, str_text(&out), out.len);
	return 0;
}

/* rustc runs where the workspace is; cargo names the package's own folder. */
static char *
project_dir(struct err *e)
{
	const char *dir = getenv("CARGO_MANIFEST_DIR");
	char *cwd;

	if (dir && dir[0] == '/')
		return xstrdup(dir);
	cwd = getcwd(NULL, 0);
	if (!cwd)
		err_errno(e, "find the working directory");
	return cwd;
}

static void
explain(const struct job *job, struct report *r)
{
	AUTO(str) lines = {0};

	teach_add(str_text(&r->said), !job->conf->kraft, &lines);
	if (lines.len > 0)
		str_addf(
		    &r->advice, "kraftld: what is undefined usually comes from:\n%s", lines.buf);
}

static int
link_plan(const struct plan *p, struct report *r, struct err *e)
{
	AUTOFREE char *project = project_dir(e);
	const struct backend *b = NULL;
	AUTO(wrapconf) conf = {0};
	AUTO(home) home = {0};
	struct job job = {.plan = p,
	    .conf = &conf,
	    .project = project,
	    .name = getenv("KRAFTKIT_TARGET"),
	    .tree = getenv("UK_ROOT")};
	int rc;

	if (!project || find_combo(p, &home, &conf, e) < 0)
		return -1;
	job.cache = home.cache;
	if (backend_find(getenv("KRAFTLD_BACKEND"), &job, &b, e) < 0)
		return -1;
	rc = p->dry_run ? show(&job, b, e) : b->link(&job, r, e);
	if (rc < 0)
		explain(&job, r);
	return rc;
}

static int
run(int argc, char **argv, struct report *r, struct err *e)
{
	AUTO(plan) plan = {0};

	if (read_plan(argc, argv, &plan, e) < 0)
		return -1;
	if (plan.kind != PLAN_LINK && plan.kind != PLAN_PARTIAL)
		return answer(&plan, e);
	return link_plan(&plan, r, e);
}

int
main(int argc, char **argv)
{
	AUTO(report) report = {0};
	AUTO(str) line = {0};
	struct err e = {0};
	int rc;

	proc_catch_signals();
	rc = run(argc, argv, &report, &e);
	if (rc < 0 && e.cls == ERR_SIGNAL)
		proc_reraise();
	str_addn(&line, str_text(&report.said), report.said.len);
	if (rc < 0)
		str_addf(&line, "kraftld: %s%s%s\n", e.msg,
		    report.command ? "; the command was: " : "",
		    report.command ? report.command : "");
	str_addn(&line, str_text(&report.advice), report.advice.len);
	(void)put(STDERR_FILENO, str_text(&line), line.len);
	return rc < 0 ? (int)e.cls : 0;
}
