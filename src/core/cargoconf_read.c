/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of cargoconf.h that reads a block again: the options of its runners. */
#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"
#include "core/cargoconf_private.h"
#include "core/toml.h"

/* The line of the text that begins with this marker; NULL: none does. */
static const char *
find_line(const char *text, const char *mark)
{
	const char *at = text;

	while ((at = strstr(at, mark)) && at != text && at[-1] != '\n')
		at++;
	return at;
}

/* The combinations that the block's first line names, "ARCH PLAT ARCH PLAT: ...". */
static void
read_words(const char *begin, struct strv *words)
{
	const char *at = begin + strlen(cargoconf_begin);
	AUTOFREE char *line = xstrndup(at, strcspn(at, ":\r\n"));

	strv_split(words, line, ' ');
}

/* Whether the target's table is this combination's: it is the first one with its
 * architecture. */
static bool
is_owner(const struct strv *words, const struct cargoconf *one)
{
	for (size_t i = 0; i + 1 < words->n; i += 2)
		if (str_eq(words->v[i], one->arch))
			return str_eq(words->v[i + 1], one->plat);
	return false;
}

/* Have *t stand at the value of a key within the block. Returns whether it is there, -1:
 * an error. */
static int
find_value(struct toml *t, const struct strv *want, struct err *e)
{
	AUTOFREE char *wanted = toml_path(want, want->n);
	AUTO(toml_item) item = {0};
	AUTO(strv) table = {0};

	do {
		AUTO(strv) path = {0};
		AUTOFREE char *name = NULL;

		if (toml_next(t, &item, e) < 0)
			return -1;
		if (item.kind == TOML_TABLE || item.kind == TOML_ARRAY) {
			strv_free(&table);
			strv_addv(&table, &item.path);
		}
		if (item.kind != TOML_KEY)
			continue;
		strv_addv(&path, &table);
		strv_addv(&path, &item.path);
		name = toml_path(&path, path.n);
		if (strcmp(name, wanted) == 0) {
			t->pos = item.at;
			t->line = item.line;
			return 1;
		}
	} while (item.kind != TOML_END);
	return 0;
}

/* The words of the runner that *t stands at: cargo splits a text at blanks. */
static int
read_runner(struct toml *t, struct strv *runner, struct err *e)
{
	AUTO(strv) strings = {0};
	bool list;

	if (toml_strings(t, &strings, &list, e) < 0)
		return -1;
	if (list) {
		strv_addv(runner, &strings);
		return 0;
	}
	for (char *p = strings.v[0]; *p; p++)
		if (isspace((unsigned char)*p))
			*p = ' ';
	strv_split(runner, strings.v[0], ' ');
	return 0;
}

/* Of a combination with an alias, target.T.runner="..." is one of the alias's words. */
static int
read_alias(struct toml *t, const char *target, struct strv *runner, struct err *e)
{
	AUTO(strv) path = {0};
	AUTO(strv) strings = {0};
	AUTOFREE char *key = NULL;
	AUTOFREE char *prefix = NULL;
	bool list;

	strv_addl(&path, "target", target, "runner", NULL);
	key = toml_path(&path, path.n);
	prefix = xasprintf("%s=", key);
	if (toml_strings(t, &strings, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < strings.n; i++) {
		const char *text = strings.v[i] + strlen(prefix);
		struct toml inner;

		if (!str_starts(strings.v[i], prefix))
			continue;
		inner = toml_open(t->name, text, strlen(text));
		inner.line = t->line;
		return read_runner(&inner, runner, e);
	}
	return 0;
}

/* The runner's words in the text from begin, the block's first line, to end. */
static int
read_block(const char *name, const char *text, const char *begin, const char *end,
    const struct cargoconf *one, struct strv *runner, struct err *e)
{
	struct toml t = toml_open(name, text, (size_t)(end - text));
	AUTOFREE char *alias = cargoconf_alias(one);
	AUTO(strv) words = {0};
	AUTO(strv) path = {0};
	bool owner;
	int found;

	for (; t.text + t.pos < begin; t.pos++)
		t.line += t.text[t.pos] == '\n';
	read_words(begin, &words);
	owner = is_owner(&words, one);
	if (owner)
		strv_addl(&path, "target", one->target, "runner", NULL);
	else
		strv_addl(&path, "alias", alias, NULL);
	found = find_value(&t, &path, e);
	if (found <= 0)
		return found;
	return owner ? read_runner(&t, runner, e) : read_alias(&t, one->target, runner, e);
}

/* What is behind PROGRAM "run"; the platform is not the user's. */
static void
take_options(const struct strv *runner, struct strv *options)
{
	for (size_t i = 2; i < runner->n && str_eq(runner->v[1], "run"); i++) {
		if (i == 2 && str_eq(runner->v[i], "--plat"))
			i++;
		else
			strv_add(options, runner->v[i]);
	}
}

int
cargoconf_options(const char *name, const char *text, const struct cargoconf *one,
    struct strv *options, struct err *e)
{
	const char *begin = find_line(text, cargoconf_begin), *end;
	AUTO(strv) runner = {0};

	end = begin ? find_line(begin, cargoconf_end) : NULL;
	if (!end)
		return 0;
	if (read_block(name, text, begin, end, one, &runner, e) < 0) {
		err_wrap(e, "find the run options of %s %s", one->arch, one->plat);
		return err_hint(e, "mend that line, or delete it and give the options again");
	}
	take_options(&runner, options);
	return 0;
}
