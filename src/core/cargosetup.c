/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/cargosetup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/home.h"
#include "core/installed.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/sysroot.h"

/* The compilers in question; an exe that is NULL means there is none. */
struct pick {
	struct rustc bare; /* what "rustc" means in the folder */
	struct rustc used;
	const struct rustc *compiler; /* one of the two */
	const struct installed *record;
	bool pin;
};

static void
pick_free(struct pick *p)
{
	rustc_free(&p->bare);
	rustc_free(&p->used);
}

static int
not_installed(const struct matrix_combo *c, const struct rustc *r, bool chosen, struct err *e)
{
	AUTOFREE char *flag = chosen ? rustc_flag(r) : NULL;

	if (r->exe)
		err_set(e, ERR_FAIL, "std for %s (%s %s) is not installed for rustc %s (%s)",
		    c->arch->target, c->arch->name, c->plat->name, r->release, r->exe);
	else
		err_set(e, ERR_FAIL, "std for %s (%s %s) is not installed", c->arch->target,
		    c->arch->name, c->plat->name);
	return err_hint(e, "run 'kraft-rust install %s %s%s%s'", c->arch->name, c->plat->name,
	    flag ? " " : "", flag ? flag : "");
}

/* No rustc on PATH is fine, one that cannot be asked is not: cargo would meet it. */
static int
find_bare(const char *dir, const char *cache, struct rustc *bare, struct err *e)
{
	const struct rustc_choice choice = {.rustc = "rustc", .dir = dir};
	AUTOFREE char *there = fs_which("rustc");

	if (!there || rustc_find(&choice, cache, bare, e) == 0)
		return 0;
	return err_wrap(e, "find out what 'rustc' means in %s", dir ? dir : "this folder");
}

static int
pick_chosen(const struct matrix_combo *c, const struct rustc_choice *choice, const char *cache,
    const struct installed_list *l, struct pick *p, struct err *e)
{
	if (rustc_find(choice, cache, &p->used, e) < 0)
		return -1;
	p->record = installed_find(l, c->id, &p->used);
	if (!p->record)
		return not_installed(c, &p->used, true, e);
	p->compiler = &p->used;
	p->pin = !str_eq(p->bare.id, p->used.id);
	return 0;
}

/* The compiler may have been replaced since std was installed for it. */
static int
pick_last(const struct matrix_combo *c, const char *cache, const struct installed_list *l,
    struct pick *p, struct err *e)
{
	struct rustc_choice choice = {0};

	p->record = installed_find(l, c->id, NULL);
	if (!p->record)
		return not_installed(c, &p->bare, false, e);
	choice.rustc = p->record->rustc_exe;
	if (rustc_find(&choice, cache, &p->used, e) < 0)
		return -1;
	if (!str_eq(p->used.id, p->record->rustc_id)) {
		AUTOFREE char *flag = rustc_flag(&p->used);

		err_set(e, ERR_FAIL, "std for %s (%s %s) was installed for %s, but %s is now %s",
		    c->arch->target, c->arch->name, c->plat->name, p->record->rustc_line,
		    p->used.exe, p->used.line);
		return err_hint(
		    e, "run 'kraft-rust install %s %s %s'", c->arch->name, c->plat->name, flag);
	}
	p->compiler = &p->used;
	p->pin = true;
	return 0;
}

static int
pick_compiler(const struct matrix_combo *c, const struct rustc_choice *choice, const char *cache,
    const struct installed_list *l, struct pick *p, struct err *e)
{
	if (find_bare(choice->dir, cache, &p->bare, e) < 0)
		return -1;
	if (rustc_chosen(choice))
		return pick_chosen(c, choice, cache, l, p, e);
	p->record = p->bare.exe ? installed_find(l, c->id, &p->bare) : NULL;
	p->compiler = &p->bare;
	return p->record ? 0 : pick_last(c, cache, l, p, e);
}

/* The name alone when PATH leads to the very file that lies beside this program,
 * so that the block can be committed; else the path. */
