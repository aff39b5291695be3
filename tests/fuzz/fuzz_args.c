/* SPDX-License-Identifier: BSD-3-Clause */
/* kraftld's command lines. The first byte chooses: the arguments, one a line; or a
 * response file in GNU's or in rustc's dialect. Whatever is accepted must be a plan
 * that holds together, and arguments must come back from a response file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ld/args.h"
#include "ld/combo.h"
#include "ld/respfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static bool
exists(const char *path)
{
	return strlen(path) % 2 == 0;
}

static void
check_plan(const struct plan *p)
{
	AUTOFREE char *target = combo_target(p);

	must(p->output && p->output[0] == '/');
	must(p->first.n <= PLAN_FIRST && p->n_inputs <= p->args.n);
	must(p->kind <= PLAN_PARTIAL ? p->n_inputs > 0 : p->query != NULL);
	for (size_t i = 0; i < p->first.n; i++)
		must(p->first.v[i][0] == '/');
	for (size_t i = 0; i < p->args.n; i++)
		must(p->args.v[i] != NULL);
	must(!target || (*target && !strchr(target, '/')));
}

static void
check_round_trip(const struct strv *args)
{
	AUTO(strv) back = {0};
	AUTO(str) text = {0};

	respfile_format(args->v, &text);
	respfile_parse("args", str_text(&text), text.len, &back);
	must(back.n == args->n);
	for (size_t i = 0; i < back.n; i++)
		must(strcmp(back.v[i], args->v[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"file", "linker-arguments"};
	const struct args_env env = {"/work", exists};
	AUTOFREE char *text = NULL;
	AUTO(strv) argv = {0};
	AUTO(plan) p = {0};
	struct err e = {0};

	if (size < 1)
		return 0;
	text = xstrndup((const char *)data + 1, size - 1);
	if (data[0] % 3 < 2)
		respfile_parse(names[data[0] % 3], text, strlen(text), &argv);
	else
		strv_split(&argv, text, '\n');
	if (argv.n == 0)
		return 0;
	check_round_trip(&argv);
	if (plan_parse(argv.v, argv.n, &env, &p, &e) == 0)
		check_plan(&p);
	else
		must(e.cls == ERR_USAGE && e.msg[0] && !p.args.v && !p.output);
	return 0;
}
