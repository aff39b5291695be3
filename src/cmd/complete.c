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
#include "cmd/args.h"
#include "cmd/cmd.h"

/* Where the last word stands. The options before it are in ctx, as if it ran. */
struct spot {
	struct ctx *ctx;
	const struct cmd *cmd; /* NULL: none yet */
	const char *group;     /* the first word of a command of two words */
	struct strv args;
	bool lost;             /* no command of that name: nothing fits */
	bool only_args;        /* options are over */
	const struct opt *opt; /* whose value it is; NULL: no option's */
	const char *before;    /* what of the word belongs to the option: "--arch=" */
	const char *typed;     /* what candidates begin with */
	const char *names;     /* "files", "dirs" or "none" */
	struct str words;      /* the candidates' lines */
};

static void
spot_free(struct spot *s)
{
	strv_free(&s->args);
	str_free(&s->words);
}

static void
offer(struct spot *s, const char *word, const char *help)
{
	if (str_starts(word, s->typed))
		str_addf(
		    &s->words, "%s%s%s%s\n", s->before, word, help ? "\t" : "", help ? help : "");
}

/* An alias is offered to whoever began to type one. */
static void
offer_named(struct spot *s, const char *name, const struct matrix_names *aliases, const char *help)
{
	const size_t had = s->words.len;

	offer(s, name, help);
	for (size_t i = 0; i < aliases->n && *s->typed && s->words.len == had; i++)
		offer(s, aliases->v[i], help);
}

/* NULL when it cannot be read: then there is nothing to offer. */
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

static bool
go_together(const struct matrix *m, const struct matrix_arch *arch, const struct matrix_plat *plat)
{
	for (size_t i = 0; i < m->n_combos; i++)
		if (m->combos[i]->arch == arch && m->combos[i]->plat == plat)
			return true;
	return false;
}

/* Those that go with the architecture; NULL: all. */
static void
offer_plats(struct spot *s, const char *arch)
{
	const struct matrix *m = matrix_of(s);
	const struct matrix_arch *with = m && arch ? matrix_arch(m, arch) : NULL;

	for (size_t i = 0; m && i < m->n_plats; i++)
		if (!with || go_together(m, with, m->plats[i]))
			offer_named(
			    s, m->plats[i]->name, &m->plats[i]->aliases, m->plats[i]->summary);
}

/* PLAT/ARCH, kraft's way, for whoever began to type a platform. */
static void
offer_joined(struct spot *s)
{
	const struct matrix *m = matrix_of(s);

	for (size_t i = 0; m && *s->typed && i < m->n_combos; i++) {
		const struct matrix_combo *c = m->combos[i];
		AUTOFREE char *word = xasprintf("%s/%s", c->plat->name, c->arch->name);

		offer(s, word, c->plat->summary);
	}
}

/* First words, or the second words of a group. */
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
		if (group && c->name[first] && strcmp(word, group) == 0) {
			offer(s, c->name + first + 1, c->summary);
		} else if (!group && !c->name[first]) {
			offer(s, word, c->summary);
		} else if (!group && !strv_has(&groups, word)) {
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

/* kind is the word that stands for the value in the help. One that is not known here
 * is free text, for which there is nothing to offer. */
static void
offer_value(struct spot *s, const char *kind)
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
	    {"HOW", "none", "unwind abort"},
	    {"ACCEL", "none", "auto kvm tcg"},
	    {"NET", "none", "user tap= bridge="},
	    {"LIST", "none", "none"},
	    {"TREE", "files", ""},
	    {"WHERE", "files", "auto dist source"},
	};

	if (strcmp(kind, "ARCH") == 0)
		offer_archs(s);
	else if (strcmp(kind, "PLAT") == 0)
		offer_plats(s, ctx_opt(s->ctx, OPT_ARCH));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kind, kinds[i].kind) != 0)
			continue;
		s->names = kinds[i].names;
		offer_words(s, kinds[i].words);
	}
}

/* The options that this command has; a flag is of no use twice. */
static void
offer_options(struct spot *s)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		AUTOFREE char *word = xasprintf("--%s", opt_table[i].name);
		const bool again = !opt_table[i].arg && ctx_flag(s->ctx, (enum opt_id)i);

		if (args_known(s->cmd, (enum opt_id)i) && !again)
			offer(s, word, opt_table[i].help);
	}
}

/* The words of a synopsis, "IMAGE [ARG...]": IMAGE, ARG. Returns the index of the
 * first of those that repeat, or how many there are. */
static size_t
synopsis_words(const char *synopsis, struct strv *words)
{
	size_t group = 0;

	for (const char *p = synopsis; *p && *p != '|';) {
		size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

		if (n > 0)
			strv_addn(words, p, n);
		else if (*p == '[')
			group = words->n;
		p += n ? n : 1;
	}
	return strstr(synopsis, "...") ? group : words->n;
}

