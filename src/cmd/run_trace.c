/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/run_trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/cmd.h"

static const char variable[] = "RUST_BACKTRACE=";

static int
resolve(void *ctx, uint64_t address, struct symbols *out)
{
	struct run_trace *t = ctx;
	struct err e = {0};

	if (symbolizer_ask(&t->symbolizer, address, out, &e) == 0)
		return 0;
	if (e.cls != ERR_SIGNAL)
		ctx_note(t->c, "note: the backtrace has addresses only: %s", e.msg);
	return -1;
}

/* std: panic.rs, get_backtrace_style: neither "0" nor "full" is brief. */
static bool
wants_brief(struct strv *env)
{
	bool brief = false;

	for (size_t i = 0; i < env->n; i++) {
		const char *value = env->v[i] + strlen(variable);

		if (!str_starts(env->v[i], variable))
			continue;
		brief = strcmp(value, "0") != 0 && strcmp(value, "full") != 0;
		if (brief) {
			free(env->v[i]);
			env->v[i] = xasprintf("%sfull", variable);
		}
	}
	return brief;
}

void
run_trace_start(struct run_trace *t, struct ctx *c, unsigned machine, int image, struct strv *env)
{
	static const struct matrix_names none = {0};
	const struct matrix_arch *arch = NULL;
	struct err ignored = {0};
	const struct matrix *m;

	/* NULL: no binutils is known for the machine. */
	if (ctx_matrix(c, &m, &ignored) == 0)
		arch = matrix_arch_of(m, machine);
	*t = (struct run_trace){.c = c, .cwd = getcwd(NULL, 0)};
	t->symbolizer = (struct symbolizer){
	    .image = c->args.v[0], .image_fd = image, .ld = arch ? &arch->ld : &none};
	t->backtrace = (struct backtrace){
	    .brief = wants_brief(env), .cwd = t->cwd, .resolve = resolve, .ctx = t};
}

void
run_trace_free(struct run_trace *t)
{
	backtrace_free(&t->backtrace);
	symbolizer_free(&t->symbolizer);
	free(t->cwd);
}
