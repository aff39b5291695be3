/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/args.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "cmd/cmd.h"

static const uint64_t common = OPT_BIT(OPT_HELP) | OPT_BIT(OPT_VERSION) | OPT_BIT(OPT_QUIET) |
			       OPT_BIT(OPT_VERBOSE) | OPT_BIT(OPT_COLOR);

bool
args_known(const struct cmd *cmd, enum opt_id id)
{
	return ((common | (cmd ? cmd->options : 0)) & OPT_BIT(id)) != 0;
}

/* Before the command, an option that only commands have is misplaced. */
static bool
misplaced(const struct ctx *c, const char *name)
{
	for (size_t i = 0; i < OPT_COUNT && !c->cmd && name; i++) {
		const char *known = opt_table[i].name;

		if (str_starts(name, known) && strchr("=", name[strlen(known)]))
			return true;
	}
	return false;
}

static int
see_help(const struct ctx *c, struct err *e)
{
	return err_hint(
	    e, "see 'kraft-rust help%s%s'", c->cmd ? " " : "", c->cmd ? c->cmd->name : "");
}

/* shown is the option as it was written, name its long name; NULL: a letter. */
static int
unknown(const struct ctx *c, const char *shown, const char *name, struct err *e)
{
	AUTOFREE char *text = str_printable(shown, 100);
	AUTOFREE char *bare = name ? xstrndup(name, strcspn(name, "=")) : NULL;
	const char *names[OPT_COUNT];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < OPT_COUNT; i++)
		if (args_known(c->cmd, (enum opt_id)i))
			names[n++] = opt_table[i].name;
	near = bare ? near_match(bare, names, n) : NULL;
	err_set(e, ERR_USAGE, "no option '%s'%s%s", text, c->cmd ? " for " : "",
	    c->cmd ? c->cmd->name : "");
	if (misplaced(c, name))
		return err_hint(e, "it is an option of some commands: write it behind the command");
	if (near)
		return err_hint(e, "did you mean '--%s'?", near);
	return see_help(c, e);
}

/* One option with its value, which may be in the same word or in the next one.
 * Returns how many further words it took, or -1. */
static int
accept(struct ctx *c, enum opt_id id, const char *inline_value, const char *next, struct err *e)
{
	const char *value = inline_value ? inline_value : next;
	const struct opt *o = &opt_table[id];

	if (!o->arg && !inline_value) {
		strv_add(&c->opts[id], "");
		return 0;
	}
	if (o->arg && value && *value) {
		strv_add(&c->opts[id], value);
		return inline_value ? 0 : 1;
	}
	if (o->arg)
		err_set(e, ERR_USAGE, "option '--%s' needs %s%s", o->name, o->arg,
		    value ? ", not an empty word" : "");
	else
		err_set(e, ERR_USAGE, "option '--%s' takes no value", o->name);
	return see_help(c, e);
}

static int
parse_long(struct ctx *c, const char *word, const char *next, struct err *e)
{
	size_t n = strcspn(word + 2, "=");

	for (size_t i = 0; i < OPT_COUNT; i++) {
		const char *name = opt_table[i].name;

		if (args_known(c->cmd, (enum opt_id)i) && strlen(name) == n &&
		    strncmp(name, word + 2, n) == 0)
			return accept(
			    c, (enum opt_id)i, word[2 + n] ? word + 3 + n : NULL, next, e);
	}
	return unknown(c, word, word + 2, e);
}

static int
letter_id(const struct ctx *c, char letter)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (args_known(c->cmd, (enum opt_id)i) && opt_table[i].letter == letter)
			return (int)i;
	return -1;
}

/* Letters can be bundled; one that wants a value takes the rest of the word. */
static int
parse_letters(struct ctx *c, const char *word, const char *next, struct err *e)
{
	for (const char *p = word + 1; *p; p++) {
		int id = letter_id(c, *p);

		if (id < 0) {
			/* Of a bundle the one that is wrong. */
			const char letter[] = {'-', *p, '\0'};

			return unknown(c, (unsigned char)*p < 0x80 ? letter : word, NULL, e);
		}
		if (opt_table[id].arg)
			return accept(c, (enum opt_id)id, p[1] ? p + 1 : NULL, next, e);
		if (accept(c, (enum opt_id)id, NULL, NULL, e) < 0)
			return -1;
	}
	return 0;
}

int
args_parse(struct ctx *c, int argc, char **argv, int at, bool stop_early, struct err *e)
{
	bool options = true;

	for (; at < argc; at++) {
		const char *word = argv[at], *next = at + 1 < argc ? argv[at + 1] : NULL;
		int took;

		if (!options || word[0] != '-' || word[1] == '\0') {
			if (!c->cmd)
				return at;
			strv_add(&c->args, word);
			options = options && !stop_early;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			options = false;
			continue;
		}
		took =
		    word[1] == '-' ? parse_long(c, word, next, e) : parse_letters(c, word, next, e);
		if (took < 0)
			return -1;
		at += took;
	}
	return at;
}
