/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/share.h"
#include "core/toml.h"

enum { MANIFEST_MAX = 1 << 20 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

static bool
is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* cargo: restricted_names.rs, is_keyword */
static bool
is_keyword(const char *name)
{
	static const char *const words[] = {"Self", "abstract", "as", "async", "await", "become",
	    "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum", "extern",
	    "false", "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match",
	    "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
	    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
	    "virtual", "where", "while", "yield"};

	return is_one_of(name, words, ARRAY_LEN(words));
}

/* cargo: restricted_names.rs, is_conflicting_artifact_name */
static bool
is_artifact(const char *name)
{
	static const char *const words[] = {"deps", "examples", "build", "incremental"};

	return is_one_of(name, words, ARRAY_LEN(words));
}

static int
refuse(const char *name, const char *why, struct err *e)
{
	AUTOFREE char *shown = str_printable(name, 200);

	err_set(e, ERR_USAGE, "invalid package name '%s': %s", shown, why);
	return err_hint(e,
	    "the last part of NAME is the package's name: letters, digits, - and _, not "
	    "beginning with a digit or -");
}

int
project_check_name(const char *name, struct err *e)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p >= 0x80)
			return refuse(
			    name, "it has non-ASCII characters, which rustc does not support", e);
	if (!*name)
		return refuse(name, "it is empty", e);
	if (strchr(digits, *name))
		return refuse(name, "the name cannot start with a digit", e);
	if (*name != '_' && !strchr(letters, *name))
		return refuse(name, "the first character must be a letter or _", e);
	for (const char *p = name; *p; p++)
		if (!strchr(letters, *p) && !strchr(digits, *p) && *p != '-' && *p != '_')
			return refuse(name, "characters must be letters, digits, - or _", e);
	if (strlen(name) > 200)
		return refuse(name, "it is longer than 200 characters, too long for file names", e);
	if (is_keyword(name))
		return refuse(name, "it is a Rust keyword", e);
	if (is_artifact(name))
		return refuse(name, "it conflicts with cargo's build directory names", e);
	if (strcmp(name, "test") == 0)
		return refuse(name, "it conflicts with Rust's built-in test library", e);
	return 0;
}

const char *
project_name_warning(const char *name)
{
	static const char *const std[] = {"alloc", "core", "proc-macro", "proc_macro", "std"};

	if (is_one_of(name, std, ARRAY_LEN(std)))
		return "it may be confused with the package of that name in Rust's standard "
		       "library";
	if (strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return "small letters are recommended for package names";
	return NULL;
}

/* A line of a kconfig preset as one of a Kraftfile's mapping. kraft writes the quotes of
 * strings itself. What a preset requires is for "kit build" to read. */
static void
add_option(struct str *out, const char *line)
{
	static const char unset[] = " is not set", option[] = "# CONFIG_";
	const char *equal = strchr(line, '=');

	if (str_starts(line, "# requires "))
		return;
	if (str_starts(line, option) && str_ends(line, unset)) {
		str_addf(out, "    %.*s: 'n'\n", (int)(strlen(line + 2) - strlen(unset)), line + 2);
	} else if (*line == '#' || !equal) {
		str_addf(out, "    %s\n", line);
	} else {
		size_t quoted = equal[1] == '"', len = strlen(equal + 1) - 2 * quoted;

		str_addf(out, "    %.*s: '%.*s'\n", (int)(equal - line), line, (int)len,
		    equal + 1 + quoted);
	}
}

/* The options that every kit has too; what the preset says of itself, up to the first
 * empty line, is left out. Owned by the caller. */
static char *
kraft_options(const char *share, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/kconfig/base", share);
	AUTO(str) text = {0}, out = {0};
	AUTO(strv) lines = {0};
	const char *body;

	if (fs_read(path, MANIFEST_MAX, &text, e) < 0)
		return NULL;
	body = strstr(str_text(&text), "\n\n");
	strv_split(&lines, body ? body : str_text(&text), '\n');
	for (size_t i = 0; i < lines.n; i++)
		add_option(&out, lines.v[i]);
	return str_take(&out);
}

static int
write_one(const char *share, const char *const *vars, const char *dir, const char *const *names,
    struct err *e)
{
	AUTOFREE char *from = xasprintf("project/%s", names[0]);
	AUTOFREE char *to = xasprintf("%s/%s", dir, names[1]);
	AUTOFREE char *parent = fs_dirname(to);
	AUTOFREE char *text = share_expand(share, from, vars, e);

	if (!text || fs_mkdirs(parent, e) < 0)
		return -1;
	return fs_write(to, text, strlen(text), 0666, e);
}

int
project_write(const struct project *p, const char *dir, struct err *e)
{
	static const char *const files[][2] = {
	    {"Cargo.toml", "Cargo.toml"},
	    {"main.rs", "src/main.rs"},
	    {"Kraftfile", "Kraftfile"},
	    {"gitignore", ".gitignore"},
	};
	AUTOFREE char *library = share_librust(p->share), *options = kraft_options(p->share, e);
	/* JSON's strings are YAML's too. */
	AUTOJS struct js *path = js_str(library);
	AUTOFREE char *source = js_compact(path);
	const char *const vars[] = {"NAME", p->name, "KRAFT_PLAT", p->kraft_plat, "KRAFT_ARCH",
	    p->kraft_arch, "OPTIONS", options, "LIBRUST", source, NULL};

	if (!options)
		return -1;
	if (!str_utf8(library, strlen(library), NULL)) {
		AUTOFREE char *shown = str_printable(library, 512);

		return err_set(e, ERR_FAIL,
		    "%s: this path is not UTF-8, so a Kraftfile cannot name it", shown);
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (write_one(p->share, vars, dir, files[i], e) < 0)
			return err_wrap(e, "write the project's %s", files[i][1]);
	return 0;
}

int
project_publish(const char *from, const char *to, struct err *e)
{
	AUTOFREE char *shown = str_printable(to, 512);
	AUTOFREE char *parent = fs_dirname(to);

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) < 0) {
		if (errno == EEXIST)
			return err_set(e, ERR_FAIL, "%s: already exists", shown);
		/* Not every file system knows the flag (EINVAL): a plain rename may replace an
		 * empty folder that appeared this very moment, and nothing else. */
		if (errno != EINVAL || fs_exists(to) || rename(from, to) < 0)
			return err_errno(e, "create %s", shown);
	}
	return fs_sync_dir(parent, e);
}

