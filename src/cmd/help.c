/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/help.h"

#include <stdio.h>

#include "base/mem.h"
#include "cmd/cmd.h"

static const enum opt_id common[] = {OPT_QUIET, OPT_VERBOSE, OPT_COLOR, OPT_HELP};

static void
print_option(enum opt_id id)
{
	const struct opt *o = &opt_table[id];
	AUTOFREE char *left = NULL;

	if (o->letter)
		left = xasprintf("-%c, --%s%s%s", o->letter, o->name, o->arg ? " " : "",
		    o->arg ? o->arg : "");
	else
		left = xasprintf("    --%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-22s %s\n", left, o->help);
}

static void
print_program(void)
{
	printf("Rust programs as Unikraft unikernels, with the comfort of an ordinary Rust target.\n"
	       "\n"
	       "Usage: kraft-rust COMMAND [OPTION]... [ARGUMENT]...\n"
	       "\n"
	       "Commands:\n");
	for (size_t i = 0; i < cmd_count; i++)
		printf("  %-10s %s\n", cmd_table[i].name, cmd_table[i].summary);
	printf("\n"
	       "Options:\n");
	print_option(OPT_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		print_option(common[i]);
	printf("\n"
	       "A combination is an architecture and a platform: 'x86_64 qemu', or 'qemu/x86_64'\n"
	       "as kraft writes it. 'kraft-rust list' shows them all.\n");
}

void
help_print(const struct cmd *cmd)
{
	if (!cmd) {
		print_program();
		return;
	}
	printf("kraft-rust %s: %s\n"
	       "\n"
	       "Usage: kraft-rust %s [OPTION]...%s%s\n"
	       "\n"
	       "Options:\n",
	    cmd->name, cmd->summary, cmd->name, *cmd->synopsis ? " " : "", cmd->synopsis);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (cmd->options & OPT_BIT(i))
			print_option((enum opt_id)i);
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		print_option(common[i]);
}

int
cmd_help(struct ctx *c, struct err *e)
{
	const struct cmd *cmd = NULL;
	int used;

	if (c->args.n > 0 && !(cmd = cmd_find((int)c->args.n, c->args.v, &used, e)))
		return -1;
	help_print(cmd);
	return 0;
}
