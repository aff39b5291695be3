/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/help.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/cmd.h"

static const enum opt_id common[] = {OPT_QUIET, OPT_VERBOSE, OPT_COLOR, OPT_HELP};

enum { OPTION_WIDTH = 22 }; /* at least */

/* "-o, --output PATH", owned by the caller. */
static char *
option_text(enum opt_id id)
{
	const struct opt *o = &opt_table[id];
	const char letter[] = {'-', o->letter, ',', '\0'};

	return xasprintf("%3s --%s%s%s", o->letter ? letter : "", o->name, o->arg ? " " : "",
	    o->arg ? o->arg : "");
}

static int
option_width(uint64_t options)
{
	size_t width = OPTION_WIDTH;

	for (size_t i = 0; i < OPT_COUNT; i++) {
		AUTOFREE char *text = option_text((enum opt_id)i);

		if (options & OPT_BIT(i) && strlen(text) > width)
			width = strlen(text);
	}
	return (int)width;
}

static void
print_options(uint64_t own)
{
	const int width = option_width(own);

	printf("\nOptions:\n");
	for (size_t i = 0; i < OPT_COUNT + ARRAY_LEN(common); i++) {
		const enum opt_id id = i < OPT_COUNT ? (enum opt_id)i : common[i - OPT_COUNT];
		AUTOFREE char *text = option_text(id);

		if (i >= OPT_COUNT || own & OPT_BIT(i))
			printf("  %-*s %s\n", width, text, opt_table[id].help);
	}
}

/* Of the longest command. */
static int
name_width(void)
{
	size_t width = 0;

	for (size_t i = 0; i < cmd_count; i++)
		if (cmd_table[i].summary && strlen(cmd_table[i].name) > width)
			width = strlen(cmd_table[i].name);
	return (int)width;
}

static void
print_program(void)
{
	const int width = name_width();

	printf(
	    "Rust programs as Unikraft unikernels, with the comfort of an ordinary Rust target.\n"
	    "\n"
	    "Usage: kraft-rust COMMAND [OPTION]... [ARGUMENT]...\n"
	    "\n"
	    "Commands:\n");
	for (size_t i = 0; i < cmd_count; i++)
		if (cmd_table[i].summary)
			printf("  %-*s  %s\n", width, cmd_table[i].name, cmd_table[i].summary);
	print_options(OPT_BIT(OPT_VERSION));
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
	printf("kraft-rust %s%s%s\n"
	       "\n"
	       "Usage: kraft-rust %s [OPTION]...%s%s\n",
	    cmd->name, cmd->summary ? ": " : "", cmd->summary ? cmd->summary : "", cmd->name,
	    *cmd->synopsis ? " " : "", cmd->synopsis);
	print_options(cmd->options);
}

int
cmd_help(struct ctx *c, struct err *e)
{
	const struct cmd *cmd = NULL;
	int used;

	if (c->args.n > 0 && !(cmd = cmd_find((int)c->args.n, c->args.v, &used, e)))
		return -1;
	if (cmd && (size_t)used < c->args.n) {
		err_set(e, ERR_USAGE, "'%s' is a whole command; no use for '%s'", cmd->name,
		    c->args.v[used]);
		return err_hint(e, "see 'kraft-rust help %s'", cmd->name);
	}
	help_print(cmd);
	return 0;
}
