/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust kit build, list, show, export and import. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/kit_source.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "core/kit.h"
#include "core/kitbuild.h"
#include "core/kitdebug.h"
#include "core/kitfile.h"
#include "core/kitstore.h"

/* The combination, which must be one whose kit comes from Unikraft. */
static int
unikraft_combo(struct ctx *c, const struct matrix_combo **combo, struct err *e)
{
	if (ctx_combo(c, 0, combo, NULL, e) < 0)
		return -1;
	if (!matrix_libc(*combo))
		return 0;
	err_set(e, ERR_USAGE, "the kit of %s %s is not built from Unikraft", (*combo)->arch->name,
	    (*combo)->plat->name);
	return err_hint(e,
	    "run 'kraft-rust install %s %s', which makes it from this machine's musl",
	    (*combo)->arch->name, (*combo)->plat->name);
}

int
cmd_kit_build(struct ctx *c, struct err *e)
{
	struct meter m;
	AUTO(kit_source) source = {0};
	AUTOFREE char *kit = NULL;
	struct kitbuild b = {.home = &c->home, .progress = &m.progress};

	meter_start(&m, c);
	if (unikraft_combo(c, &b.combo, e) < 0 || ctx_share(c, &b.share, e) < 0 ||
	    kit_source_read(c, &source, &b, e) < 0)
		return -1;
	kit = kitbuild_run(&b, e);
	meter_clear(&m);
	if (!kit)
		return -1;
	ctx_note(c, "the kit of %s %s is ready:", b.combo->arch->name, b.combo->plat->name);
	printf("%s\n", kit);
	return 0;
}

/* All bytes of a kit's files; -1: they cannot be looked at. */
static long long
kit_size(const char *dir)
{
	AUTO(strv) files = {0};
	struct err ignored = {0};
	long long sum = 0;

	if (kitstore_files(dir, &files, &ignored) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files.v[i]);
		struct stat st;

		if (lstat(path, &st) == 0)
			sum += (long long)st.st_size;
	}
	return sum;
}

/* kit.json says what the kit was made from; a kit of the machine's musl has none. */
static struct js *
kit_facts(const char *dir)
{
	AUTOFREE char *path = xasprintf("%s/kit.json", dir);
	struct err ignored = {0};

	return fs_is_file(path) ? js_load(path, &ignored) : NULL;
}

static char *
joined(const struct js *list)
{
	AUTO(str) out = {0};

	for (size_t i = 0; i < js_len(list); i++) {
		const char *text = js_text(js_at(list, i));
		AUTOFREE char *shown = str_printable(text ? text : "?", 64);

		str_addf(&out, "%s%s", i ? " " : "", shown);
	}
	return str_take(&out);
}

static char *
origin(const struct js *facts)
{
	const char *version = js_get_text(facts, "unikraft");
	AUTOFREE char *shown = version ? str_printable(version, 40) : NULL;

	return shown ? xasprintf("Unikraft %s", shown) : xstrdup("this machine's musl");
}

/* All bytes of the kit's debug information; -1: there is none. */
static long long
debug_size(const char *dir)
{
	AUTOFREE char *debug = xasprintf("%s" KITDEBUG_SUFFIX, dir);

	return fs_is_dir(debug) ? kit_size(debug) : -1;
}

static struct js *
debug_js(const char *dir)
{
	const long long size = debug_size(dir);
	struct js *o = js_obj();

	js_set(o, "there", js_bool(size >= 0));
	if (size >= 0)
		js_set(o, "bytes", js_int(size));
	return o;
}

static char *
debug_text(const char *dir, const char *none)
{
	const long long size = debug_size(dir);

	return size < 0 ? xstrdup(none) : xasprintf("%lld KB", (size + 1023) / 1024);
}

static void
print_json(const struct kitstore_list *l)
{
	AUTOJS struct js *all = js_arr();
	AUTOFREE char *text = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct kitstore_entry *en = &l->v[i];
		AUTOJS struct js *facts = kit_facts(en->dir);
		struct js *o = js_obj();

		js_set(o, "architecture", js_str(en->combo->arch->name));
		js_set(o, "platform", js_str(en->combo->plat->name));
		js_set(o, "id", js_str(en->id));
		js_set(o, "directory", js_str(en->dir));
		js_set(o, "used", js_bool(en->used));
		js_set(o, "broken", js_bool(en->broken));
		js_set(o, "bytes", js_int(kit_size(en->dir)));
		js_set(o, "debug", debug_js(en->dir));
		js_set(o, "facts", facts ? js_copy(facts) : js_obj());
		js_push(all, o);
	}
	text = js_pretty(all);
	fputs(text, stdout);
}

static void
print_table(const struct kitstore_list *l)
{
	AUTO(table) t = {.columns = 7};
	AUTO(str) out = {0};

	table_add(
	    &t, (const char *const[]){"ARCH", "PLAT", "KIT", "SIZE", "DEBUG", "USED", "MADE FROM"});
	for (size_t i = 0; i < l->n; i++) {
		const struct kitstore_entry *en = &l->v[i];
		AUTOJS struct js *facts = kit_facts(en->dir);
		AUTOFREE char *from = en->broken ? xstrdup("broken") : origin(facts);
		AUTOFREE char *size = xasprintf("%lld KB", (kit_size(en->dir) + 1023) / 1024);
		AUTOFREE char *debug = debug_text(en->dir, "-");

		table_add(&t, (const char *const[]){en->combo->arch->name, en->combo->plat->name,
				  en->id, size, debug, en->used ? "yes" : "no", from});
	}
	table_text(&t, &out);
	fputs(str_text(&out), stdout);
}

