/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/run_options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/cmd.h"

extern char **environ;

enum { DEFAULT_MIB = 512, MAX_NUMBER = INT_MAX / 2 };

/* What cargo run and cargo test read on Linux, and std and env_logger in the program. */
static const char passed[] =
    "RUST_BACKTRACE,RUST_LIB_BACKTRACE,RUST_LOG,RUST_MIN_STACK,RUST_TEST_*";

static const enum opt_id ids[] = {OPT_MEM, OPT_CPUS, OPT_NET, OPT_PORT, OPT_ENV, OPT_ENV_PASS,
    OPT_INITRD, OPT_TIMEOUT, OPT_ACCEL};

/* A number above 0 and what follows it; 0: none. */
static unsigned
leading_number(const char *text, const char **rest)
{
	char *end = NULL;
	unsigned long n;

	errno = 0;
	n = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
	*rest = end ? end : text;
	return errno || n > MAX_NUMBER ? 0 : (unsigned)n;
}

static int
read_number(const struct ctx *c, enum opt_id id, unsigned *out, struct err *e)
{
	const char *text = ctx_opt(c, id), *rest;

	if (!text)
		return 0;
	*out = leading_number(text, &rest);
	if (*out == 0 || *rest)
		return err_set(e, ERR_USAGE, "--%s is a whole number above 0, not '%.40s'",
		    opt_table[id].name, text);
	return 0;
}

static int
read_memory(const struct ctx *c, unsigned *out, struct err *e)
{
	static const char *const units[] = {"", "M", "Mi", "MB", "MiB", "G", "Gi", "GB", "GiB"};
	const char *text = ctx_opt(c, OPT_MEM), *rest;
	unsigned n;

	if (!text)
		return 0;
	n = leading_number(text, &rest);
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(units); i++) {
		const unsigned factor = units[i][0] == 'G' ? 1024 : 1;

		if (strcasecmp(rest, units[i]) != 0 || n > MAX_NUMBER / factor)
			continue;
		*out = n * factor;
		return 0;
	}
	return err_set(
	    e, ERR_USAGE, "--mem is an amount such as 512, 512M (MiB) or 2G, not '%.40s'", text);
}

static int
read_accel(const struct ctx *c, const char **out, struct err *e)
{
	const char *accel = ctx_opt(c, OPT_ACCEL);

	*out = accel ? accel : "auto";
	if (!accel || str_eq(accel, "auto") || str_eq(accel, "kvm") || str_eq(accel, "tcg"))
		return 0;
	return err_set(e, ERR_USAGE, "--accel is auto, kvm or tcg, not '%.40s'", accel);
}

/* Whether "NAME=value" has the name, or one that begins so when name ends in '*'. */
static bool
is_variable(const char *variable, const char *name)
{
	size_t n = strlen(name);

	if (n > 0 && name[n - 1] == '*')
		return strncmp(variable, name, n - 1) == 0;
	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

static int
pass_env(const struct ctx *c, struct strv *env, struct err *e)
{
	const char *list = ctx_opt(c, OPT_ENV_PASS);
	AUTO(strv) names = {0};

	if (list && strcmp(list, "none") == 0)
		return 0;
	strv_split(&names, list ? list : passed, ',');
	for (size_t i = 0; i < names.n; i++) {
		if (strchr(names.v[i], '='))
			return err_set(e, ERR_USAGE,
			    "--env-pass is a list of names, NAME,NAME*, not '%.80s'", list);
		for (char **v = environ; *v; v++)
			if (is_variable(*v, names.v[i]) && !strv_has(env, *v))
				strv_add(env, *v);
	}
	strv_sort(env);
	return 0;
}

/* NAME=value as it is; NAME alone passes our own on, when we have one. */
static int
make_env(const struct ctx *c, struct strv *env, struct err *e)
{
	const struct strv *given = &c->opts[OPT_ENV];

	if (pass_env(c, env, e) < 0)
		return -1;
	for (size_t i = 0; i < given->n; i++) {
		const char *equal = strchr(given->v[i], '='), *own;

		if (equal == given->v[i])
			return err_set(
			    e, ERR_USAGE, "--env %.80s: a variable has a name", given->v[i]);
		own = equal ? NULL : getenv(given->v[i]);
		if (equal)
			strv_add(env, given->v[i]);
		else if (own)
			strv_addf(env, "%s=%s", given->v[i], own);
	}
	return 0;
}

int
run_options_read(const struct ctx *c, struct run_options *o, struct err *e)
{
	*o = (struct run_options){.memory = DEFAULT_MIB, .cpus = 1};
	o->initrd = ctx_opt(c, OPT_INITRD);
	if (read_memory(c, &o->memory, e) == 0 && read_number(c, OPT_CPUS, &o->cpus, e) == 0 &&
	    read_number(c, OPT_TIMEOUT, &o->timeout, e) == 0 && read_accel(c, &o->accel, e) == 0 &&
	    make_env(c, &o->env, e) == 0 &&
	    vmnet_parse(ctx_opt(c, OPT_NET), &c->opts[OPT_PORT], &o->net, e) == 0)
		return 0;
	run_options_free(o);
	return -1;
}

void
run_options_free(struct run_options *o)
{
	strv_free(&o->env);
	vmnet_free(&o->net);
	*o = (struct run_options){0};
}

const char *
run_options_given(const struct ctx *c)
{
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (ctx_flag(c, ids[i]))
			return opt_table[ids[i]].name;
	return NULL;
}

void
run_options_words(const struct ctx *c, struct strv *words)
{
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const struct strv *given = &c->opts[ids[i]];
		const bool all = ids[i] == OPT_ENV || ids[i] == OPT_PORT;

		for (size_t k = all || given->n == 0 ? 0 : given->n - 1; k < given->n; k++) {
			strv_addf(words, "--%s", opt_table[ids[i]].name);
			/* cargo starts the runner in different folders. */
			if (ids[i] == OPT_INITRD)
				strv_give(words, fs_absolute(given->v[k]));
			else
				strv_add(words, given->v[k]);
		}
	}
}
