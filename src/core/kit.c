/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kit.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/kv.h"
#include "base/mem.h"

enum { MAX_BYTES = 1 << 20 };

/* A text key, and where it goes. */
struct field {
	const char *key;
	char **to;
};

static bool
lower_word(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < 'a' || s[i] > 'z')
			return false;
	return n > 0;
}

/* Only the known words may stand in braces; braces around anything that is not a
 * lower-case word mean themselves. */
static int
check_braces(const struct kv_entry *en, const char *name, bool whole, struct err *e)
{
	static const char *const known[] = {"{kit}", "{output}", "{debug}"};

	if (whole && (strcmp(en->value, "{inputs}") == 0 || strcmp(en->value, "{strip}") == 0))
		return 0;
	for (const char *p = strchr(en->value, '{'); p; p = strchr(p + 1, '{')) {
		const char *end = strchr(p, '}');
		bool ok = false;

		if (!end || !lower_word(p + 1, (size_t)(end - p - 1)))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			ok = ok || str_starts(p, known[i]);
		if (!ok)
			return err_set(e, ERR_INPUT, "%s:%u: '%.*s' has no meaning here", name,
			    en->line, (int)(end - p + 1 > 40 ? 40 : end - p + 1), p);
	}
	return 0;
}

struct kit_step *
kit_add_step(struct kit *k, bool builtin, const char *name)
{
	struct kit_step *s;

	k->steps = xrealloc(k->steps, (k->n_steps + 1) * sizeof(*k->steps));
	s = &k->steps[k->n_steps++];
	*s = (struct kit_step){.builtin = builtin};
	strv_add(&s->argv, name);
	return s;
}

/* run, run-arg, step or step-arg. */
static int
take_step(struct kit *k, const struct kv_entry *en, const char *name, struct err *e)
{
	bool builtin = str_starts(en->key, "step"), more = str_ends(en->key, "-arg");
	struct kit_step *last = k->n_steps ? &k->steps[k->n_steps - 1] : NULL;

	if (more && (!last || last->builtin != builtin))
		return err_set(e, ERR_INPUT, "%s:%u: %s before any %.*s", name, en->line, en->key,
		    (int)strcspn(en->key, "-"), en->key);
	if (more) {
		strv_add(&last->argv, en->value);
		return 0;
	}
	if (builtin && !str_word(en->value))
		return err_set(e, ERR_INPUT, "%s:%u: step is not a plain word", name, en->line);
	if (!*en->value)
		return err_set(e, ERR_INPUT, "%s:%u: run without a program", name, en->line);
	kit_add_step(k, builtin, en->value);
	return 0;
}

static int
set_text(const struct kv_entry *en, const char *name, char **to, struct err *e)
{
	if (!str_word(en->value))
		return err_set(
		    e, ERR_INPUT, "%s:%u: %s is not a plain word", name, en->line, en->key);
	if (*to)
		return err_set(e, ERR_INPUT, "%s:%u: %s is there twice", name, en->line, en->key);
	*to = xstrdup(en->value);
	return 0;
}

static int
take_entry(struct kit *k, const struct kv_entry *en, const char *name, struct err *e)
{
	const struct field fields[] = {
	    {"architecture", &k->arch}, {"platform", &k->plat}, {"target", &k->target}};
	static const char *const step_keys[] = {"run", "run-arg", "step", "step-arg"};
	bool arg = strcmp(en->key, "arg") == 0;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strcmp(en->key, fields[i].key) == 0)
			return set_text(en, name, fields[i].to, e);
	if (strcmp(en->key, "format") == 0)
		return 0;
	if (strcmp(en->key, "machine") == 0)
		return kv_set_number(en, name, &k->machine, e);
	for (size_t i = 0; i < ARRAY_LEN(step_keys); i++)
		if (strcmp(en->key, step_keys[i]) == 0)
			return check_braces(en, name, false, e) < 0 ? -1
								    : take_step(k, en, name, e);
	if (!arg)
		return err_set(e, ERR_INPUT, "%s:%u: unknown key '%.40s'", name, en->line, en->key);
	if (check_braces(en, name, true, e) < 0)
		return -1;
	strv_add(&k->args, en->value);
	return 0;
}

static bool
names(const struct strv *args, const char *word)
{
	for (size_t i = 0; i < args->n; i++)
		if (strstr(args->v[i], word))
			return true;
	return false;
}