int
cmd_kit_list(struct ctx *c, struct err *e)
{
	struct kitstore_list l __attribute__((cleanup(kitstore_list_free))) = {0};
	const struct matrix *m;

	if (ctx_matrix(c, &m, e) < 0 || kitstore_list(c->home.data, m, &l, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_JSON))
		print_json(&l);
	else if (l.n)
		print_table(&l);
	else
		ctx_note(c, "no kit is here; 'kraft-rust kit build' makes one");
	return 0;
}

/* The kit that links for the combination. */
static const struct kitstore_entry *
used_kit(const struct kitstore_list *l, const struct matrix_combo *combo, struct err *e)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].combo == combo && l->v[i].used)
			return &l->v[i];
	err_set(e, ERR_FAIL, "there is no kit for %s %s", combo->arch->name, combo->plat->name);
	err_hint(e,
	    "run 'kraft-rust kit build %s %s --unikraft DIR --lib DIR' or 'kraft-rust kit "
	    "import FILE'",
	    combo->arch->name, combo->plat->name);
	return NULL;
}

static void
show_list(const char *label, const struct js *list)
{
	AUTOFREE char *text = joined(list);

	if (js_len(list))
		printf("%-12s%s\n", label, text);
}

/* A command in a line, with what the kit's words stand for left as they are. */
static void
show_step(const struct kit_step *s)
{
	AUTOFREE char *text = strv_join(&s->argv, " ");
	AUTOFREE char *shown = str_printable(text, 400);

	printf("%-12s%s%s\n", "step:", shown, s->builtin ? "" : "  (as recorded)");
}

int
cmd_kit_show(struct ctx *c, struct err *e)
{
	struct kitstore_list l __attribute__((cleanup(kitstore_list_free))) = {0};
	const struct kitstore_entry *en;
	const struct matrix_combo *combo;
	AUTOJS struct js *facts = NULL;
	AUTOFREE char *from = NULL, *debug = NULL;
	const struct matrix *m;
	AUTO(strv) files = {0};
	AUTO(kit) k = {0};

	if (ctx_matrix(c, &m, e) < 0 || ctx_combo(c, 0, &combo, NULL, e) < 0 ||
	    kitstore_list(c->home.data, m, &l, e) < 0)
		return -1;
	en = used_kit(&l, combo, e);
	if (!en || kit_load(en->dir, &k, e) < 0 || kitstore_files(en->dir, &files, e) < 0)
		return -1;
	facts = kit_facts(en->dir);
	from = origin(facts);
	debug = debug_text(en->dir, "none");
	printf("%-12s%s\n%-12s%s\n%-12s%s\n", "kit:", en->id, "made from:", from,
	    "directory:", en->dir);
	printf("%-12s%zu, %lld KB\n", "files:", files.n, (kit_size(en->dir) + 1023) / 1024);
	printf("%-12s%s\n", "debug:", debug);
	show_list("libraries:", js_get(facts, "libraries"));
	show_list("presets:", js_get(facts, "presets"));
	printf("%-12s%zu arguments for GNU ld\n", "link:", k.args.n);
	for (size_t i = 0; i < k.n_steps; i++)
		show_step(&k.steps[i]);
	return 0;
}

int
cmd_kit_export(struct ctx *c, struct err *e)
{
	const char *path = ctx_opt(c, OPT_OUTPUT), *debug = ctx_opt(c, OPT_DEBUG);
	const struct matrix_combo *combo;

	if (ctx_combo(c, 0, &combo, NULL, e) < 0)
		return -1;
	if (!path && !debug) {
		err_set(e, ERR_USAGE, "'kit export' needs the archive's name");
		return err_hint(e, "give it with --output FILE, ending in .tar.zst, .tar.xz or "
				   ".tar.gz");
	}
	if (str_eq(path, debug))
		return err_set(e, ERR_USAGE, "--output and --debug are two archives, not one");
	/* The part that may not be there comes first. */
	if ((debug && kitfile_export_debug(&c->home, combo, debug, e) < 0) ||
	    (path && kitfile_export(&c->home, combo, path, e) < 0))
		return -1;
	if (path)
		ctx_note(c,
		    "the kit of %s %s is in %s; on the other machine: kraft-rust kit import FILE",
		    combo->arch->name, combo->plat->name, path);
	if (debug)
		ctx_note(c, "its debug information is in %s, to be imported after the kit", debug);
	return 0;
}

static void
waiting(const void *ctx)
{
	ctx_note(ctx, "waiting for another kraft-rust to finish");
}

int
cmd_kit_import(struct ctx *c, struct err *e)
{
	const struct matrix_combo *combo;
	AUTOFREE char *dir = NULL;
	const struct matrix *m;

	if (ctx_matrix(c, &m, e) < 0 ||
	    kitfile_import(&c->home, m, c->args.v[0], waiting, c, &combo, &dir, e) < 0)
		return -1;
	ctx_note(c, "the %s of %s %s is ready:",
	    str_ends(dir, KITDEBUG_SUFFIX) ? "debug information of the kit" : "kit",
	    combo->arch->name, combo->plat->name);
	printf("%s\n", dir);
	return 0;
}