static bool
declares_workspace(const char *path)
{
	AUTO(toml_item) item = {0};
	AUTO(str) text = {0};
	bool top = true; /* still above the first header */
	struct err ignored;
	struct toml t;

	if (!fs_is_file(path) || fs_read(path, MANIFEST_MAX, &text, &ignored) < 0)
		return false;
	t = toml_open(path, str_text(&text), text.len);
	do {
		if (toml_next(&t, &item, &ignored) < 0)
			return false;
		top = top && item.kind != TOML_TABLE && item.kind != TOML_ARRAY;
		if ((item.kind == TOML_TABLE || (top && item.kind == TOML_KEY)) &&
		    strcmp(item.path.v[0], "workspace") == 0)
			return true;
	} while (item.kind != TOML_END);
	return false;
}

char *
project_workspace_above(const char *dir)
{
	AUTOFREE char *at = xstrdup(dir);

	while (strcmp(at, "/") != 0 && strcmp(at, ".") != 0) {
		AUTOFREE char *below = take_ptr(at);
		AUTOFREE char *manifest = NULL;

		at = fs_dirname(below);
		manifest = xasprintf("%s/Cargo.toml", at);
		if (declares_workspace(manifest))
			return take_ptr(manifest);
	}
	return NULL;
}

int
project_settle(const char *dir, const char *cargo, bool *own, struct err *e)
{
	static const char table[] =
	    "\n# The workspace in a folder above does not list this package.\n"
	    "[workspace]\n";
	AUTOFREE char *manifest = xasprintf("%s/Cargo.toml", dir);
	AUTO(strv) argv = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	AUTO(str) text = {0};
	struct proc p = {.cwd = dir, .out = &out, .err_out = &errors};
	int status;

	*own = false;
	strv_addl(&argv, cargo, "locate-project", "--workspace", NULL);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	/* Whatever else is wrong there is for cargo to say when the user runs it. */
	if (status == 0 || !strstr(str_text(&errors), "believes it's in a workspace"))
		return 0;
	if (fs_read(manifest, MANIFEST_MAX, &text, e) < 0)
		return -1;
	str_add(&text, table);
	*own = true;
	return fs_write(manifest, str_text(&text), text.len, 0666, e);
}