/* Something must write the image: ld, a command, or any step, which all do. */
static bool
writes_output(const struct kit *k)
{
	bool found = names(&k->args, "{output}");

	for (size_t i = 0; i < k->n_steps; i++)
		found = found || k->steps[i].builtin || names(&k->steps[i].argv, "{output}");
	return found;
}

static int
check_whole(const struct kit *k, const char *name, struct err *e)
{
	const char *missing = NULL;

	if (!k->machine)
		missing = "machine";
	if (!k->target)
		missing = "target";
	if (!k->plat)
		missing = "platform";
	if (!k->arch)
		missing = "architecture";
	if (missing)
		return err_set(e, ERR_INPUT, "%s: no %s", name, missing);
	if (!strv_has(&k->args, "{inputs}"))
		return err_set(e, ERR_INPUT, "%s: no arg is {inputs}", name);
	if (!writes_output(k))
		return err_set(e, ERR_INPUT, "%s: nothing writes {output}", name);
	return 0;
}

/* The format comes first: a later one may have keys that are unknown here. */
static int
check_format(const struct kv *kv, const char *name, struct err *e)
{
	const char *format = kv_get(kv, "format");

	if (!format)
		return err_set(e, ERR_INPUT, "%s: no format", name);
	if (strcmp(format, "1") != 0)
		return err_set(e, ERR_INPUT,
		    "%s: is of format '%.20s', this program knows format 1; make the kit again",
		    name, format);
	return 0;
}

static int
fill(struct kit *k, const struct kv *kv, const char *name, struct err *e)
{
	if (check_format(kv, name, e) < 0)
		return -1;
	for (size_t i = 0; i < kv->n; i++)
		if (take_entry(k, &kv->entries[i], name, e) < 0)
			return -1;
	return check_whole(k, name, e);
}

int
kit_parse(
    const char *name, const char *dir, const char *text, size_t len, struct kit *k, struct err *e)
{
	AUTO(kv) kv = {0};

	*k = (struct kit){0};
	if (kv_parse(name, text, len, &kv, e) < 0)
		return -1;
	k->dir = xstrdup(dir);
	if (fill(k, &kv, name, e) < 0) {
		kit_free(k);
		return -1;
	}
	return 0;
}

int
kit_load(const char *dir, struct kit *k, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/kit.conf", dir);
	AUTO(str) text = {0};

	*k = (struct kit){0};
	if (fs_read(path, MAX_BYTES, &text, e) < 0)
		return -1;
	return kit_parse(path, dir, str_text(&text), text.len, k, e);
}

static const char *
step_key(const struct kit_step *s, size_t i)
{
	if (s->builtin)
		return i ? "step-arg" : "step";
	return i ? "run-arg" : "run";
}

char *
kit_text(const struct kit *k)
{
	AUTOFREE char *machine = xasprintf("%u", k->machine);
	AUTO(str) out = {0};

	str_add(&out, "# Made by kraft-rust: how kraftld links for this combination.\n");
	kv_add(&out, "format", "1");
	kv_add(&out, "architecture", k->arch);
	kv_add(&out, "platform", k->plat);
	kv_add(&out, "target", k->target);
	kv_add(&out, "machine", machine);
	for (size_t i = 0; i < k->args.n; i++)
		kv_add(&out, "arg", k->args.v[i]);
	for (size_t i = 0; i < k->n_steps; i++)
		for (size_t j = 0; j < k->steps[i].argv.n; j++)
			kv_add(&out, step_key(&k->steps[i], j), k->steps[i].argv.v[j]);
	return str_take(&out);
}

void
kit_free(struct kit *k)
{
	free(k->dir);
	free(k->arch);
	free(k->plat);
	free(k->target);
	strv_free(&k->args);
	for (size_t i = 0; i < k->n_steps; i++)
		strv_free(&k->steps[i].argv);
	free(k->steps);
	*k = (struct kit){0};
}

bool
kit_has_debug(const struct kit *k)
{
	return names(&k->args, "{debug}");
}

void
kit_expand(
    const struct kit *k, const char *arg, const char *output, const char *debug, struct strv *out)
{
	const char *const words[][2] = {
	    {"{kit}", k->dir}, {"{output}", output}, {"{debug}", debug}};
	AUTO(str) s = {0};

	while (*arg) {
		size_t i = 0;

		while (i < ARRAY_LEN(words) && !str_starts(arg, words[i][0]))
			i++;
		if (i < ARRAY_LEN(words)) {
			str_add(&s, words[i][1]);
			arg += strlen(words[i][0]);
		} else {
			str_addc(&s, *arg++);
		}
	}
	strv_give(out, str_take(&s));
}
