/* SPDX-License-Identifier: BSD-3-Clause */
/* The back end "kraft": KraftKit builds the project's Kraftfile around the program.
 * What is relied on was read in KraftKit 0.9's sources: docs/kraftld-backends.md. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/kv.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/build.h"

/* KraftKit: unikraft/app/project.go, DefaultFileNames, in this order. */
static const char *const kraftfiles[] = {
    "kraft.yaml", "kraft.yml", "Kraftfile.yml", "Kraftfile.yaml", "Kraftfile"};

/* The Kraftfile of the folder, or of the nearest one above; NULL: none. */
static char *
find_kraftfile(const char *project)
{
	AUTOFREE char *dir = xstrdup(project);

	for (;;) {
		char *parent;

		for (size_t i = 0; i < ARRAY_LEN(kraftfiles); i++) {
			AUTOFREE char *path = xasprintf("%s/%s", dir, kraftfiles[i]);

			if (fs_is_file(path))
				return take_ptr(path);
		}
		if (strcmp(dir, "/") == 0 || dir[0] != '/')
			return NULL;
		parent = fs_dirname(dir);
		free(dir);
		dir = parent;
	}
}

static bool
kraft_usable(const struct job *job, struct err *why)
{
	AUTOFREE char *file = NULL, *program = NULL;

	if (!job->conf->kraft) {
		err_set(why, ERR_FAIL, "kraft knows no %s/%s", job->conf->plat, job->conf->arch);
		return false;
	}
	file = find_kraftfile(job->project);
	if (!file) {
		err_set(why, ERR_FAIL,
		    "no Kraftfile in %s or above it: write one, as 'kraft-rust new' does",
		    job->project);
		return false;
	}
	program = fs_which("kraft");
	if (!program)
		err_set(why, ERR_FAIL,
		    "there is %s, but kraft is not on PATH: https://unikraft.org/docs/cli/install",
		    file);
	return program != NULL;
}

/* kraft-rust beside this program, else on PATH; NULL: neither. */
static char *
find_helper(void)
{
	struct err ignored = {0};
	AUTOFREE char *self = fs_self(&ignored);
	AUTOFREE char *dir = self ? fs_dirname(self) : NULL;
	AUTOFREE char *beside = dir ? xasprintf("%s/kraft-rust", dir) : NULL;
	char *found = beside ? fs_which(beside) : NULL;

	return found ? found : fs_which("kraft-rust");
}

/* What the Kraftfile has to say, by a program that can read YAML: one "target = PLAT/ARCH
 * NAME" for each target. */
static int
read_targets(const char *file, struct kv *kv, struct err *e)
{
	AUTOFREE char *helper = find_helper();
	AUTO(strv) argv = {0};
	AUTO(str) out = {0}, said = {0};
	struct proc p = {.out = &out, .err_out = &said};
	int status = 0;

	if (!helper) {
		err_set(e, ERR_TOOL,
		    "kraft-rust, which reads Kraftfiles, is neither beside kraftld "
		    "nor on PATH");
		return err_hint(e, "install both programs, or name the target in KRAFTKIT_TARGET");
	}
	strv_addl(&argv, helper, "kraftfile", file, NULL);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	if (status != 0) {
		size_t skip = str_starts(str_text(&said), "kraft-rust: ") ? 12 : 0;

		return err_set(e, ERR_INPUT, "%.*s", (int)strcspn(str_text(&said) + skip, "\n"),
		    str_text(&said) + skip);
	}
	return kv_parse("kraft-rust kraftfile", str_text(&out), out.len, kv, e);
}

/* The name of the one target that is for the combination. */
static char *
choose_target(const struct job *job, const char *file, const struct kv *kv, struct err *e)
{
	size_t n = strlen(job->conf->kraft);
	AUTO(strv) names = {0}, all = {0};
	AUTOFREE char *list = NULL;

	for (size_t i = 0; i < kv->n; i++) {
		const char *value = kv->entries[i].value;

		if (strcmp(kv->entries[i].key, "target") != 0)
			continue;
		strv_add(&all, value);
		if (strncmp(value, job->conf->kraft, n) == 0 && value[n] == ' ' &&
		    !strv_has(&names, value + n + 1))
			strv_add(&names, value + n + 1);
	}
	if (job->name && *job->name && strv_has(&names, job->name))
		return xstrdup(job->name);
	if (job->name && *job->name) {
		list = strv_join(&all, ", ");
		err_set(e, ERR_INPUT, "%s: has no target '%s' for %s; it has: %s", file, job->name,
		    job->conf->kraft, *list ? list : "none");
		err_hint(e, "set KRAFTKIT_TARGET and KRAFTKIT_PLAT to one of them, or unset them");
		return NULL;
	}
	if (names.n == 1)
		return xstrdup(names.v[0]);
	list = strv_join(names.n ? &names : &all, ", ");
	if (names.n == 0) {
		err_set(e, ERR_INPUT, "%s: has no target for %s; it has: %s", file,
		    job->conf->kraft, *list ? list : "none");
		err_hint(e, "add '- %s' to its targets, or name another platform in KRAFTKIT_PLAT",
		    job->conf->kraft);
	} else {
		err_set(e, ERR_INPUT, "%s: has several targets for %s: %s", file, job->conf->kraft,
		    list);
		err_hint(e, "name one of them in KRAFTKIT_TARGET");
	}
	return NULL;
}

