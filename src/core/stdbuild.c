/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/stdbuild.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/progress.h"
#include "core/rustc.h"
#include "core/share.h"
#include "core/toml.h"

#define PACKAGE "kraft-rust-std"
#define PACKAGE_LIB "kraft_rust_std"
/* Flags for every crate of std, as Rust's own build passes them (rust:
 * src/bootstrap/src/core/builder/cargo.rs). */
#define FLAGS "-Zforce-unstable-if-unmarked\x1f-Aunexpected_cfgs"

enum { LOCK_MAX = 4 << 20, LOG_MAX = 64 << 20, SHOWN_ERRORS = 20 };

char *
stdbuild_recipe(const char *share, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/std/Cargo.toml", share);
	AUTO(str) text = {0};

	if (fs_read(path, LOCK_MAX, &text, e) < 0)
		return NULL;
	str_add(&text, FLAGS);
	return str_take(&text);
}

static char *
quoted_path(const char *dir, const char *name)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTO(str) out = {0};

	toml_quote(&out, path);
	return str_take(&out);
}

static int
write_text(const char *dir, const char *name, const char *text, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);

	return fs_write(path, text, strlen(text), 0666, e);
}

static void
add_patch(const char *source, const struct strv *name, struct str *manifest)
{
	AUTOFREE char *key = toml_path(name, 1);
	AUTOFREE char *line = xasprintf("\n%s = ", key);
	AUTOFREE char *dir = xasprintf("%s/%s", source, name->v[0]);
	AUTOFREE char *value = quoted_path(source, name->v[0]);

	if (!strstr(str_text(manifest), line) && fs_is_dir(dir))
		str_addf(manifest, "%s = { path = %s }\n", key, value);
}

/* The template ends with the table of what is taken from the sources instead of from
 * crates.io. What the sources' own workspace takes so besides (windows-sys since 1.97)
 * is neither in their lock file nor among their crates; each is a folder of its name
 * (rust: library/Cargo.toml). */
static int
add_patches(const char *source, struct str *manifest, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/Cargo.toml", source);
	AUTO(toml_item) item = {0};
	AUTO(str) text = {0};
	struct toml t;
	bool inside = false;
	int rc;

	/* Older sources, those of 1.80 too, come without their workspace. */
	if (!fs_is_file(path))
		return 0;
	if (fs_read(path, LOCK_MAX, &text, e) < 0)
		return -1;
	t = toml_open(path, str_text(&text), text.len);
	while ((rc = toml_next(&t, &item, e)) == 0 && item.kind != TOML_END) {
		if (item.kind == TOML_TABLE || item.kind == TOML_ARRAY)
			inside = item.path.n == 2 && strcmp(item.path.v[0], "patch") == 0 &&
				 strcmp(item.path.v[1], "crates-io") == 0;
		else if (inside && item.kind == TOML_KEY)
			add_patch(source, &item.path, manifest);
	}
	return rc;
}

static int
write_manifest(const struct stdbuild *b, struct err *e)
{
	static const char *const crates[][2] = {{"STD", "std"}, {"TEST", "test"},
	    {"PROC_MACRO", "proc_macro"}, {"WORKSPACE_CORE", "rustc-std-workspace-core"},
	    {"WORKSPACE_ALLOC", "rustc-std-workspace-alloc"},
	    {"WORKSPACE_STD", "rustc-std-workspace-std"}};
	const char *vars[2 * ARRAY_LEN(crates) + 1] = {0};
	AUTO(strv) paths = {0};
	AUTO(str) manifest = {0};
	AUTOFREE char *text = NULL;

	for (size_t i = 0; i < ARRAY_LEN(crates); i++) {
		strv_give(&paths, quoted_path(b->source, crates[i][1]));
		vars[2 * i] = crates[i][0];
		vars[2 * i + 1] = paths.v[i];
	}
	text = share_expand(b->share, "std/Cargo.toml", vars, e);
	if (!text)
		return -1;
	str_add(&manifest, text);
	if (add_patches(b->source, &manifest, e) < 0)
		return -1;
	return write_text(b->scratch, "Cargo.toml", str_text(&manifest), e);
}

