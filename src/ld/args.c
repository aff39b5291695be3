/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ld/rules.h"

/* One argument after -Wl, and -Xlinker are taken off. */
struct token {
	const char *text;
	char *owned; /* text, when it is a piece of an argument; else NULL */
	bool for_ld;
};

struct tokens {
	struct token *v;
	size_t n, cap;
};

struct parse {
	struct tokens toks;
	size_t at; /* the token after the current one */
	const struct args_env *env;
	struct plan *p;
	bool asked, plugin, plugin_opt;
	const char *ld_version; /* -v or -V for ld */
	struct err *e;
};

static void
tokens_free(struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].owned);
	free(t->v);
	*t = (struct tokens){0};
}

static void
push(struct tokens *t, const char *text, char *owned, bool for_ld)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 128;
		t->v = xrealloc(t->v, t->cap * sizeof(*t->v));
	}
	t->v[t->n++] = (struct token){text, owned, for_ld};
}

static int
flatten(char *const *argv, size_t n, struct tokens *t, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *arg = argv[i];

		if (strcmp(arg, "-Xlinker") == 0) {
			if (++i == n)
				return err_set(e, ERR_USAGE, "-Xlinker: its value is missing");
			push(t, argv[i], NULL, true);
		} else if (str_starts(arg, "-Wl,")) {
			for (arg += 4;; arg++) {
				const char *end = strchrnul(arg, ',');
				char *piece = xstrndup(arg, (size_t)(end - arg));

				push(t, piece, piece, true);
				if (!*(arg = end))
					break;
			}
		} else {
			push(t, arg, NULL, false);
		}
	}
	return 0;
}

static char *
absolute(const struct parse *x, const char *path)
{
	if (path[0] == '/' || !*path)
		return xstrdup(path);
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; *path == '/';)
			path++;
	if (!*path || strcmp(path, ".") == 0)
		return xstrdup(x->env->cwd);
	return xasprintf("%s/%s", strcmp(x->env->cwd, "/") == 0 ? "" : x->env->cwd, path);
}

static void
note(struct parse *x, const char *flag, const char *value, const char *why)
{
	strv_addf(&x->p->notes, "%s%s%s: %s", flag, value ? " " : "", value ? value : "", why);
}

static void
ask(struct parse *x, enum plan_kind kind, const char *text)
{
	if (x->asked)
		return;
	x->asked = true;
	x->p->kind = kind;
	x->p->query = xstrdup(text);
}

static int
add_input(struct parse *x, const char *path)
{
	struct rule_file special = rules_file(path);
	AUTOFREE char *full = absolute(x, path);

	if (special.act == ACT_REFUSE)
		return err_set(x->e, ERR_USAGE, "%s: %s", path, special.why);
	if (special.act == ACT_DROP) {
		note(x, path, NULL, special.why);
		return 0;
	}
	if (x->p->first.n < PLAN_FIRST)
		strv_add(&x->p->first, full);
	strv_give(&x->p->args, take_ptr(full));
	x->p->n_inputs++;
	return 0;
}

static int
add_library(struct parse *x, const char *name)
{
	const char *file = name[0] == ':' ? name + 1 : name;
	AUTOFREE char *plain = NULL;
	const char *why;

	/* -l:libc.a is libc just as -lc is. */
	if (file != name && str_starts(file, "lib") && strchr(file, '.'))
		plain = xstrndup(file + 3, (size_t)(strchr(file, '.') - file - 3));
	why = rules_library(plain ? plain : name);
	if (why) {
		AUTOFREE char *flag = xasprintf("-l%s", name);

		note(x, flag, NULL, why);
		return 0;
	}
	if (file != name) {
		struct rule_file special = rules_file(file);

		if (special.act == ACT_REFUSE)
			return err_set(x->e, ERR_USAGE, "-l%s: %s", name, special.why);
	}
	strv_addf(&x->p->args, "-l%s", name);
	x->p->n_inputs++;
	return 0;
}

static void
add_dir(struct parse *x, const char *dir)
{
	/* "=" and "$SYSROOT" stand for ld's own sysroot. */
	AUTOFREE char *full =
	    dir[0] == '=' || str_starts(dir, "$SYSROOT") ? xstrdup(dir) : absolute(x, dir);

	strv_addf(&x->p->args, "-L%s", full);
	strv_give(&x->p->dirs, take_ptr(full));
}

/* Hand a flag on, with another value when it had one. */
static void
add_flag(struct parse *x, const char *arg, const char *value, bool next, const char *new_value)
{
	if (!value) {
		strv_add(&x->p->args, arg);
	} else if (next) {
		strv_add(&x->p->args, arg);
		strv_add(&x->p->args, new_value);
	} else {
		strv_addf(&x->p->args, "%.*s%s", (int)(value - arg), arg, new_value);
	}
}

static void
add_file_flag(struct parse *x, const struct rule *r, const char *arg, const char *value, bool next)
{
	AUTOFREE char *full = value ? absolute(x, value) : NULL;
	bool searched = r->act == ACT_SCRIPT && value && !strchr(value, '/') && x->env->exists &&
			!x->env->exists(full);

	add_flag(x, arg, value, next, searched ? value : full);
}

static void
want_strip(struct parse *x, enum plan_strip strip)
{
	if (x->p->strip < strip)
		x->p->strip = strip;
}

