/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/args.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "cmd/cmd.h"

static const uint64_t common = OPT_BIT(OPT_HELP) | OPT_BIT(OPT_VERSION) | OPT_BIT(OPT_QUIET) |
    OPT_BIT(OPT_VERBOSE) | OPT_BIT(OPT_COLOR);

static uint64_t
allowed(const struct ctx *c)
{
	return common | (c->cmd ? c->cmd->options : 0);
}

static int
unknown(const struct ctx *c, const char *shown, const char *name, struct err *e)
{
	AUTOFREE char *bare = name ? xstrndup(name, strcspn(name, "=")) : NULL;
	const char *names[OPT_COUNT];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < OPT_COUNT; i++)
		if (allowed(c) & OPT_BIT(i))
			names[n++] = opt_table[i].name;
	near = bare ? near_match(bare, names, n) : NULL;
	err_set(e, ERR_USAGE, "no option '%s'%s%s", shown, c->cmd ? " for " : "",
	    c->cmd ? c->cmd->name : "");
	if (near)
		return err_hint(e, "did you mean '--%s'?", near);
	return err_hint(e, "see 'kraft-rust help%s%s'", c->cmd ? " " : "",
	    c->cmd ? c->cmd->name : "");
}

/* One option with its value, which may be in the same word or in the next one.
 * Returns how many further words it took, or -1. */
static int
accept(struct ctx *c, enum opt_id id, const char *inline_value, const char *next, struct err *e)
{
	const struct opt *o = &opt_table[id];

	if (!o->arg) {
		if (inline_value)
			return err_set(e, ERR_USAGE, "option '--%s' takes no value", o->name);
		strv_add(&c->opts[id], "");
		return 0;
	}
	if (!inline_value && !next)
		return err_set(e, ERR_USAGE, "option '--%s' needs %s", o->name, o->arg);
	if (*(inline_value ? inline_value : next) == '\0')
		return err_set(e, ERR_USAGE, "option '--%s' needs %s, not an empty word", o->name,
		    o->arg);
	strv_add(&c->opts[id], inline_value ? inline_value : next);
	return inline_value ? 0 : 1;
}

static int
parse_long(struct ctx *c, const char *word, const char *next, struct err *e)
{
	size_t n = strcspn(word + 2, "=");

	for (size_t i = 0; i < OPT_COUNT; i++) {
		const char *name = opt_table[i].name;

		if ((allowed(c) & OPT_BIT(i)) && strlen(name) == n &&
		    strncmp(name, word + 2, n) == 0)
			return accept(c, (enum opt_id)i, word[2 + n] ? word + 3 + n : NULL, next, e);
	}
	return unknown(c, word, word + 2, e);
}

static int
letter_id(const struct ctx *c, char letter)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if ((allowed(c) & OPT_BIT(i)) && opt_table[i].letter == letter)
			return (int)i;
	return -1;
}

/* Letters can be bundled; one that wants a value takes the rest of the word. */
static int
parse_letters(struct ctx *c, const char *word, const char *next, struct err *e)
{
	for (const char *p = word + 1; *p; p++) {
		int id = letter_id(c, *p);

		if (id < 0)
			return unknown(c, word, NULL, e);
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
		took = word[1] == '-' ? parse_long(c, word, next, e) :
					parse_letters(c, word, next, e);
		if (took < 0)
			return -1;
		at += took;
	}
	return at;
}
