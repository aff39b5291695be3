/* SPDX-License-Identifier: BSD-3-Clause */
/* The back end "kit": GNU ld and the kit's recorded commands. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/kit.h"
#include "core/post.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/respfile.h"
#include "ld/stage.h"
#include "ld/tool.h"
#include "ld/verify.h"

/* A longer command is shown as "ld @FILE", with FILE kept beside the output. */
enum { MAX_SHOWN = 64 << 10, MAX_DEPENDENCIES = 16 << 20 };

struct link {
	const struct job *job;
	struct kit kit;
	char *ld;
	char *debug; /* the folder of its objects with debug information; NULL: not wanted */
};

static void
link_free(struct link *l)
{
	kit_free(&l->kit);
	mem_free_ptr(&l->ld);
	mem_free_ptr(&l->debug);
}

/* A partial link needs nothing of the kit but the way to write it down. */
static void
partial_kit(struct kit *k)
{
	static const char *const args[] = {"-r", "{strip}", "{inputs}", "-o", "{output}"};

	*k = (struct kit){.dir = xstrdup("")};
	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		strv_add(&k->args, args[i]);
}

/* core/kitdebug.h: beside the kit. Linking with it takes longer, so it is asked for. */
static int
find_debug(struct link *l, struct err *e)
{
	const char *wanted = getenv("KRAFTLD_KIT_DEBUG");

	if (!wanted || !*wanted || strcmp(wanted, "0") == 0 || !kit_has_debug(&l->kit))
		return 0;
	l->debug = xasprintf("%s.debug", l->kit.dir);
	if (fs_is_dir(l->debug))
		return 0;
	err_set(e, ERR_FAIL,
	    "KRAFTLD_KIT_DEBUG is set, and there is no debug information of the "
	    "kit: %s",
	    l->debug);
	return err_hint(e, "'kraft-rust kit build' makes it, 'kraft-rust kit import' takes it from "
			   "an archive");
}

/* An argument of ld for {kit}/FILE, FILE with debug information; NULL: it is another
 * argument, or the file has none. */
static char *
with_debug(const struct link *l, const char *arg)
{
	static const char kit[] = "{kit}/";
	AUTOFREE char *path = NULL;

	if (!l->debug || !str_starts(arg, kit))
		return NULL;
	path = xasprintf("%s/%s", l->debug, arg + strlen(kit));
	return fs_is_file(path) ? take_ptr(path) : NULL;
}

static int
link_open(const struct job *job, struct link *l, struct err *e)
{
	l->job = job;
	/* So that 'kraft-rust gc' leaves it alone when another one takes its place. */
	if (job->conf->kit)
		fs_use(job->conf->kit);
	if (job->plan->kind == PLAN_PARTIAL) {
		partial_kit(&l->kit);
	} else if (kit_load(job->conf->kit, &l->kit, e) < 0) {
		err_wrap(e, "the kit for %s/%s", job->conf->plat, job->conf->arch);
		return err_hint(e, "run '%s'", job->conf->install);
	} else if (l->kit.machine != job->conf->machine) {
		err_set(e, ERR_INPUT, "%s: the kit is for ELF machine %u, not %u", l->kit.dir,
		    l->kit.machine, job->conf->machine);
		return err_hint(e, "run '%s'", job->conf->install);
	}
	if (find_debug(l, e) < 0)
		return -1;
	l->ld = tool_ld(job->conf, e);
	return l->ld ? 0 : -1;
}

static void
ld_command(const struct link *l, const char *output, const char *debug, struct strv *out)
{
	const struct plan *plan = l->job->plan;
	const char *strip = plan_strip_flag(plan);

	strv_add(out, l->ld);
	/* The build machine's own libraries must never be found. */
	strv_add(out, "-nostdlib");
	for (size_t i = 0; i < l->kit.args.n; i++) {
		const char *arg = l->kit.args.v[i];
		char *debug_object = with_debug(l, arg);

		if (debug_object)
			strv_give(out, debug_object);
		else if (strcmp(arg, "{inputs}") == 0)
			strv_addv(out, &plan->args);
		else if (strcmp(arg, "{strip}") != 0)
			kit_expand(&l->kit, arg, output, debug, out);
		else if (strip)
			strv_add(out, strip);
	}
}

static void
step_command(
    const struct link *l, size_t i, const char *output, const char *debug, struct strv *out)
{
	const struct strv *argv = &l->kit.steps[i].argv;

	for (size_t j = 0; j < argv->n; j++)
		kit_expand(&l->kit, argv->v[j], output, debug, out);
}

/* The i-th command of the link: ld, then the kit's steps. */
static void
command(const struct link *l, size_t i, const char *output, const char *debug, struct strv *out)
{
	if (i == 0)
		ld_command(l, output, debug, out);
	else
		step_command(l, i - 1, output, debug, out);
}

/* The step, when kraftld does the i-th command itself; NULL: it is a program. */
static const struct strv *
own_step(const struct link *l, size_t i)
{
	return i > 0 && l->kit.steps[i - 1].builtin ? &l->kit.steps[i - 1].argv : NULL;
}

/* Among commands for a shell: a comment. */
static char *
show_own_step(const struct strv *step)
{
	AUTOFREE char *words = strv_join(step, " ");

	return xasprintf("# kraftld itself: %s", words);
}

/* The whole command as the user can run it: it writes to the output, not to our
 * stage. */
static char *
whole_command(const struct link *l, size_t i, const char *target)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", target);
	AUTO(strv) argv = {0};

	if (own_step(l, i))
		return show_own_step(own_step(l, i));
	command(l, i, target, debug, &argv);
	return proc_quote(argv.v);
}

