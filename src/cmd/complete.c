/* SPDX-License-Identifier: BSD-3-Clause */
/* complete: what a shell may offer in place of the last word of a command line. The
 * scripts in share/completions call it, so that they know no command and no option.
 *
 * Its arguments are the line's words without the program's name, the last one as far
 * as it is typed. It prints "files", "dirs" or "none": whether names of files or
 * folders fit too; then a line for each word that fits, with a tab and a description
 * behind those that have one. For "--option=VALUE" the word is the whole of it. No
 * compiler is started and nothing is written. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/cmd.h"

/* Where the last word stands. */
struct spot {
	struct ctx *ctx;
	const struct cmd *cmd; /* NULL: not there yet */
	const char *group;     /* the first word of a command of two; NULL: none */
	struct strv args;
	uint64_t given;        /* the options before it, bits of enum opt_id */
	int value_of;          /* the option whose value it is, or -1 */
	bool only_args;        /* options are over */
	const char *before;    /* "--option=" when that is part of the word, else "" */
	const char *typed;     /* what the candidates begin with */
	const char *names;     /* "files", "dirs" or "none" */
	struct str words;      /* the candidates' lines */
};

static void
offer(struct spot *s, const char *word, const char *help)
{
	if (str_starts(word, s->typed))
		str_addf(&s->words, "%s%s%s%s\n", s->before, word, help ? "\t" : "", help ? help : "");
}

/* An alias is offered to whoever began to type one. */
static void
offer_named(
    struct spot *s, const char *name, const struct matrix_names *aliases, const char *help)
{
	const size_t had = s->words.len;

	offer(s, name, help);
	for (size_t i = 0; i < aliases->n && *s->typed && s->words.len == had; i++)
		offer(s, aliases->v[i], help);
}

static const struct matrix *
matrix_of(struct spot *s)
{
	const struct matrix *m;
	struct err ignored;

	return ctx_matrix(s->ctx, &m, &ignored) < 0 ? NULL : m;
}

static void
offer_archs(struct spot *s)
{
	const struct matrix *m = matrix_of(s);

	for (size_t i = 0; m && i < m->n_archs; i++)
		offer_named(s, m->archs[i]->name, &m->archs[i]->aliases, m->archs[i]->target);
}

/* Those that go with the architecture; NULL: all. */
static void
offer_plats(struct spot *s, const char *arch)
{
	const struct matrix *m = matrix_of(s);
	const struct matrix_arch *with = m && arch ? matrix_arch(m, arch) : NULL;

	for (size_t i = 0; m && i < m->n_plats; i++) {
		bool fits = !with;

		for (size_t k = 0; k < m->n_combos && !fits; k++)
			fits = m->combos[k]->arch == with && m->combos[k]->plat == m->plats[i];
		if (fits)
			offer_named(s, m->plats[i]->name, &m->plats[i]->aliases, m->plats[i]->summary);
	}
}

/* An architecture; or both in one word, kraft's way, once a platform is begun. */
static void
offer_combos(struct spot *s)
{
	const struct matrix *m = matrix_of(s);

	offer_archs(s);
	for (size_t i = 0; m && *s->typed && i < m->n_combos; i++) {
		const struct matrix_combo *c = m->combos[i];
		AUTOFREE char *joined = xasprintf("%s/%s", c->plat->name, c->arch->name);

		offer(s, joined, c->plat->summary);
	}
}

/* The command's names; of a command with two words the one that is due. */
static void
offer_commands(struct spot *s, const char *group)
{
	AUTO(strv) groups = {0};

	for (size_t i = 0; i < cmd_count; i++) {
		const struct cmd *c = &cmd_table[i];
		const size_t first = strcspn(c->name, " ");
		AUTOFREE char *word = xstrndup(c->name, first);

		if (!c->summary)
			continue;
		if (group) {
			if (c->name[first] && strcmp(word, group) == 0)
				offer(s, c->name + first + 1, c->summary);
		} else if (!c->name[first]) {
			offer(s, word, c->summary);
		} else if (!strv_has(&groups, word)) {
			strv_add(&groups, word);
			offer(s, word, NULL);
		}
	}
}

static void
offer_words(struct spot *s, const char *words)
{
	AUTO(strv) list = {0};

	strv_split(&list, words, ' ');
	for (size_t i = 0; i < list.n; i++)
		offer(s, list.v[i], NULL);
}

/* The last of the arguments that was given in the place of such a word. */
static const char *
option_or(const struct spot *s, enum opt_id id, const char *otherwise)
{
	const char *value = ctx_opt(s->ctx, id);

	return value ? value : otherwise;
}

/* By the word that stands for it in the help, such as FILE: one that is not here is
 * free text, for which there is nothing to offer. */
static void
offer_value(struct spot *s, const char *kind, size_t n)
{
	static const struct {
		const char *kind, *names, *words;
	} kinds[] = {
	    {"FILE", "files", ""},
	    {"PATH", "files", ""},
	    {"IMAGE", "files", ""},
	    {"ARG", "files", ""},
	    {"DIR", "dirs", ""},
	    {"WHEN", "none", "auto always never"},
	    {"WHERE", "files", "auto source"},
	};

	if (n == strlen("ARCH") && strncmp(kind, "ARCH", n) == 0)
		offer_archs(s);
	else if (n == strlen("PLAT") && strncmp(kind, "PLAT", n) == 0)
		offer_plats(s, option_or(s, OPT_ARCH, NULL));
	else if (n == strlen("COMMAND") && strncmp(kind, "COMMAND", n) == 0)
		offer_commands(s, s->args.n > 0 ? s->args.v[0] : NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strlen(kinds[i].kind) == n && strncmp(kinds[i].kind, kind, n) == 0) {
			s->names = kinds[i].names;
			offer_words(s, kinds[i].words);
		}
}

static void
offer_options(struct spot *s)
{
	const uint64_t common = OPT_BIT(OPT_HELP) | OPT_BIT(OPT_QUIET) | OPT_BIT(OPT_VERBOSE) |
	    OPT_BIT(OPT_COLOR);
	const uint64_t known = common | (s->cmd ? s->cmd->options : OPT_BIT(OPT_VERSION));

	for (size_t i = 0; i < OPT_COUNT; i++) {
		AUTOFREE char *word = xasprintf("--%s", opt_table[i].name);

		if (known & ~s->given & OPT_BIT(i))
			offer(s, word, opt_table[i].help);
	}
}
