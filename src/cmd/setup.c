/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cmd.h"

/* cargo takes its flags from the first of these that is there, and from
 * [target.T] rustflags only when neither is (cargo: reference, build.rustflags). */
static void
warn_about_flags(const struct ctx *c, const struct cargosetup *s)
{
	static const char *const vars[] = {"CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"};
	AUTO(strv) flags = {0};
	AUTOFREE char *text = NULL;

	cargoconf_flags(&s->conf, &flags);
	text = strv_join(&flags, " ");
	for (size_t i = 0; i < ARRAY_LEN(vars) && flags.n > 0; i++) {
		if (!getenv(vars[i]))
			continue;
		ctx_warn(c,
		    "%s is set: while it is, cargo ignores the rustflags in config.toml; unset it, "
		    "or "
		    "add to it: %s",
		    vars[i], text);
		return;
	}
}

/* Likewise for the wrapper (cargo: reference, build.rustc-wrapper). */
static void
warn_about_wrapper(const struct ctx *c, const struct cargosetup *s)
{
	static const char *const vars[] = {"RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"};

	for (size_t i = 0; i < ARRAY_LEN(vars) && s->conf.wrapper; i++) {
		const char *set = getenv(vars[i]);

		if (!set || !*set || str_ends(set, "kraft-rustc"))
			continue;
		ctx_warn(c,
		    "%s is set: while it is, cargo does not call kraft-rustc, which this compiler "
		    "needs for a target that is not built in; set KRAFT_RUSTC_WRAPPER instead, and "
		    "kraft-rustc goes through it",
		    vars[i]);
		return;
	}
}

/* How panics end: unwinding is what cargo test needs to report a failing test. */
static int
choose_panic(const struct ctx *c, struct cargoconf *conf, struct err *e)
{
	const char *how = ctx_opt(c, OPT_PANIC);

	if (how && strcmp(how, "unwind") != 0 && strcmp(how, "abort") != 0)
		return err_set(e, ERR_USAGE, "--panic is unwind or abort, not '%s'", how);
	conf->unwind = !how || strcmp(how, "unwind") == 0;
	return 0;
}

int
setup_make(struct ctx *c, const struct matrix_combo *combo, const char *dir, struct cargosetup *s,
    struct err *e)
{
	struct rustc_choice choice = ctx_choice(c);

	choice.dir = dir;
	if (cargosetup_make(combo, &choice, &c->home, s, e) < 0 || choose_panic(c, &s->conf, e) < 0)
		return -1;
	if (s->why)
		ctx_note(c, "%s", s->why);
	warn_about_flags(c, s);
	warn_about_wrapper(c, s);
	return 0;
}

int
setup_add(struct ctx *c, const struct matrix_combo *combo, const char *dir, struct cargosetup *s,
    struct err *e)
{
	const struct rustc_choice choice = {.dir = dir};
	bool had = s->conf.wrapper != NULL;

	if (str_eq(s->conf.arch, combo->arch->name) && str_eq(s->conf.plat, combo->plat->name))
		return 0;
	for (size_t i = 0; i < s->conf.n_more; i++)
		if (str_eq(s->conf.more[i].arch, combo->arch->name) &&
		    str_eq(s->conf.more[i].plat, combo->plat->name))
			return 0;
	if (cargosetup_add(combo, &choice, &c->home, s, e) < 0)
		return -1;
	if (!had)
		warn_about_wrapper(c, s);
	return 0;
}

int
setup_write(
    struct ctx *c, const char *dir, const struct cargosetup *s, bool *changed, struct err *e)
{
	if (cargoconf_update(dir, &s->conf, s->cargo, changed, e) < 0)
		return -1;
	if (*changed && !s->cargo)
		ctx_note(c, "no cargo is on PATH, so the new config.toml is not checked");
	return 0;
}
