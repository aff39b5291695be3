/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust new: a project that builds and runs. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/setup.h"
#include "core/project.h"
#include "core/wrapconf.h"

/* Where the project goes. */
struct place {
	char *path;   /* absolute */
	char *parent; /* its folder, which may not exist yet */
	char *there;  /* the nearest folder above that exists */
	const char *name;
};

static void
place_free(struct place *p)
{
	free(p->path);
	free(p->parent);
	free(p->there);
	*p = (struct place){0};
}

static int
find_place(const char *arg, struct place *p, struct err *e)
{
	AUTOFREE char *given = xstrdup(arg);
	AUTOFREE char *shown = str_printable(arg, 512);
	struct stat st;

	for (size_t n = strlen(given); n > 1 && given[n - 1] == '/'; n--)
		given[n - 1] = '\0';
	if (project_check_name(fs_basename(given), e) < 0)
		return -1;
	p->path = fs_absolute(given);
	p->parent = fs_dirname(p->path);
	p->there = xstrdup(p->parent);
	p->name = fs_basename(p->path);
	if (lstat(p->path, &st) == 0) {
		err_set(e, ERR_FAIL, "%s: already exists", shown);
		return err_hint(e,
		    "to set up a project that is there already, run 'kraft-rust config ARCH "
		    "PLAT -C DIR'");
	}
	while (!fs_exists(p->there)) {
		char *up = fs_dirname(p->there);

		free(p->there);
		p->there = up;
	}
	return 0;
}

static const struct matrix_arch *
machine_arch(const struct matrix *m, struct err *e)
{
	const struct matrix_arch *arch;
	struct utsname u;

	if (uname(&u) < 0) {
		err_errno(e, "ask for the machine's architecture");
		return NULL;
	}
	arch = matrix_arch(m, u.machine);
	if (!arch) {
		err_set(e, ERR_USAGE, "this machine's architecture, %s, is not one of Unikraft's",
		    u.machine);
		err_hint(e, "name one with --arch; 'kraft-rust list' shows them all");
	}
	return arch;
}

/* What to suggest where nothing is installed: a platform whose kit this machine makes
 * itself, else the first. */
static const struct matrix_combo *
suggest(const struct matrix *m, const struct matrix_arch *arch)
{
	const struct matrix_combo *first = NULL;

	for (size_t i = 0; i < m->n_combos; i++) {
		if (m->combos[i]->arch != arch)
			continue;
		if (matrix_libc(m->combos[i]))
			return m->combos[i];
		first = first ? first : m->combos[i];
	}
	return first;
}

static int
nothing_installed(const struct matrix *m, const struct matrix_arch *arch, struct err *e)
{
	const struct matrix_combo *combo = suggest(m, arch);

	err_set(e, ERR_FAIL, "nothing is installed for %s yet", arch->name);
	return err_hint(e, "run 'kraft-rust install %s %s'", arch->name,
	    combo ? combo->plat->name : "PLATFORM");
}

/* The combination: as the options say; else this machine's architecture, and the
 * platform that was installed for it last. */
static int
choose_combo(
    struct ctx *c, const struct matrix **m, const struct matrix_combo **combo, struct err *e)
{
	const char *name = ctx_opt(c, OPT_ARCH), *plat = ctx_opt(c, OPT_PLAT);
	const struct matrix_arch *arch;
	struct wrapconf_want want = {0};
	AUTO(wrapconf) conf = {0};

	if (ctx_matrix(c, m, e) < 0)
		return -1;
	arch = name ? matrix_arch(*m, name) : machine_arch(*m, e);
	if (!arch && !name)
		return -1;
	if (arch && !plat) {
		want.arch = arch->name;
		if (wrapconf_find(c->home.data, &want, &conf, e) < 0)
			return e->cls == ERR_FAIL ? nothing_installed(*m, arch, e) : -1;
		plat = conf.plat;
	}
	/* What is no architecture is for matrix_find to explain. */
	*combo = matrix_find(
	    *m, arch ? arch->name : name, plat || (name && matrix_plat(*m, name)) ? plat : "", e);
	return *combo ? 0 : -1;
}

/* The Kraftfile's platform: ours, or, where kraft does not know it, the first that
 * kraft knows for the architecture. */
static const char *
kraft_platform(const struct matrix *m, const struct matrix_combo *combo)
{
	if (combo->plat->kraft)
		return combo->plat->kraft;
	for (size_t i = 0; i < m->n_combos; i++)
		if (m->combos[i]->arch == combo->arch && m->combos[i]->plat->kraft)
			return m->combos[i]->plat->kraft;
	return combo->plat->name;
}

static int
make_project(struct ctx *c, const struct place *p, const struct project *project,
    const struct cargosetup *setup, struct err *e)
{
	AUTOFREE char *stage = fs_stage(p->parent, e);
	AUTOFREE char *dir = stage ? xasprintf("%s/%s", stage, p->name) : NULL;
	struct err ignored;
	bool changed;
	int r = -1;

	if (!stage)
		return -1;
	if (fs_mkdirs(dir, e) == 0 && project_write(project, dir, e) == 0 &&
	    setup_write(c, dir, setup, &changed, e) == 0 && project_publish(dir, p->path, e) == 0)
		r = 0;
	fs_remove(stage, &ignored);
	if (r < 0)
		fs_prune(p->parent, p->there);
	return r;
}

/* A workspace around the project may know it already; if not, the project stands
 * alone, since it could not be built otherwise. */
static int
settle(struct ctx *c, const struct place *p, const char *cargo, struct err *e)
{
	AUTOFREE char *above = project_workspace_above(p->path);
	bool own;

	if (!above || !cargo)
		return 0;
	if (project_settle(p->path, cargo, &own, e) < 0)
		return -1;
	if (own)
		ctx_note(c,
		    "the workspace of %s does not list the project, so it is a workspace of its "
		    "own; to "
		    "join, add it to the members there and delete [workspace] from its Cargo.toml",
		    above);
	return 0;
}

int
cmd_new(struct ctx *c, struct err *e)
{
	const char *arg = c->args.v[0], *share, *warning;
	char *const words[] = {c->args.v[0], NULL};
	const struct matrix_combo *combo = NULL;
	AUTO(cargosetup) setup = {0};
	AUTOFREE char *quoted = proc_quote(words);
	AUTO(place) place = {0};
	struct project project;
	const struct matrix *m;

	if (find_place(arg, &place, e) < 0 || choose_combo(c, &m, &combo, e) < 0 ||
	    ctx_share(c, &share, e) < 0 || setup_make(c, combo, place.there, &setup, e) < 0)
		return -1;
	project = (struct project){.share = share,
	    .name = place.name,
	    .kraft_plat = kraft_platform(m, combo),
	    .kraft_arch = combo->arch->kraft};
	if (make_project(c, &place, &project, &setup, e) < 0 ||
	    settle(c, &place, setup.cargo, e) < 0)
		return -1;
	warning = project_name_warning(place.name);
	if (warning)
		ctx_warn(c, "package name '%s': %s", place.name, warning);
	ctx_note(c, "created %s for %s %s; next:", quoted, combo->arch->name, combo->plat->name);
	ctx_note(c, "  cd %s", quoted);
	ctx_note(c, "  cargo run");
	return 0;
}
