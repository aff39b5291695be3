/* SPDX-License-Identifier: BSD-3-Clause */
#include "wrap/wrap.h"

#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

enum { ARGFILE_MAX = 64 << 20 };

/* What decides, of a compiler's arguments; the last of several counts, as in rustc. */
struct call {
	struct strv args; /* argument files opened */
	const char *target, *sysroot, *crate;
	bool allows; /* there is an -Zallow-features already */
};

static void
call_free(struct call *c)
{
	strv_free(&c->args);
}

void
wrapped_free(struct wrapped *w)
{
	strv_free(&w->argv);
}

bool
wrap_is_rustdoc(const char *argv0)
{
	return str_ends(argv0, "rustdoc");
}

/* A command line that is too long comes in a file, one argument a line (rust:
 * compiler/rustc_driver_impl/src/args.rs). One that cannot be read is the compiler's
 * to complain about. */
static void
open_file(const char *path, struct strv *args)
{
	AUTO(str) text = {0};
	struct err ignored;

	if (fs_read(path, ARGFILE_MAX, &text, &ignored) == 0)
		strv_split(args, str_text(&text), '\n');
}

/* The value of "--name VALUE" or "--name=VALUE" at args[*i]; NULL: another option. */
static const char *
value_of(const struct strv *args, size_t *i, const char *name)
{
	size_t n = strlen(name);
	const char *arg = args->v[*i];

	if (strncmp(arg, name, n) != 0)
		return NULL;
	if (arg[n] == '=')
		return arg + n + 1;
	return arg[n] == '\0' && *i + 1 < args->n ? args->v[++*i] : NULL;
}

static void
read_call(char *const *argv, size_t n, struct call *c)
{
	const char *value;

	for (size_t i = 0; i < n; i++)
		if (argv[i][0] == '@')
			open_file(argv[i] + 1, &c->args);
		else
			strv_add(&c->args, argv[i]);
	for (size_t i = 0; i < c->args.n; i++) {
		const char *arg = c->args.v[i];

		if ((value = value_of(&c->args, &i, "--target")))
			c->target = value;
		else if ((value = value_of(&c->args, &i, "--sysroot")))
			c->sysroot = value;
		else if ((value = value_of(&c->args, &i, "--crate-name")))
			c->crate = value;
		else if (strstr(arg, "allow-features=") || strstr(arg, "allow_features="))
			c->allows = true;
	}
}

enum gate { GATE_NONE, GATE_NIGHTLY, GATE_STABLE };

/* What the sysroot says; see sysroot_gated. */
static enum gate
gate_of(const struct call *c)
{
	AUTOFREE char *mark = NULL;
	AUTO(str) text = {0};
	struct err ignored;

	if (!c->target || !c->sysroot || strchr(c->target, '/'))
		return GATE_NONE;
	mark = xasprintf("%s/lib/rustlib/%s/unstable", c->sysroot, c->target);
	if (fs_read(mark, 64, &text, &ignored) < 0)
		return GATE_NONE;
	return str_starts(str_text(&text), "nightly") ? GATE_NIGHTLY : GATE_STABLE;
}

static bool
user_asks(const char *bootstrap, const char *crate)
{
	AUTO(strv) crates = {0};

	if (!bootstrap || strcmp(bootstrap, "1") == 0)
		return bootstrap != NULL;
	strv_split(&crates, bootstrap, ',');
	return crate && strv_has(&crates, crate);
}

/* The words before cargo's own; returns how many of cargo's they use up. */
static int
start(int argc, char *const *argv, const struct wrap_env *env, struct wrapped *w, struct err *e)
{
	if (wrap_is_rustdoc(argv[0])) {
		strv_add(&w->argv, env->rustdoc && *env->rustdoc ? env->rustdoc : "rustdoc");
		return 1;
	}
	if (argc < 2 || argv[1][0] == '-') {
		err_set(e, ERR_USAGE, "no compiler to call: 'kraft-rustc RUSTC ARG...'");
		return err_hint(e, "cargo calls it, where 'kraft-rust config' wrote it into "
				   "config.toml as the rustc-wrapper");
	}
	if (env->wrapper && *env->wrapper)
		strv_add(&w->argv, env->wrapper);
	strv_add(&w->argv, argv[1]);
	return 2;
}

/* rustdoc can document such a target, but not run its tests: kraft-rust does. */
static void
run_tests(const struct wrap_env *env, struct wrapped *w)
{
	AUTO(strv) call = {0};

	strv_addf(&call, "%s/kraft-rust", env->beside ? env->beside : ".");
	strv_add(&call, "doctest");
	strv_addv(&call, &w->argv);
	strv_free(&w->argv);
	w->argv = call;
	call = (struct strv){0};
}

int
wrap_make(int argc, char *const *argv, const struct wrap_env *env, struct wrapped *w, struct err *e)
{
	AUTO(call) call = {0};
	int used = start(argc, argv, env, w, e);
	enum gate gate;

	if (used < 0)
		return -1;
	for (int i = used; i < argc; i++)
		strv_add(&w->argv, argv[i]);
	read_call(argv + used, (size_t)(argc - used), &call);
	gate = gate_of(&call);
	if (gate == GATE_NONE)
		return 0;
	if (wrap_is_rustdoc(argv[0]) && strv_has(&call.args, "--test")) {
		run_tests(env, w);
		return 0;
	}
	if (gate == GATE_NIGHTLY)
		return 0;
	strv_add(&w->argv, "-Zunstable-options");
	if (!call.allows && !user_asks(env->bootstrap, call.crate))
		strv_add(&w->argv, "-Zallow-features=");
	w->bootstrap = true;
	return 0;
}