/* The crates that std needs are in library/vendor, in older sources one folder up;
 * NULL when they are not shipped, as by Rust itself before 1.97, and cargo has to get
 * them. */
static char *
find_vendor(const char *source)
{
	static const char *const places[] = {"vendor", "../vendor"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", source, places[i]);

		if (fs_is_dir(dir))
			return take_ptr(dir);
	}
	return NULL;
}

static int
write_lock(const struct stdbuild *b, struct err *e)
{
	static const char *const places[] = {"Cargo.lock", "../Cargo.lock"};
	AUTO(str) text = {0};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTOFREE char *path = xasprintf("%s/%s", b->source, places[i]);

		if (!fs_is_file(path))
			continue;
		if (fs_read(path, LOCK_MAX, &text, e) < 0)
			return -1;
		return write_text(b->scratch, "Cargo.lock", str_text(&text), e);
	}
	err_set(e, ERR_INPUT, "the sources in %s have no Cargo.lock", b->source);
	return err_hint(e, "a distribution left it out, so std cannot be built from them; take the "
			   "compiler and its rust-src from rustup, or a newer one");
}

/* The spec, where the compiler finds it by the target's name. */
static int
write_spec(const struct stdbuild *b, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/specs", b->scratch);
	AUTOFREE char *name = xasprintf("%s.json", b->target);
	AUTOFREE char *text = b->spec ? js_pretty(b->spec) : NULL;

	if (!text)
		return 0;
	return fs_mkdirs(dir, e) < 0 ? -1 : write_text(dir, name, text, e);
}

static int
write_config(const struct stdbuild *b, const char *vendor, struct err *e)
{
	AUTO(str) config = {0};

	/* Since August 2026 a nightly's cargo leaves only a stub of the metadata in an rlib
	 * (cargo pull 17267). One that does not know the key says so in the log. */
	str_add(&config, "[unstable]\nembed-metadata = true\n");
	if (vendor) {
		str_add(&config, "\n[source.crates-io]\nreplace-with = \"vendored\"\n\n"
				 "[source.vendored]\ndirectory = ");
		toml_quote(&config, vendor);
		str_addc(&config, '\n');
	}
	return write_text(b->scratch, "config.toml", str_text(&config), e);
}

static int
write_workspace(const struct stdbuild *b, const char *vendor, struct err *e)
{
	if (write_manifest(b, e) < 0 || write_lock(b, e) < 0 || write_spec(b, e) < 0 ||
	    write_config(b, vendor, e) < 0)
		return -1;
	return write_text(b->scratch, "lib.rs", "", e);
}

/* The user's settings are for the user's crates: nothing of them may reach std,
 * whose key does not know them. */
static void
drop_user_settings(struct strv *env)
{
	static const char *const prefixes[] = {"CARGO_BUILD_", "CARGO_TARGET_", "CARGO_PROFILE_",
	    "CARGO_UNSTABLE_", "CARGO_ENCODED_",
	    "CARGO_INCREMENTAL=", "RUSTFLAGS=", "RUSTC_WRAPPER=", "RUSTC_WORKSPACE_WRAPPER=",
	    "RUSTUP_TOOLCHAIN=", "MAKEFLAGS=", "MFLAGS=", "CARGO_MAKEFLAGS=", "CARGO_TERM_"};

	for (char **var = environ; *var; var++)
		for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
			if (str_starts(*var, prefixes[i]))
				strv_addn(env, *var, strcspn(*var, "="));
}