static char *
find_target(const struct job *job, const char *file, struct err *e)
{
	AUTO(kv) kv = {0};

	/* kraft also takes PLAT/ARCH for a name, which says nothing new. */
	bool named = job->name && *job->name && !strchr(job->name, '/');
	struct job mine = *job;

	mine.name = named ? job->name : NULL;
	if (read_targets(file, &kv, e) == 0)
		return choose_target(&mine, file, &kv, e);
	/* Whoever names the target can have a Kraftfile that only kraft understands. */
	return named && e->cls != ERR_SIGNAL ? xstrdup(job->name) : NULL;
}

static bool
newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* kraft asks whether to configure again when it finds a configuration, prompts or not
 * (KraftKit: internal/cli/kraft/build/builder_kraftfile_unikraft.go). One that is older
 * than the Kraftfile would win over it, so it has to go; *keep: it may stay. */
static int
old_config(const char *path, const char *file, bool put_away, bool *keep, struct err *e)
{
	AUTOFREE char *away = xasprintf("%s.old", path);
	struct stat config, kraftfile;

	*keep = false;
	if (stat(path, &config) < 0 || config.st_size == 0)
		return 0;
	if (stat(file, &kraftfile) < 0)
		return err_errno(e, "look at %s", file);
	*keep = newer(&config, &kraftfile);
	if (*keep || !put_away || rename(path, away) == 0)
		return 0;
	return err_errno(e, "rename %s", path);
}

static int
prepare(const struct job *job, bool for_real, struct build *b, int *lock, struct err *e)
{
	AUTOFREE char *file = find_kraftfile(job->project);
	AUTOFREE char *name = NULL, *config = NULL, *full = NULL;
	const char *slash = strchr(job->conf->kraft, '/');
	int plat = (int)(slash - job->conf->kraft);
	bool keep;

	*b = (struct build){.job = job};
	name = find_target(job, file, e);
	if (!name)
		return -1;
	full = xasprintf("%s_%.*s-%s", name, plat, job->conf->kraft, slash + 1);
	b->cwd = fs_dirname(file);
	b->dir = xasprintf("%s/.unikraft", b->cwd);
	b->image = xasprintf("%s/build/%s", b->dir, full);
	config = xasprintf("%s/.config.%s", b->cwd, full);
	if ((for_real && build_lock(b, lock, e) < 0) ||
	    old_config(config, file, for_real, &keep, e) < 0)
		return -1;
	strv_addl(&b->argv, "kraft", "build", "--no-update", NULL);
	if (keep)
		strv_add(&b->argv, "--no-configure");
	strv_addf(&b->argv, "--kraftfile=%s", file);
	strv_addf(&b->argv, "--target=%s", name);
	strv_addf(&b->argv, "--plat=%.*s", plat, job->conf->kraft);
	strv_addf(&b->argv, "--arch=%s", slash + 1);
	strv_add(&b->argv, b->cwd);
	/* KraftKit: config/config.go. Settings of the environment are no error for a
	 * release that does not know them, unlike options. */
	strv_addl(&b->env, "KRAFTKIT_NO_PROMPT=true", "KRAFTKIT_NO_CHECK_UPDATES=true",
	    "KRAFTKIT_NO_WARN_SUDO=true", "KRAFTKIT_LOG_TYPE=basic", "NO_COLOR=1", NULL);
	return 0;
}

static int
kraft_link(const struct job *job, struct report *r, struct err *e)
{
	AUTO(build) b = {0};
	AUTOFD int lock = -1;

	if (prepare(job, true, &b, &lock, e) < 0)
		return -1;
	if (build_link(&b, r, e) == 0)
		return 0;
	if (e->cls == ERR_TOOL && build_unsafe(b.cwd))
		err_hint(e, "Unikraft's build cannot work in a path with '%c' in it: %s",
		    build_unsafe(b.cwd), b.cwd);
	return -1;
}

static int
kraft_show(const struct job *job, struct strv *commands, struct err *e)
{
	AUTO(build) b = {0};
	AUTOFD int lock = -1;

	if (prepare(job, false, &b, &lock, e) < 0)
		return -1;
	strv_give(commands, build_show(&b));
	return 0;
}

const struct backend backend_kraft = {"kraft", kraft_usable, kraft_link, kraft_show};
