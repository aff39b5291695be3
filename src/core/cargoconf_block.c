/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of cargoconf.h that writes the block. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"
#include "core/cargoconf_private.h"
#include "core/toml.h"

const char cargoconf_begin[] = "# >>> kraft-rust";
const char cargoconf_end[] = "# <<< kraft-rust";

static void
add_value(struct str *out, const char *key, const char *value)
{
	if (!value)
		return;
	str_addf(out, "%s = ", key);
	toml_quote(out, value);
	str_addc(out, '\n');
}

static void
add_env(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(out, "\n[env.%s]\n", name);
	add_value(out, "value", value);
}

/* Whether cargo, which splits a text at blanks, gets these words back. */
static bool
is_text(const struct strv *words)
{
	for (size_t i = 0; i < words->n; i++) {
		if (!*words->v[i])
			return false;
		for (const char *p = words->v[i]; *p; p++)
			if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
				return false;
	}
	return true;
}

/* Words for cargo: one text, split at blanks, or a list. Where a folder above has the
 * same key, cargo replaces its text by ours, but appends lists ("--sysroot given more
 * than once"), and refuses to mix the two. So text is the rule; lists are for words
 * that it would split, and for folders above that have a list of the user's. */
static void
add_words(struct str *out, const char *key, const struct strv *words, bool list)
{
	AUTOFREE char *text = strv_join(words, " ");

	if (!list && is_text(words)) {
		add_value(out, key, text);
		return;
	}
	str_addf(out, "%s = [", key);
	for (size_t i = 0; i < words->n; i++) {
		str_add(out, i ? ", " : "");
		toml_quote(out, words->v[i]);
	}
	str_add(out, "]\n");
}

static void
add_flags(const struct cargoconf *c, bool unwind, struct strv *flags)
{
	if (unwind)
		strv_add(flags, "-Cpanic=unwind");
	if (c->sysroot)
		strv_addf(flags, "--sysroot=%s", c->sysroot);
	if (c->unstable)
		strv_add(flags, "-Zunstable-options");
}

void
cargoconf_flags(const struct cargoconf *c, struct strv *flags)
{
	add_flags(c, c->unwind, flags);
}

char *
cargoconf_alias(const struct cargoconf *c)
{
	return xasprintf("%s-%s", c->arch, c->plat);
}

char *
cargoconf_words(const struct cargoconf *c)
{
	AUTO(str) words = {0};

	str_addf(&words, "%s %s", c->arch, c->plat);
	for (size_t i = 0; i < c->n_more; i++)
		str_addf(&words, " %s %s", c->more[i].arch, c->more[i].plat);
	return str_take(&words);
}

/* The combination that the table of this one's target is for: the first with it. */
static const struct cargoconf *
owner_of(const struct cargoconf *c, const struct cargoconf *one)
{
	if (strcmp(c->target, one->target) == 0)
		return c;
	for (size_t i = 0; i < c->n_more; i++)
		if (strcmp(c->more[i].target, one->target) == 0)
			return &c->more[i];
	return one;
}

/* one is c or one of its other combinations. */
static void
add_target(struct str *out, const struct cargoconf *c, const struct cargoconf *one)
{
	AUTO(strv) path = {0};
	AUTOFREE char *header = NULL;
	AUTO(strv) runner = {0};
	AUTO(strv) flags = {0};

	strv_addl(&path, "target", one->target, NULL);
	header = toml_path(&path, path.n);
	str_addf(out, "\n[%s]\n", header);
	add_value(out, "linker", c->linker);
	if (c->runner) {
		strv_addl(&runner, c->runner, "run", NULL);
		/* [env] names the platform of the first combination. */
		if (one != c)
			strv_addl(&runner, "--plat", one->plat, NULL);
		if (one->options)
			strv_addv(&runner, one->options);
		add_words(out, "runner", &runner, c->lists);
	}
	add_flags(one, c->unwind, &flags);
	if (flags.n == 0)
		return;
	add_words(out, "rustflags", &flags, c->lists);
	if (!c->old_cargo)
		add_words(out, "rustdocflags", &flags, c->lists);
}

/* "--config", "KEY=VALUE" for cargo's command line; target NULL: the key alone. */
static void
add_config(struct strv *args, const char *target, const char *key, const char *value)
{
	AUTO(strv) path = {0};
	AUTOFREE char *table = NULL;
	AUTO(str) text = {0};

	if (target) {
		strv_addl(&path, "target", target, NULL);
		table = toml_path(&path, path.n);
		str_addf(&text, "%s.", table);
	}
	str_addf(&text, "%s=", key);
	toml_quote(&text, value);
	strv_addl(args, "--config", str_text(&text), NULL);
}

/* What the target's table says for its owner, for another platform of it. Without a
 * sysroot of its own the flags would be the same, and cargo would take the image of
 * one platform for that of the other. */
static int
add_own_table(
    struct strv *args, const struct cargoconf *c, const struct cargoconf *one, struct err *e)
{
	AUTO(strv) flags = {0};
	AUTO(strv) runner = {0};
	AUTOFREE char *text = NULL;
	AUTOFREE char *run = NULL;