static void
make_env(const struct stdbuild *b, const char *vendor, struct strv *env)
{
	drop_user_settings(env);
	strv_addf(env, "RUSTC=%s", b->rustc->exe);
	if (b->rustc->toolchain)
		strv_addf(env, "RUSTUP_TOOLCHAIN=%s", b->rustc->toolchain);
	strv_add(env, "RUSTC_BOOTSTRAP=1");
	/* The name in every symbol's hash: other than any that a user's build makes. */
	strv_add(env, "__CARGO_DEFAULT_LIB_METADATA=" PACKAGE);
	strv_addf(env,
	    "CARGO_ENCODED_RUSTFLAGS=" FLAGS "\x1f--remap-path-prefix=%s=/rustc/%s/library%s",
	    b->source, b->rustc->commit ? b->rustc->commit : b->rustc->release,
	    b->spec ? "\x1f-Zunstable-options" : "");
	if (b->spec)
		strv_addf(env, "RUST_TARGET_PATH=%s/specs", b->scratch);
	strv_add(env, "CARGO_TERM_COLOR=never");
	/* With the crates at hand cargo needs nothing of the user's own folder. */
	if (vendor)
		strv_addf(env, "CARGO_HOME=%s/cargo-home", b->scratch);
}

/* A command of cargo's on the workspace. */
static void
make_argv(const struct stdbuild *b, const char *cargo, const char *command, bool offline,
    struct strv *argv)
{
	strv_addl(argv, cargo, command, "--target", b->target, NULL);
	strv_addf(argv, "--manifest-path=%s/Cargo.toml", b->scratch);
	strv_addf(argv, "--config=%s/config.toml", b->scratch);
	if (offline)
		strv_add(argv, "--offline");
}

struct watch {
	const struct stdbuild *b;
	struct strv *rlibs;
	size_t done, total;
};

/* cargo's message for a finished unit: note the rlibs of std's own crates. */
static int
on_message(void *ctx, char *line, size_t len, struct err *e)
{
	struct watch *w = ctx;
	struct err ignored;
	AUTOJS struct js *m = line[0] == '{' ? js_parse("cargo", line, len, &ignored) : NULL;
	const char *reason = js_get_text(m, "reason");
	const char *name = js_get_text(js_get(m, "target"), "name");
	struct js *files = js_get(m, "filenames");
	AUTOFREE char *for_target = xasprintf("/target/%s/", w->b->target);

	(void)e;
	if (!reason || (strcmp(reason, "compiler-artifact") != 0 &&
			   strcmp(reason, "build-script-executed") != 0))
		return 0;
	w->done++;
	w->b->progress->unit(w->b->progress->ctx, name ? name : "build script", w->done, w->total);
	if (!name)
		return 0;
	for (size_t i = 0; strcmp(name, PACKAGE_LIB) != 0 && i < js_len(files); i++) {
		const char *file = js_text(js_at(files, i));

		/* What build scripts are linked with is for the machine, not the target. */
		if (file && str_ends(file, ".rlib") && strstr(file, for_target))
			strv_add(w->rlibs, file);
	}
	return 0;
}

/* How many units the build has; 0 when cargo does not tell. */
static size_t
count_units(const struct strv *argv, const struct strv *env)
{
	AUTO(strv) args = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc p = {.cwd = "/", .env = env, .out = &out, .err_out = &errors};
	AUTOJS struct js *graph = NULL;
	struct err ignored;
	int status;

	strv_addv(&args, argv);
	strv_addl(&args, "--unit-graph", "-Zunstable-options", NULL);
	p.argv = args.v;
	if (proc_run(&p, &status, &ignored) < 0 || status != 0)
		return 0;
	graph = js_parse("cargo --unit-graph", str_text(&out), out.len, &ignored);
	return js_len(js_get(graph, "units"));
}

/* Add the lines of the log that say what went wrong, the first ones. */
static void
quote_log(const struct stdbuild *b, struct str *shown)
{
	AUTO(str) text = {0};
	AUTO(strv) lines = {0};
	struct err ignored;
	size_t n = 0;

	fs_read(b->log, LOG_MAX, &text, &ignored);
	strv_split(&lines, str_text(&text), '\n');
	for (size_t i = 0; i < lines.n && n < SHOWN_ERRORS; i++) {
		if (n > 0 || str_starts(lines.v[i], "error")) {
			/* Short enough that the log's name, behind it, still fits. */
			AUTOFREE char *line = str_printable(lines.v[i], 250);

			str_addf(shown, "\n    %s", line);
			n++;
		}
	}
}

