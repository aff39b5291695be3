/* SPDX-License-Identifier: BSD-3-Clause */
/* What a command works with. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "core/share.h"

static int
choose_color(struct ctx *c, struct err *e)
{
	const char *when = ctx_opt(c, OPT_COLOR), *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (!when || strcmp(when, "auto") == 0)
		c->color =
		    isatty(STDERR_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
	else if (strcmp(when, "always") == 0)
		c->color = true;
	else if (strcmp(when, "never") != 0)
		return err_set(e, ERR_USAGE, "--color is auto, always or never, not '%s'", when);
	return 0;
}

int
ctx_start(struct ctx *c, struct err *e)
{
	c->quiet = ctx_flag(c, OPT_QUIET);
	c->verbose = ctx_flag(c, OPT_VERBOSE);
	if (choose_color(c, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_RUSTC) && ctx_flag(c, OPT_TOOLCHAIN))
		return err_set(
		    e, ERR_USAGE, "--rustc and --toolchain both name the compiler; use one");
	/* Help is for those too whose HOME is broken. */
	return c->cmd->run == cmd_help ? 0 : home_find(&c->home, e);
}

void
ctx_end(struct ctx *c)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		strv_free(&c->opts[i]);
	strv_free(&c->args);
	home_free(&c->home);
	free(c->share);
	if (c->have_matrix)
		matrix_free(&c->matrix);
	if (c->have_rustc)
		rustc_free(&c->rustc);
}

bool
ctx_flag(const struct ctx *c, enum opt_id id)
{
	return c->opts[id].n > 0;
}

const char *
ctx_opt(const struct ctx *c, enum opt_id id)
{
	return c->opts[id].n ? c->opts[id].v[c->opts[id].n - 1] : NULL;
}

int
ctx_share(struct ctx *c, const char **share, struct err *e)
{
	if (!c->share)
		c->share = share_find(e);
	*share = c->share;
	return c->share ? 0 : -1;
}

int
ctx_matrix(struct ctx *c, const struct matrix **m, struct err *e)
{
	const char *share;

	if (!c->have_matrix) {
		if (ctx_share(c, &share, e) < 0 ||
		    matrix_load(&c->matrix, share, c->home.config, ctx_opt(c, OPT_MATRIX), e) < 0)
			return -1;
		c->have_matrix = true;
	}
	*m = &c->matrix;
	return 0;
}

struct rustc_choice
ctx_choice(const struct ctx *c)
{
	return (struct rustc_choice){
	    .rustc = ctx_opt(c, OPT_RUSTC), .toolchain = ctx_opt(c, OPT_TOOLCHAIN)};
}

int
ctx_rustc(struct ctx *c, const struct rustc **r, struct err *e)
{
	struct rustc_choice choice = ctx_choice(c);

	if (!c->have_rustc) {
		if (rustc_find(&choice, c->home.cache, &c->rustc, e) < 0)
			return -1;
		c->have_rustc = true;
	}
	*r = &c->rustc;
	return 0;
}

int
ctx_combo(struct ctx *c, size_t at, const struct matrix_combo **combo, size_t *used, struct err *e)
{
	const char *one = c->args.v[at], *two = at + 1 < c->args.n ? c->args.v[at + 1] : NULL;
	bool joined = strchr(one, '/') != NULL;
	const struct matrix *m;

	if (ctx_matrix(c, &m, e) < 0)
		return -1;
	if (!joined && !two) {
		err_set(e, ERR_USAGE, "'%s' alone is no combination", one);
		return err_hint(e, "give an architecture and a platform, such as 'x86_64 qemu'; "
				   "'kraft-rust list' shows them all");
	}
	*combo = matrix_find(m, one, joined ? NULL : two, e);
	if (!*combo)
		return -1;
	if (used)
		*used = joined ? 1 : 2;
	else if (joined && two)
		return err_set(
		    e, ERR_USAGE, "'%s' is a whole combination; no use for '%s'", one, two);
	return 0;
}

static void print_line(const struct ctx *c, const char *colour, const char *prefix, const char *fmt,
    va_list ap) __attribute__((format(printf, 4, 0)));

static void
print_line(const struct ctx *c, const char *colour, const char *prefix, const char *fmt, va_list ap)
{
	AUTOFREE char *text = xvasprintf(fmt, ap);

	fprintf(
	    stderr, "%s%s%s%s\n", c->color ? colour : "", prefix, c->color ? "\033[0m" : "", text);
}

void
ctx_note(const struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	print_line(c, "", "", fmt, ap);
	va_end(ap);
}

void
ctx_detail(const struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->verbose)
		return;
	va_start(ap, fmt);
	print_line(c, "", "", fmt, ap);
	va_end(ap);
}

void
ctx_warn(const struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(c, "\033[1;33m", "kraft-rust: warning: ", fmt, ap);
	va_end(ap);
}

/* A message quotes what came from outside: it does not get to steer the terminal. */
void
ctx_error(const struct ctx *c, const char *msg)
{
	AUTOFREE char *tame = xstrdup(msg);

	for (char *p = tame; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%skraft-rust: %s%s\n", c->color ? "\033[1;31m" : "",
	    c->color ? "\033[0m" : "", tame);
}