/* The same, with the arguments in a file when there are many. */
static char *
pasteable(const struct link *l, size_t i, const char *target)
{
	AUTOFREE char *file = xasprintf("%s.kraftld-args", target);
	AUTOFREE char *line = whole_command(l, i, target);
	AUTOFREE char *debug = xasprintf("%s.dbg", target);
	AUTO(strv) argv = {0}, brief = {0};
	struct err ignored = {0};

	if (i > 0 || strlen(line) <= MAX_SHOWN)
		return take_ptr(line);
	command(l, i, target, debug, &argv);
	if (respfile_write(file, argv.v + 1, &ignored) < 0)
		return take_ptr(line);
	strv_add(&brief, argv.v[0]);
	strv_addf(&brief, "@%s", file);
	return proc_quote(brief.v);
}

static int
failed(const struct link *l, size_t i, const char *program, int status, struct err *e)
{
	if (status > 128)
		err_set(e, ERR_TOOL, "%s was killed by signal %d (%s)", program, status - 128,
		    strsignal(status - 128));
	else
		err_set(e, ERR_TOOL, "%s ended with status %d", program, status);
	if (i == 0 && !tool_is_gnu_ld(l->ld))
		err_wrap(e, "%s is not GNU ld, which alone links for Unikraft", program);
	return -1;
}

static int
run(const struct link *l, size_t i, const struct stage *s, struct report *r, struct err *e)
{
	size_t before = r->said.len;
	AUTO(strv) argv = {0};
	int status = 0;

	command(l, i, s->image, s->debug, &argv);
	if (l->job->plan->verbose) {
		AUTOFREE char *line = pasteable(l, i, s->target);

		str_addf(&r->said, "%s\n", line);
	}
	if (own_step(l, i)) {
		if (post_run(own_step(l, i), s->image, s->debug, e) == 0)
			return 0;
		return err_wrap(e, "the kit %s", l->kit.dir);
	}
	if (tool_run(&argv, s->args, &r->said, &status, e) < 0)
		return -1;
	if (status == 0) {
		/* Warnings of a link that worked become warnings of rustc. */
		if (!l->job->plan->verbose)
			str_cut(&r->said, before);
		return 0;
	}
	r->command = pasteable(l, i, s->target);
	return failed(l, i, argv.v[0], status, e);
}

static int
check(const struct link *l, const struct stage *s, struct report *r, struct err *e)
{
	const char *path = kit_has_debug(&l->kit) ? s->debug : s->image;

	if (verify_image(
		path, l->ld, l->job->conf->machine, l->job->plan->kind == PLAN_PARTIAL, e) == 0)
		return 0;
	r->command = pasteable(l, 0, s->target);
	return -1;
}

/* ld names the file that it wrote as what depends on the inputs: our stage. */
static int
mend_dependencies(const struct link *l, const struct stage *s, struct err *e)
{
	const char *path = l->job->plan->dependencies, *made;
	AUTO(str) text = {0}, out = {0};

	if (!path || s->discard)
		return 0;
	if (fs_read(path, MAX_DEPENDENCIES, &text, e) < 0)
		return err_wrap(e, "--dependency-file");
	made = kit_has_debug(&l->kit) ? s->debug : s->image;
	if (!str_starts(str_text(&text), made))
		return 0;
	str_add(&out, s->target);
	str_add(&out, str_text(&text) + strlen(made));
	return fs_write(path, out.buf, out.len, 0666, e);
}

static int
make(const struct link *l, const struct stage *s, struct report *r, struct err *e)
{
	AUTOFREE char *old_args = xasprintf("%s.kraftld-args", s->target);

	for (size_t i = 0; i <= l->kit.n_steps; i++) {
		if (run(l, i, s, r, e) < 0)
			return -1;
		if (i == 0 && check(l, s, r, e) < 0)
			return -1;
	}
	if (l->kit.n_steps > 0 && !fs_is_file(s->image))
		return err_set(e, ERR_TOOL, "the kit %s made no image", l->kit.dir);
	if (mend_dependencies(l, s, e) < 0)
		return -1;
	unlink(old_args); /* of a link that failed before */
	if (l->job->plan->kind == PLAN_PARTIAL)
		return stage_publish(s, STAGE_ALONE, e);
	return stage_publish(s, kit_has_debug(&l->kit) ? STAGE_DEBUG : STAGE_PLAIN, e);
}

static int
kit_link(const struct job *job, struct report *r, struct err *e)
{
	AUTO(link) l = {0};
	AUTO(stage) s = {.fd = -1};

	if (link_open(job, &l, e) < 0 || stage_open(job->plan->output, &s, e) < 0)
		return -1;
	return make(&l, &s, r, e);
}

static int
kit_show(const struct job *job, struct strv *commands, struct err *e)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", job->plan->output);
	AUTO(link) l = {0};

	if (link_open(job, &l, e) < 0)
		return -1;
	for (size_t i = 0; i <= l.kit.n_steps; i++) {
		AUTO(strv) argv = {0};

		if (own_step(&l, i)) {
			strv_give(commands, show_own_step(own_step(&l, i)));
			continue;
		}
		command(&l, i, job->plan->output, debug, &argv);
		strv_give(commands, proc_quote(argv.v));
	}
	return 0;
}

static bool
kit_usable(const struct job *job, struct err *why)
{
	if (job->conf->kit)
		return true;
	err_set(why, ERR_FAIL, "no kit is installed for %s/%s", job->conf->plat, job->conf->arch);
	err_hint(why, "run '%s'", job->conf->install);
	return false;
}

const struct backend backend_kit = {"kit", kit_usable, kit_link, kit_show};
