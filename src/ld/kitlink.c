/* SPDX-License-Identifier: BSD-3-Clause */
/* The back end "kit": GNU ld and the kit's recorded commands. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/kit.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"
#include "ld/elf.h"
#include "ld/respfile.h"
#include "ld/stage.h"
#include "ld/tool.h"

/* A longer command is shown as "ld @FILE", with FILE kept beside the output. */
enum { MAX_SHOWN = 64 << 10 };

struct link {
	const struct job *job;
	struct kit kit;
	char *ld;
};

static void
link_free(struct link *l)
{
	kit_free(&l->kit);
	mem_free_ptr(&l->ld);
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

static int
link_open(const struct job *job, struct link *l, struct err *e)
{
	l->job = job;
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

		if (strcmp(arg, "{inputs}") == 0)
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

/* The command as the user can run it: it writes to the output, not to our stage. */
static char *
pasteable(const struct link *l, size_t i, const char *target)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", target);
	AUTOFREE char *file = xasprintf("%s.kraftld-args", target);
	AUTO(strv) argv = {0}, brief = {0};
	struct err ignored = {0};
	char *line;

	command(l, i, target, debug, &argv);
	line = proc_quote(argv.v);
	if (i > 0 || strlen(line) <= MAX_SHOWN)
		return line;
	if (respfile_write(file, argv.v + 1, &ignored) < 0)
		return line;
	mem_free_ptr(&line);
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

static const char *
unbootable(const struct elf *elf, const struct wrapconf *conf, bool partial)
{
	if (elf->machine != conf->machine)
		return "it is for another architecture";
	if (partial)
		return elf->type == ET_REL ? NULL : "it is not an object file";
	if (elf->interp)
		return "it asks for a run-time loader (.interp), which a unikernel has not";
	if (elf->dynamic)
		return "it asks for shared libraries (.dynamic), which a unikernel has not";
	if (elf->type != ET_EXEC)
		return "it is not an executable at a fixed address";
	if (elf->entry == 0)
		return "it has no entry point";
	return NULL;
}

static int
verify(const struct link *l, const struct stage *s, struct report *r, struct err *e)
{
	const char *path = kit_has_debug(&l->kit) ? s->debug : s->image, *why;
	struct elf elf;

	if (elf_load(path, &elf, e) < 0) {
		r->command = pasteable(l, 0, s->target);
		return err_wrap(e, "what %s wrote cannot be used", l->ld);
	}
	why = unbootable(&elf, l->job->conf, l->job->plan->kind == PLAN_PARTIAL);
	if (!why)
		return 0;
	r->command = pasteable(l, 0, s->target);
	return err_set(e, ERR_TOOL, "what %s linked cannot be used: %s", l->ld, why);
}

static int
make(const struct link *l, const struct stage *s, struct report *r, struct err *e)
{
	AUTOFREE char *old_args = xasprintf("%s.kraftld-args", s->target);

	for (size_t i = 0; i <= l->kit.n_steps; i++) {
		if (run(l, i, s, r, e) < 0)
			return -1;
		if (i == 0 && verify(l, s, r, e) < 0)
			return -1;
	}
	if (l->kit.n_steps > 0 && !fs_is_file(s->image))
		return err_set(e, ERR_TOOL, "the kit %s made no image", l->kit.dir);
	unlink(old_args); /* of a link that failed before */
	return stage_publish(s, kit_has_debug(&l->kit), e);
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

		command(&l, i, job->plan->output, debug, &argv);
		strv_give(commands, proc_quote(argv.v));
	}
	return 0;
}

const struct backend backend_kit = {"kit", kit_link, kit_show};