static int
explain(const struct stdbuild *b, int status, struct err *e)
{
	AUTO(str) shown = {0};

	quote_log(b, &shown);
	err_set(e, ERR_TOOL, "cargo could not build std for %s with %s (status %d)%s", b->target,
	    b->rustc->line, status, str_text(&shown));
	if (strstr(str_text(&shown), "linker `cc` not found"))
		err_hint(e, "install a C compiler for cargo's build scripts: 'apt install gcc'");
	return err_hint(e, "the whole log is in %s", b->log);
}

static int
explain_crates(const struct stdbuild *b, int status, struct err *e)
{
	AUTO(str) shown = {0};

	quote_log(b, &shown);
	err_set(e, ERR_TOOL, "cargo could not get the crates that std of %s needs (status %d)%s",
	    b->rustc->line, status, str_text(&shown));
	if (b->offline)
		return err_hint(e,
		    "they are neither among these sources nor all in cargo's cache: run it again "
		    "without --offline");
	return err_hint(e,
	    "they are not among these sources, as they are since rustc 1.97, and come from "
	    "crates.io, or from what cargo's configuration puts in its place");
}

/* Have cargo fetch the crates into its cache, from which the build takes them. This is
 * no "cargo vendor": that of 1.84 empties a folder that the user has in place of
 * crates.io. */
static int
fetch_crates(const struct stdbuild *b, const char *cargo, int log, struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	struct proc p = {.cwd = "/", .env = &env, .out = &out, .err_fd = log};
	int status;

	progress_step(b->progress, "%s the crates that std needs",
	    b->offline ? "looking in cargo's cache for" : "fetching");
	make_argv(b, cargo, "fetch", b->offline, &argv);
	make_env(b, NULL, &env);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	return status == 0 ? 0 : explain_crates(b, status, e);
}

static int
run_cargo(const struct stdbuild *b, const char *cargo, const char *vendor, int log,
    struct strv *rlibs, struct err *e)
{
	struct watch w = {.b = b, .rlibs = rlibs};
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	/* From the root, cargo meets no configuration file but ours. */
	struct proc p = {.cwd = "/", .env = &env, .on_line = on_message, .ctx = &w, .err_fd = log};
	int status;

	make_argv(b, cargo, "build", b->offline || vendor, &argv);
	strv_addl(&argv, "--release", "--message-format=json-render-diagnostics", NULL);
	strv_addf(&argv, "--target-dir=%s/target", b->scratch);
	make_env(b, vendor, &env);
	w.total = count_units(&argv, &env);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	if (status != 0)
		return explain(b, status, e);
	if (rlibs->n == 0)
		return err_set(e, ERR_TOOL, "%s built std but named no rlib", cargo);
	/* The order in which they were finished is chance. */
	strv_sort(rlibs);
	return 0;
}

int
stdbuild_run(const struct stdbuild *b, struct strv *rlibs, struct err *e)
{
	AUTOFREE char *cargo = rustc_sibling(b->rustc, "cargo");
	AUTOFREE char *vendor = find_vendor(b->source);
	AUTOFD int log = -1;

	if (!cargo) {
		err_set(e, ERR_TOOL,
		    "building std needs cargo, which is neither beside %s nor on PATH",
		    b->rustc->exe);
		return err_hint(e, "install it, 'apt install cargo-web' on Debian 12");
	}
	log = open(b->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (log < 0)
		return err_errno(e, "write %s", b->log);
	if (write_workspace(b, vendor, e) < 0)
		return err_wrap(e, "prepare the build of std");
	if (!vendor && fetch_crates(b, cargo, log, e) < 0)
		return -1;
	return run_cargo(b, cargo, vendor, log, rlibs, e);
}