	strv_addl(&runner, c->runner ? c->runner : "kraft-rust", "run", "--plat", one->plat, NULL);
	if (one->options)
		strv_addv(&runner, one->options);
	add_flags(one, c->unwind, &flags);
	if (!one->sysroot)
		strv_addf(&flags, "-Cmetadata=%s", one->plat);
	if (c->lists || !is_text(&flags) || !is_text(&runner)) {
		err_set(e, ERR_FAIL,
		    "%s %s shares its target with %s %s, so cargo must be told to replace the "
		    "flags "
		    "of the one by those of the other, which it does with text only: there is a "
		    "blank in a path or in a run option, or a list of flags in a config.toml above",
		    one->arch, one->plat, owner_of(c, one)->arch, owner_of(c, one)->plat);
		return err_hint(e, "leave one of them out, or move what has the blank or the list");
	}
	text = strv_join(&flags, " ");
	run = strv_join(&runner, " ");
	add_config(args, one->target, "runner", run);
	add_config(args, one->target, "rustflags", text);
	if (!c->old_cargo)
		add_config(args, one->target, "rustdocflags", text);
	return 0;
}

/* An alias that is nothing but options goes before any of cargo's commands: "cargo
 * arm64-qemu run". */
static int
add_alias(struct str *out, const struct cargoconf *c, const struct cargoconf *one, struct err *e)
{
	AUTOFREE char *name = cargoconf_alias(one);
	AUTO(strv) args = {0};
	AUTO(strv) path = {0};
	AUTOFREE char *key = NULL;

	add_config(&args, NULL, "build.target", one->target);
	add_config(&args, NULL, "env.KRAFTKIT_ARCH.value", one->arch);
	add_config(&args, NULL, "env.KRAFTKIT_PLAT.value", one->plat);
	/* Asked for by name, it wins over what the shell says. */
	strv_addl(&args, "--config", "env.KRAFTKIT_ARCH.force=true", "--config",
	    "env.KRAFTKIT_PLAT.force=true", NULL);
	if (owner_of(c, one) != one && add_own_table(&args, c, one, e) < 0)
		return -1;
	strv_add(&path, name);
	key = toml_path(&path, 1);
	str_addf(out, "%s = [\n", key);
	for (size_t i = 0; i < args.n; i += 2) {
		str_add(out, "    \"--config\", ");
		toml_quote(out, args.v[i + 1]);
		str_add(out, ",\n");
	}
	str_add(out, "]\n");
	return 0;
}

static int
add_more(struct str *out, const struct cargoconf *c, struct err *e)
{
	for (size_t i = 0; i < c->n_more; i++)
		if (owner_of(c, &c->more[i]) == &c->more[i])
			add_target(out, c, &c->more[i]);
	if (c->n_more > 0)
		str_add(out, "\n[alias]\n");
	for (size_t i = 0; i < c->n_more; i++)
		if (add_alias(out, c, &c->more[i], e) < 0)
			return -1;
	return 0;
}

/* TOML is UTF-8. */
static int
check_path(const char *path, struct err *e)
{
	AUTOFREE char *shown = NULL;

	if (!path || str_utf8(path, strlen(path), NULL))
		return 0;
	shown = str_printable(path, 512);
	return err_set(e, ERR_FAIL,
	    "%s: this path is not UTF-8, so cargo's config.toml cannot name it", shown);
}

static int
check_options(const struct cargoconf *one, struct err *e)
{
	for (size_t i = 0; one->options && i < one->options->n; i++) {
		const char *option = one->options->v[i];
		AUTOFREE char *shown = NULL;

		if (str_utf8(option, strlen(option), NULL))
			continue;
		shown = str_printable(option, 512);
		return err_set(e, ERR_FAIL,
		    "%s: this option is not UTF-8, so cargo's config.toml cannot have it", shown);
	}
	return 0;
}

static int
check_paths(const struct cargoconf *c, struct err *e)
{
	const char *const paths[] = {c->linker, c->runner, c->sysroot, c->home, c->rustc,
	    c->rustdoc, c->wrapper, c->chained, c->wrapped};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (check_path(paths[i], e) < 0)
			return -1;
	for (size_t i = 0; i < c->n_more; i++)
		if (check_path(c->more[i].sysroot, e) < 0 || check_options(&c->more[i], e) < 0)
			return -1;
	return check_options(c, e);
}

char *
cargoconf_block(const struct cargoconf *c, struct err *e)
{
	AUTOFREE char *words = cargoconf_words(c);
	AUTO(str) out = {0};

	if (check_paths(c, e) < 0)
		return NULL;
	str_addf(&out,
	    "%s %s: 'kraft-rust config' replaces these lines; write yours outside of them\n",
	    cargoconf_begin, words);
	str_add(&out, "[build]\n");
	add_value(&out, "target", c->target);
	add_value(&out, "rustc", c->rustc);
	add_value(&out, "rustc-wrapper", c->wrapper);
	add_value(&out, "rustdoc", c->rustdoc);
	add_target(&out, c, c);
	if (add_more(&out, c, e) < 0)
		return NULL;
	add_env(&out, "KRAFTKIT_ARCH", c->arch);
	add_env(&out, "KRAFTKIT_PLAT", c->plat);
	add_env(&out, "KRAFT_RUST_HOME", c->home);
	add_env(&out, "KRAFT_RUSTC_WRAPPER", c->chained);
	add_env(&out, "KRAFT_RUSTDOC", c->wrapped);
	str_addf(&out, "%s\n", cargoconf_end);
	return str_take(&out);
}
