/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

enum { MAX_CMD = 4 << 20 };

/* Where the splitting stands. */
struct split {
	const char *at, *line;
	struct recipe now;
	struct str word;
	bool in_word;
	struct recipes *out;
};

static void
end_word(struct split *s)
{
	if (s->in_word)
		strv_add(&s->now.argv, str_text(&s->word));
	str_cut(&s->word, 0);
	s->in_word = false;
}

/* The shell's own words (POSIX.1-2017, 2.4): what they begin is no simple command. */
static bool
is_reserved(const char *word)
{
	static const char *const words[] = {
	    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "!"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static void
end_command(struct split *s)
{
	end_word(s);
	if (s->now.argv.n > 0 && is_reserved(s->now.argv.v[0]))
		s->now.opaque = true;
	if (s->now.argv.n == 0 && !s->now.opaque) {
		s->now = (struct recipe){0};
		return;
	}
	s->now.text = xstrdup(s->line);
	s->out->v = xrealloc(s->out->v, (s->out->n + 1) * sizeof(*s->out->v));
	s->out->v[s->out->n++] = s->now;
	s->now = (struct recipe){0};
}

/* The text between quotes; at is behind the opening one. */
static void
take_quoted(struct split *s, char quote)
{
	s->in_word = true;
	for (; *s->at && *s->at != quote; s->at++) {
		if (quote == '"' && *s->at == '\\' && s->at[1] && strchr("\"\\$`", s->at[1]))
			s->at++;
		else if (quote == '"' && (*s->at == '$' || *s->at == '`'))
			s->now.opaque = true;
		str_addc(&s->word, *s->at);
	}
	if (*s->at)
		s->at++;
	else
		s->now.opaque = true;
}

/* A redirection: "2>&1", "> FILE", "2>FILE". at is on the '>'. */
static void
take_redirection(struct split *s)
{
	bool errors = s->word.len == 1 && s->word.buf[0] == '2';

	if (errors || (s->word.len == 1 && s->word.buf[0] == '1')) {
		str_cut(&s->word, 0);
		s->in_word = false;
	}
	end_word(s);
	s->at += s->at[1] == '>' ? 2 : 1;
	if (!errors && *s->at != '&')
		s->now.redirected = true;
	while (*s->at == '&' || *s->at == ' ')
		s->at++;
	s->at += strcspn(s->at, " \t;|&");
}

/* What is behind a pipe is only of interest when it is more than a filter. */
static void
take_pipe(struct split *s)
{
	const char *rest = s->at + 1;
	AUTOFREE char *program = NULL;

	rest += strspn(rest, " \t{");
	program = xstrndup(rest, strcspn(rest, " \t"));
	if (*s->at == s->at[1] || !str_ends(program, "grep"))
		s->now.opaque = true;
	end_command(s);
	s->at += strlen(s->at);
}

static void
take_operator(struct split *s)
{
	if (*s->at == '>') {
		take_redirection(s);
	} else if (*s->at == '|') {
		take_pipe(s);
	} else if (*s->at == ';' || (*s->at == '&' && s->at[1] == '&')) {
		s->at += *s->at == ';' ? 1 : 2;
		end_command(s);
	} else {
		s->now.opaque = true;
		s->at++;
	}
}

void
recipe_split(const char *line, struct recipes *out)
{
	struct split s = {.at = line, .line = line, .out = out};

	while (*s.at) {
		char c = *s.at;

		if (c == ' ' || c == '\t' || c == '\n') {
			end_word(&s);
			s.at++;
		} else if (c == '\'' || c == '"') {
			s.at++;
			take_quoted(&s, c);
		} else if (strchr(">|;&<`$()", c) || (strchr("{}", c) && !s.in_word)) {
			take_operator(&s);
		} else {
			s.in_word = true;
			if (c == '\\' && s.at[1])
				s.at++;
			str_addc(&s.word, *s.at++);
		}
	}
	end_command(&s);
	str_free(&s.word);
}

/* Lines that make and the tools print about commands. */
static bool
is_message(const char *line)
{
	size_t first = strcspn(line, " \t");

	return line[0] == '\0' || line[0] == '#' || line[first] == '\0' || line[first - 1] == ':' ||
	       strstr(line, ": update target '") || str_starts(line, "Installing rule:") ||
	       str_starts(line, "Trying to include");
}

/* "bash /FILE.cmd"; a relative name is of no use without the directory that it was run
 * in, and Unikraft has those for generated headers only. */
static bool
is_recorded(const struct recipe *r)
{
	return r->argv.n == 2 && str_ends(r->argv.v[0], "sh") && r->argv.v[1][0] == '/' &&
	       str_ends(r->argv.v[1], ".cmd");
}

static int
read_line(const char *line, struct recipes *out, struct err *e)
{
	struct recipes found __attribute__((cleanup(recipes_free))) = {0};
	AUTO(str) text = {0};

	if (is_message(line))
		return 0;
	recipe_split(line, &found);
	if (found.n == 1 && is_recorded(&found.v[0])) {
		if (fs_read(found.v[0].argv.v[1], MAX_CMD, &text, e) < 0)
			return -1;
		recipe_split(str_text(&text), out);
		return 0;
	}
	recipe_split(line, out);
	return 0;
}

int
recipe_read(const char *log, struct recipes *out, struct err *e)
{
	AUTO(str) line = {0};

	while (*log) {
		size_t n = strcspn(log, "\n");
		bool more = n > 0 && log[n - 1] == '\\' && log[n];

		str_addn(&line, log, more ? n - 1 : n);
		log += log[n] ? n + 1 : n;
		if (more)
			continue;
		if (line.len && read_line(str_text(&line), out, e) < 0)
			return -1;
		str_cut(&line, 0);
	}
	return line.len ? read_line(str_text(&line), out, e) : 0;
}

void
recipes_free(struct recipes *r)
{
	for (size_t i = 0; i < r->n; i++) {
		strv_free(&r->v[i].argv);
		free(r->v[i].text);
	}
	free(r->v);
	*r = (struct recipes){0};
}