static void
question(struct parse *x, const struct rule *r, const char *arg, const char *value)
{
	switch ((int)r->act) {
	case ACT_LD_QUERY:
		ask(x, PLAN_ASK_LD, arg);
		break;
	case ACT_VERSION:
		ask(x, PLAN_VERSION, "");
		break;
	case ACT_HELP:
		ask(x, PLAN_HELP, "");
		break;
	case ACT_MACHINE:
		ask(x, PLAN_MACHINE, "");
		break;
	case ACT_FILE_NAME:
		ask(x, PLAN_PRINT_FILE_NAME, value);
		break;
	case ACT_LIBGCC_NAME:
		ask(x, PLAN_PRINT_FILE_NAME, "libgcc.a");
		break;
	case ACT_PROG_NAME:
		ask(x, PLAN_PRINT_PROG_NAME, value);
		break;
	case ACT_SEARCH_DIRS:
		ask(x, PLAN_PRINT_SEARCH_DIRS, "");
		break;
	default:
		ask(x, PLAN_PRINT, r->why);
		break;
	}
}

/* The acts that only set something in the plan; false when r is not one. */
static bool
set_in_plan(struct parse *x, const struct rule *r, const char *arg, const char *value)
{
	switch ((int)r->act) {
	case ACT_OUTPUT:
		free(x->p->output);
		x->p->output = absolute(x, value);
		return true;
	case ACT_LIBDIR:
		add_dir(x, value);
		return true;
	case ACT_STRIP_DEBUG:
		want_strip(x, STRIP_DEBUG);
		return true;
	case ACT_STRIP_ALL:
		want_strip(x, STRIP_ALL);
		return true;
	case ACT_PARTIAL:
		if (!x->asked)
			x->p->kind = PLAN_PARTIAL;
		return true;
	case ACT_VERBOSE:
		x->p->verbose = true;
		return true;
	case ACT_DRY_RUN:
		x->p->dry_run = true;
		return true;
	case ACT_LD_VERSION:
		x->ld_version = arg;
		strv_add(&x->p->args, arg);
		return true;
	default:
		return false;
	}
}

static int
apply(struct parse *x, const struct rule *r, const char *arg, const char *value, bool next)
{
	if (set_in_plan(x, r, arg, value))
		return 0;
	switch ((int)r->act) {
	case ACT_KEEP:
		add_flag(x, arg, value, next, value);
		return 0;
	case ACT_DEPENDENCIES:
		free(x->p->dependencies);
		x->p->dependencies = absolute(x, value);
		add_file_flag(x, r, arg, value, next);
		return 0;
	case ACT_PLUGIN:
		x->plugin = true;
		add_file_flag(x, r, arg, value, next);
		return 0;
	case ACT_FILE:
	case ACT_SCRIPT:
		add_file_flag(x, r, arg, value, next);
		return 0;
	case ACT_PLUGIN_OPT:
		x->plugin_opt = true;
		add_flag(x, arg, value, next, value);
		return 0;
	case ACT_DROP:
		note(x, arg, next ? value : NULL, r->why);
		return 0;
	case ACT_REFUSE:
		return err_set(x->e, ERR_USAGE, "%s: %s", arg, r->why);
	case ACT_LIB:
		return add_library(x, value);
	default:
		question(x, r, arg, value);
		return 0;
	}
}

static int
take_token(struct parse *x, const struct token *t)
{
	const char *value = NULL;
	const struct rule *r;
	bool next;

	if (!*t->text) {
		/* "-Wl," with nothing behind it, from an empty variable. */
		if (t->for_ld)
			return 0;
		return err_set(x->e, ERR_USAGE, "an argument is empty");
	}
	if (strcmp(t->text, "-") == 0)
		return err_set(x->e, ERR_USAGE, "-: the linker cannot read standard input");
	if (t->text[0] != '-')
		return add_input(x, t->text);
	r = rules_find(t->text, t->for_ld, &value);
	if (!r) {
		strv_add(&x->p->args, t->text);
		return 0;
	}
	next = rules_wants_next(r, value);
	if (next) {
		if (x->at == x->toks.n)
			return err_set(x->e, ERR_USAGE, "%s: its value is missing", t->text);
		value = x->toks.v[x->at++].text;
	}
	return apply(x, r, t->text, value, next);
}

static int
finish(struct parse *x)
{
	if (!x->p->output)
		x->p->output = absolute(x, "a.out");
	if (!*x->p->output)
		return err_set(x->e, ERR_USAGE, "-o: its value is empty");
	if (x->p->n_inputs == 0 && !x->asked) {
		if (x->ld_version)
			ask(x, PLAN_ASK_LD, x->ld_version);
		else if (x->p->verbose)
			ask(x, PLAN_VERSION, "");
		else
			return err_set(x->e, ERR_USAGE, "no input files");
	}
	if (x->plugin_opt && !x->plugin && !x->asked) {
		const char *value;

		return err_set(x->e, ERR_USAGE, "-plugin-opt: %s",
		    rules_find("-plugin-opt", true, &value)->why);
	}
	return 0;
}

int
plan_parse(char *const *argv, size_t n, const struct args_env *env, struct plan *p, struct err *e)
{
	struct parse x = {.env = env, .p = p, .e = e};
	int rc;

	*p = (struct plan){0};
	rc = flatten(argv, n, &x.toks, e);
	while (rc == 0 && x.at < x.toks.n) {
		const struct token *t = &x.toks.v[x.at++];

		rc = take_token(&x, t);
	}
	if (rc == 0)
		rc = finish(&x);
	tokens_free(&x.toks);
	if (rc < 0)
		plan_free(p);
	return rc;
}

const char *
plan_strip_flag(const struct plan *p)
{
	static const char *const flags[] = {NULL, "--strip-debug", "--strip-all"};

	return flags[p->strip];
}

void
plan_free(struct plan *p)
{
	free(p->query);
	strv_free(&p->args);
	strv_free(&p->first);
	strv_free(&p->dirs);
	free(p->output);
	free(p->dependencies);
	strv_free(&p->notes);
	*p = (struct plan){0};
}