/* What the synopsis says of the place behind the line's arguments. */
static void
offer_argument(struct spot *s)
{
	AUTO(strv) words = {0};
	const size_t again = synopsis_words(s->cmd->synopsis, &words);
	size_t at = 0;

	for (size_t i = 0; i < s->args.n; i++) {
		bool joined =
		    at < words.n && strcmp(words.v[at], "ARCH") == 0 && strchr(s->args.v[i], '/');

		at += joined ? 2 : 1;
		if (at >= words.n && again < words.n)
			at = again + (at - again) % (words.n - again);
	}
	if (words.n > 0 && strcmp(words.v[0], "COMMAND") == 0) {
		offer_commands(s, s->args.n > 0 ? s->args.v[0] : NULL);
	} else if (at < words.n && strcmp(words.v[at], "ARCH") == 0) {
		offer_archs(s);
		offer_joined(s);
	} else if (at < words.n && strcmp(words.v[at], "PLAT") == 0) {
		offer_plats(s, s->args.v[s->args.n - 1]);
	} else if (at < words.n) {
		offer_value(s, words.v[at]);
	}
	/* Nothing else can follow, or nothing else can be listed. */
	if (!*s->typed && s->words.len == 0 && strcmp(s->names, "none") == 0 && !s->only_args)
		offer_options(s);
}

static void
take_word(struct spot *s, const char *word)
{
	bool begun = false;

	if (s->cmd) {
		strv_add(&s->args, word);
		s->only_args = s->only_args || s->cmd->stop_early;
		return;
	}
	for (size_t i = 0; i < cmd_count && !s->cmd; i++) {
		AUTOFREE char *name =
		    xasprintf("%s%s%s", s->group ? s->group : "", s->group ? " " : "", word);
		const size_t n = strlen(name);

		if (strcmp(cmd_table[i].name, name) == 0)
			s->cmd = &cmd_table[i];
		begun =
		    begun || (str_starts(cmd_table[i].name, name) && cmd_table[i].name[n] == ' ');
	}
	s->lost = !s->cmd && !begun;
	s->group = s->cmd ? NULL : word;
}

/* The option that a word names, with the value that may be in it, as args.c reads it. */
static const struct opt *
find_option(const struct spot *s, const char *word, const char **value)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct opt *o = &opt_table[i];
		const size_t n = strlen(o->name);
		const bool is_long = word[1] == '-' && strncmp(word + 2, o->name, n) == 0 &&
				     (word[2 + n] == '=' || word[2 + n] == '\0');
		const bool is_letter = word[1] != '-' && word[1] == o->letter;

		if (!args_known(s->cmd, (enum opt_id)i) || (!is_long && !is_letter))
			continue;
		*value = is_long ? word + 2 + n : word + 2;
		*value = **value ? *value + is_long : NULL;
		return o;
	}
	return NULL;
}

/* A word before the last one. */
static void
take(struct spot *s, const char *word)
{
	const bool option = !s->opt && !s->only_args && word[0] == '-' && word[1];
	const struct opt *o = s->opt;
	const char *value = word;

	s->opt = NULL;
	if (option && strcmp(word, "--") == 0) {
		s->only_args = true;
	} else if (option) {
		o = find_option(s, word, &value);
		s->opt = o && o->arg && !value ? o : NULL;
	} else if (!o) {
		take_word(s, word);
	}
	if (o && !s->opt)
		strv_add(&s->ctx->opts[o - opt_table], value ? value : "");
}

static void
offer_last(struct spot *s, const char *word)
{
	const char *value = NULL;
	const struct opt *o = NULL;
	AUTOFREE char *before = NULL;

	s->typed = word;
	if (!s->opt && !s->only_args && word[0] == '-') {
		o = str_starts(word, "--") ? find_option(s, word, &value) : NULL;
		if (!o || !o->arg || !value) {
			offer_options(s);
			return;
		}
		s->before = before = xstrndup(word, (size_t)(value - word));
		s->typed = value;
		s->opt = o;
	}
	if (s->opt)
		offer_value(s, s->opt->arg);
	else if (s->cmd)
		offer_argument(s);
	else
		offer_commands(s, s->group);
	s->before = "";
}

int
cmd_complete(struct ctx *c, struct err *e)
{
	AUTO(spot) s = {.ctx = c, .before = "", .names = "none"};

	(void)e;
	for (size_t i = 0; i + 1 < c->args.n; i++)
		take(&s, c->args.v[i]);
	if (!s.lost)
		offer_last(&s, c->args.v[c->args.n - 1]);
	printf("%s\n%s", s.names, str_text(&s.words));
	return 0;
}