static char *
program(const char *self, const char *name, struct err *e)
{
	AUTOFREE char *dir = fs_dirname(self);
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTOFREE char *found = fs_which(name);
	struct stat a, b;

	if (stat(path, &a) < 0) {
		err_errno(e, "%s belongs beside %s", name, self);
		err_hint(e, "install kraft-rust again: its programs go into one folder");
		return NULL;
	}
	if (found && found[0] == '/' && stat(found, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino)
		return xstrdup(name);
	return take_ptr(path);
}

/* What [env] must say so that kraftld finds the same things; NULL: it does anyway. */
static char *
unusual_home(const struct home *home)
{
	const char *own = getenv("KRAFT_RUST_HOME"), *xdg = getenv("XDG_DATA_HOME");
	const char *user = getenv("HOME");
	AUTOFREE char *usual = NULL;

	if (!own || !*own)
		return NULL;
	if (xdg && xdg[0] == '/')
		usual = xasprintf("%s/kraft-rust", xdg);
	else if (user)
		usual = xasprintf("%s/.local/share/kraft-rust", user);
	return str_eq(usual, home->data) ? NULL : xstrdup(home->data);
}

/* Whether the compiler finds std without --sysroot. Another toolchain may hold the
 * same compiler without our link. */
static bool
is_linked(const struct pick *p)
{
	AUTOFREE char *inside = xasprintf("%s/", p->compiler->sysroot);

	return p->record->link && str_starts(p->record->link, inside) && fs_exists(p->record->link);
}

/* The wrapper that cargo would use in a folder; NULL: none. A cargo that cannot be
 * asked names none. */
static char *
wrapper_in(const char *cargo, const char *dir)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc p = {.cwd = dir, .env = &env, .out = &out, .err_out = &errors};
	AUTOJS struct js *value = NULL;
	struct err ignored;

	strv_addl(&argv, cargo, "-Zunstable-options", "config", "get", "--format=json-value",
	    "build.rustc-wrapper", NULL);
	strv_addl(&env, "RUSTC_BOOTSTRAP=1", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", NULL);
	p.argv = argv.v;
	if (proc_check(&p, &ignored) < 0)
		return NULL;
	value = js_parse("cargo config get", str_text(&out), out.len, &ignored);
	return js_text(value) ? xstrdup(js_text(value)) : NULL;
}

/* cargo takes a path with a slash from the folder that holds the .cargo of the file it
 * is written in ("config-relative paths"), which a comment names: KEY = VALUE # FILE. */
static char *
place_of(const char *cargo, const char *dir, const char *path)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc p = {.cwd = dir, .env = &env, .out = &out, .err_out = &errors};
	AUTOFREE char *folder = NULL;
	AUTOFREE char *base = NULL;
	struct err ignored;
	const char *file;

	strv_addl(&argv, cargo, "-Zunstable-options", "config", "get", "--show-origin",
	    "build.rustc-wrapper", NULL);
	strv_addl(&env, "RUSTC_BOOTSTRAP=1", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", NULL);
	p.argv = argv.v;
	if (proc_check(&p, &ignored) < 0)
		return NULL;
	str_cut(&out, strcspn(str_text(&out), "\n"));
	file = strstr(str_text(&out), "\" # /");
	if (!file)
		return NULL;
	folder = fs_dirname(file + 4);
	base = fs_dirname(folder);
	return xasprintf("%s/%s", base, path);
}

/* The wrapper of the user's that ours takes the place of; NULL: none. In the project
 * itself our own block may be what cargo sees. */
static char *
other_wrapper(const char *cargo, const char *dir)
{
	AUTOFREE char *absolute = fs_absolute(dir ? dir : ".");
	AUTOFREE char *above = fs_dirname(absolute);
	char *found = wrapper_in(cargo, absolute);

	if (found && str_ends(found, "kraft-rustc")) {
		free(found);
		found = wrapper_in(cargo, above);
	}
	if (found && str_ends(found, "kraft-rustc"))
		free(take_ptr(found));
	if (found && strchr(found, '/') && found[0] != '/') {
		AUTOFREE char *relative = found;

		found = place_of(cargo, absolute, relative);
	}
	return found;
}

/* Have kraft-rustc open the target on a compiler that does not take a JSON target
 * otherwise; on a nightly the flag alone does. kraft-rustdoc is for doc tests too. */
static int
open_target(struct cargosetup *s, const struct matrix_combo *c, const struct pick *p,
    const char *self, const char *dir, struct err *e)
{
	if (!sysroot_gated(p->record->sysroot, c->arch->target))
		return 0;
	s->conf.unstable = p->compiler->nightly;
	s->wrapped = take_ptr(s->rustdoc);
	s->rustdoc = program(self, "kraft-rustdoc", e);
	if (!s->rustdoc)
		return -1;
	s->conf.wrapped = s->wrapped;
	s->conf.rustdoc = s->rustdoc;
	if (p->compiler->nightly)
		return 0;
	s->wrapper = program(self, "kraft-rustc", e);
	if (!s->wrapper)
		return -1;
	s->chained = s->cargo ? other_wrapper(s->cargo, dir) : NULL;
	s->conf.wrapper = s->wrapper;
	s->conf.chained = s->chained;
	return 0;
}

static void
pin(struct cargosetup *s, const struct matrix_combo *c, const struct pick *p)
{
	AUTOFREE char *bin = fs_dirname(p->compiler->exe);
	AUTOFREE char *rustdoc = xasprintf("%s/rustdoc", bin);

	s->rustc = xstrdup(p->compiler->exe);
	s->rustdoc = fs_which(rustdoc);
	if (p->bare.exe)
		s->why = xasprintf(
		    "the project uses %s (%s), for which std for %s %s is installed, and "
		    "not the %s that 'rustc' means here",
		    s->rustc, p->compiler->release, c->arch->name, c->plat->name, p->bare.release);
	else
		s->why = xasprintf("the project uses %s (%s): no 'rustc' is on PATH", s->rustc,
		    p->compiler->release);
}

static void
fill(struct cargosetup *s, const struct matrix_combo *c, const struct pick *p,
    const struct home *home)
{
	if (p->pin)
		pin(s, c, p);
	s->compiler = xstrdup(p->compiler->exe);
	if (!is_linked(p))
		s->sysroot = xstrdup(p->record->sysroot);
	s->home = unusual_home(home);
	/* Behind rustup's proxy stands the cargo of the toolchain. */
	s->cargo = p->bare.toolchain ? rustc_sibling(&p->bare, "cargo") : fs_which("cargo");
	s->conf = (struct cargoconf){
	    .arch = c->arch->name,
	    .plat = c->plat->name,
	    .target = c->arch->target,
	    .linker = s->linker,
	    .runner = s->runner,
	    .sysroot = s->sysroot,
	    .unwind = true,
	    .home = s->home,
	    .rustc = s->rustc,
	    .rustdoc = s->rustdoc,
	};
}

int
cargosetup_make(const struct matrix_combo *combo, const struct rustc_choice *choice,
    const struct home *home, struct cargosetup *s, struct err *e)
{
	AUTO(installed_list) list = {0};
	AUTOFREE char *self = fs_self(e);
	AUTO(pick) p = {0};

	*s = (struct cargosetup){0};
	if (!self || installed_load(home->data, &list, e) < 0 ||
	    pick_compiler(combo, choice, home->cache, &list, &p, e) < 0)
		return -1;
	s->linker = program(self, "kraftld", e);
	s->runner = s->linker ? program(self, "kraft-rust", e) : NULL;
	if (!s->runner) {
		cargosetup_free(s);
		return -1;
	}
	fill(s, combo, &p, home);
	if (open_target(s, combo, &p, self, choice->dir, e) < 0) {
		cargosetup_free(s);
		return -1;
	}
	return 0;
}

/* What opens a target opens those of all combinations. */
static void
share_wrapper(struct cargosetup *s, struct cargosetup *from)
{
	if (!from->rustdoc || s->wrapped || s->wrapper)
		return;
	free(s->rustdoc);
	s->conf.wrapper = s->wrapper = take_ptr(from->wrapper);
	s->conf.chained = s->chained = take_ptr(from->chained);
	s->conf.wrapped = s->wrapped = take_ptr(from->wrapped);
	s->conf.rustdoc = s->rustdoc = take_ptr(from->rustdoc);
}

int
cargosetup_add(const struct matrix_combo *combo, const struct rustc_choice *choice,
    const struct home *home, struct cargosetup *s, struct err *e)
{
	const struct rustc_choice same = {.rustc = s->compiler, .dir = choice->dir};
	struct cargosetup other;

	if (cargosetup_make(combo, &same, home, &other, e) < 0)
		return -1;
	share_wrapper(s, &other);
	s->others = xrealloc(s->others, (s->n_others + 1) * sizeof(*s->others));
	s->more = xrealloc(s->more, (s->n_others + 1) * sizeof(*s->more));
	s->others[s->n_others] = other;
	s->more[s->n_others++] = other.conf;
	s->conf.more = s->more;
	s->conf.n_more = s->n_others;
	return 0;
}

void
cargosetup_free(struct cargosetup *s)
{
	free(s->linker);
	free(s->runner);
	free(s->sysroot);
	free(s->home);
	free(s->rustc);
	free(s->rustdoc);
	free(s->cargo);
	free(s->why);
	free(s->wrapper);
	free(s->chained);
	free(s->wrapped);
	free(s->compiler);
	for (size_t i = 0; i < s->n_others; i++)
		cargosetup_free(&s->others[i]);
	free(s->others);
	free(s->more);
	*s = (struct cargosetup){0};
}
