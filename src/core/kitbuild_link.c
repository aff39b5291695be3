/* SPDX-License-Identifier: BSD-3-Clause */
/* The link of a kit: what the build's C compiler handed to GNU ld. */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/kitbuild_private.h"
#include "core/matrix.h"

/* What an argument of ld means for the kit. */
enum what { KEEP, KEEP_NEXT, DROP, DROP_NEXT, SCRIPT, OUTPUT };

static const struct {
	const char *arg;
	bool prefix;
	enum what what;
} rules[] = {
    {"-o", false, OUTPUT},
    {"-T", false, SCRIPT},
    {"-dT", false, SCRIPT},
    {"--default-script", false, SCRIPT},
    {"-m", false, KEEP_NEXT},
    {"-z", false, KEEP_NEXT},
    {"-e", false, KEEP_NEXT},
    {"-u", false, KEEP_NEXT},
    /* The C compiler's own, for programs of the machine that it runs on. */
    {"-plugin", false, DROP_NEXT},
    {"-plugin-opt=", true, DROP},
    {"-dynamic-linker", false, DROP_NEXT},
    {"--dynamic-linker", false, DROP_NEXT},
    {"--sysroot=", true, DROP},
    {"--hash-style=", true, DROP},
    {"-L", true, DROP},
};

static enum what
what_is(const char *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].prefix ? str_starts(arg, rules[i].arg)
				    : strcmp(arg, rules[i].arg) == 0)
			return rules[i].what;
	return KEEP;
}

static const char *
output_of(const struct strv *argv)
{
	for (size_t i = 0; i + 1 < argv->n; i++)
		if (strcmp(argv->v[i], "-o") == 0)
			return argv->v[i + 1];
	return NULL;
}

/* Whether a command makes something of the object, other than the object itself. */
static bool
takes(const struct recipe *r, const char *object)
{
	const char *output = output_of(&r->argv);

	return !r->opaque && strv_has(&r->argv, object) && !(output && strcmp(output, object) == 0);
}

static bool
is_partial(const struct recipe *r)
{
	return strv_has(&r->argv, "-r") || strv_has(&r->argv, "-Wl,-r");
}

/* The commands from the program's object to the image. For Xen these are two: a partial
 * link of everything and, behind an objcopy that makes its names local, the link of that
 * one object. For others there is the link alone. */
struct links {
	const struct recipe *partial, *last;
	const char *object; /* what the partial link came to be */
	size_t at;          /* the number of the last one */
};

static void
find_links(const struct kitbuild_job *j, const struct recipes *ran, struct links *l)
{
	AUTOFREE char *program = xasprintf("%s/%s.o", j->build, KITBUILD_APP);

	for (size_t i = 0; i < ran->n; i++) {
		const struct recipe *r = &ran->v[i];
		bool moves = l->object && takes(r, l->object);

		if (!moves && !takes(r, program))
			continue;
		if (is_partial(r)) {
			l->partial = r;
			l->object = output_of(&r->argv);
		} else if (output_of(&r->argv)) {
			l->last = r;
			l->at = i;
			l->partial = moves ? l->partial : NULL;
		} else if (moves) {
			l->object = r->argv.v[r->argv.n - 1];
		}
	}
}

/* What the compiler driver would run for a link: -### prints it and does nothing. */
static int
ask_driver(const struct recipe *r, struct strv *ld, struct err *e)
{
	AUTO(strv) argv = {0}, env = {0}, lines = {0};
	AUTO(str) said = {0}, out = {0};
	struct proc p = {.env = &env, .out = &out, .err_out = &said};
	int status;

	strv_addl(&argv, r->argv.v[0], "-###", NULL);
	for (size_t i = 1; i < r->argv.n; i++)
		strv_add(&argv, r->argv.v[i]);
	strv_add(&env, "LC_ALL=C");
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	strv_split(&lines, str_text(&said), '\n');
	for (size_t i = lines.n; status == 0 && i-- > 0;) {
		struct recipes found __attribute__((cleanup(recipes_free))) = {0};

		if (lines.v[i][0] != ' ')
			continue;
		recipe_split(lines.v[i], &found);
		if (found.n == 1 && output_of(&found.v[0].argv)) {
			strv_addv(ld, &found.v[0].argv);
			return 0;
		}
	}
	return err_set(e, ERR_TOOL, "%s does not tell how it links (-### ended with status %d)",
	    r->argv.v[0], status);
}

static char *
find_library(const struct strv *ld, const char *name)
{
	for (size_t i = 0; i < ld->n; i++) {
		AUTOFREE char *path = NULL;

		if (!str_starts(ld->v[i], "-L"))
			continue;
		path = xasprintf("%s/lib%s.a", ld->v[i] + 2, name);
		if (fs_is_file(path))
			return take_ptr(path);
	}
	return NULL;
}

static int
take_library(
    struct kitbuild_job *j, const struct strv *ld, const char *name, struct kit *k, struct err *e)
{
	AUTOFREE char *path = find_library(ld, name);
	char *in_kit;

	if (!path)
		return err_set(
		    e, ERR_FAIL, "the link wants -l%s, and there is no lib%s.a for it", name, name);
	in_kit = kitbuild_take_file(j, path, "lib", true, e);
	if (!in_kit)
		return -1;
	strv_give(&k->args, in_kit);
	return 0;
}

static int
take_input(struct kitbuild_job *j, const char *path, struct kit *k, struct err *e)
{
	AUTOFREE char *object = xasprintf("%s/%s.o", j->build, KITBUILD_APP);
	char *in_kit;

	if (strcmp(path, object) == 0) {
		strv_add(&k->args, "{inputs}");
		return 0;
	}
	in_kit = kitbuild_take_file(j, path, str_ends(path, ".a") ? "lib" : "objects", true, e);
	if (!in_kit)
		return -1;
	strv_give(&k->args, in_kit);
	return 0;
}

static int
take_script(struct kitbuild_job *j, const char *path, struct kit *k, struct err *e)
{
	char *in_kit = kitbuild_take_file(j, path, "scripts", false, e);

	if (!in_kit)
		return -1;
	strv_give(&k->args, in_kit);
	return 0;
}

/* An option that names one of the build's files would lead outside of the kit. */
static int
take_option(struct kitbuild_job *j, const char *arg, struct kit *k, struct err *e)
{
	if (strstr(arg, j->work) || strstr(arg, j->b->unikraft))
		return err_set(e, ERR_FAIL,
		    "the link has an argument that this version does not understand: %.200s", arg);
	strv_add(&k->args, arg);
	return 0;
}

/* One argument; *i moves on when it takes its value along. */
static int
take_arg(struct kitbuild_job *j, const struct strv *ld, size_t *i, struct kit *k, struct err *e)
{
	const char *arg = ld->v[*i];
	const char *next = *i + 1 < ld->n ? ld->v[*i + 1] : NULL;
	enum what what = what_is(arg);

	if (what != KEEP && what != DROP && !next)
		return err_set(e, ERR_FAIL, "the link ends in %s", arg);
	*i += what == KEEP_NEXT || what == DROP_NEXT || what == SCRIPT || what == OUTPUT;
	if (what == DROP || what == DROP_NEXT)
		return 0;
	if (arg[0] != '-')
		return take_input(j, arg, k, e);
	if (str_starts(arg, "-l"))
		return take_library(j, ld, arg + 2, k, e);
	if (take_option(j, arg, k, e) < 0)
		return -1;
	if (what == SCRIPT)
		return take_script(j, next, k, e);
	if (what == OUTPUT)
		strv_add(&k->args, "{debug}");
	return what == KEEP_NEXT ? take_option(j, next, k, e) : 0;
}

static int
take_args(struct kitbuild_job *j, const struct strv *ld, struct kit *k, struct err *e)
{
	for (size_t i = 1; i < ld->n; i++)
		if (take_arg(j, ld, &i, k, e) < 0)
			return -1;
	if (strv_has(&k->args, "{inputs}"))
		return 0;
	return err_set(e, ERR_FAIL, "the link does not hand the program's object to ld");
}

/* What ld is told to do a link. */
static int
ask_link(const struct recipe *r, struct strv *ld, struct err *e)
{
	if (!str_ends(r->argv.v[0], "ld"))
		return ask_driver(r, ld, e);
	strv_addv(ld, &r->argv);
	return 0;
}

/* The files of the partial link, in their order. Its options are the last link's too. */
static void
add_inputs(struct strv *ld, const struct strv *partial)
{
	for (size_t i = 1; i < partial->n; i++) {
		const char *arg = partial->v[i];
		enum what what = what_is(arg);

		if (what != KEEP && what != DROP)
			i++;
		else if (arg[0] != '-' || strcmp(arg, "--start-group") == 0 ||
			 strcmp(arg, "--end-group") == 0)
			strv_add(ld, arg);
	}
}

/* One link out of two: that the names stay global in between changes no address. */
static int
ask_links(const struct links *l, struct strv *ld, struct err *e)
{
	AUTO(strv) last = {0}, partial = {0};

	if (ask_link(l->last, &last, e) < 0 ||
	    (l->partial && ask_link(l->partial, &partial, e) < 0))
		return -1;
	for (size_t i = 0; i < last.n; i++) {
		if (l->partial && strcmp(last.v[i], l->object) == 0)
			add_inputs(ld, &partial);
		else
			strv_add(ld, last.v[i]);
	}
	return 0;
}

int
kitbuild_take_link(
    struct kitbuild_job *j, const struct recipes *ran, struct kit *k, size_t *at, struct err *e)
{
	struct links l = {0};
	AUTO(strv) ld = {0};

	find_links(j, ran, &l);
	if (!l.last) {
		err_set(e, ERR_FAIL,
		    "among the commands that Unikraft's build ran, none links %s.o "
		    "into an image",
		    KITBUILD_APP);
		return err_hint(e, "the log is %s", j->log);
	}
	*at = l.at;
	j->link_dbg = xstrdup(output_of(&l.last->argv));
	if (ask_links(&l, &ld, e) < 0)
		return -1;
	return take_args(j, &ld, k, e);
}
