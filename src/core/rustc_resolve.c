/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of rustc.h that finds out which executable is meant. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/rustc.h"
#include "core/rustc_private.h"

char *
rustc_rustup_home(void)
{
	const char *own = getenv("RUSTUP_HOME"), *user = getenv("HOME");

	if (own && *own)
		return fs_absolute(own);
	return user && *user ? xasprintf("%s/.rustup", user) : NULL;
}

static bool
same_file(const char *one, const char *two)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(two, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* The rustup beside a program, which the program is a link to; NULL when it is not. */
static char *
rustup_beside(const char *exe)
{
	AUTOFREE char *dir = fs_dirname(exe);
	AUTOFREE char *rustup = xasprintf("%s/rustup", dir);

	return same_file(exe, rustup) ? take_ptr(rustup) : NULL;
}

/* rustup's proxies are links, soft or hard, to rustup itself, which some packages
 * call rustup-init ("rustup: src/bin/rustup-init.rs" decides by argv[0] what it is).
 * Returns the rustup to ask, NULL when exe is no proxy. */
static char *
rustup_of(const char *exe)
{
	AUTOFREE char *real = realpath(exe, NULL);
	char *rustup = rustup_beside(exe);

	if (!rustup && real)
		rustup = rustup_beside(real);
	if (!rustup && real && strcmp(fs_basename(real), "rustup") == 0)
		return take_ptr(real);
	if (!rustup && real && strcmp(fs_basename(real), "rustup-init") == 0)
		return xstrdup("rustup");
	return rustup;
}

bool
rustc_is_proxy(const char *exe)
{
	AUTOFREE char *rustup = rustup_of(exe);

	return rustup != NULL;
}

/* NAME of <rustup home>/toolchains/NAME/bin/rustc, NULL for any other path. */
static char *
toolchain_of(const char *exe)
{
	AUTOFREE char *home = rustc_rustup_home();
	AUTOFREE char *dir = home ? xasprintf("%s/toolchains/", home) : NULL;
	const char *name, *rest;

	if (!dir || !str_starts(exe, dir))
		return NULL;
	name = exe + strlen(dir);
	rest = strchr(name, '/');
	if (!rest || rest == name || strncmp(rest, "/bin/", 5) != 0)
		return NULL;
	return xstrndup(name, (size_t)(rest - name));
}

static void
trim_newlines(struct str *s)
{
	while (s->len > 0 && s->buf[s->len - 1] == '\n')
		str_cut(s, s->len - 1);
}

/* Ask rustup which compiler its proxy would start. */
static int
ask_rustup(const char *rustup, const struct rustc_choice *c, struct rustc *r, struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc p = {.cwd = c->dir, .env = &env, .out = &out, .err_out = &errors};
	int status;

	strv_addl(&argv, rustup, "which", "rustc", NULL);
	if (c->toolchain)
		strv_addl(&argv, "--toolchain", c->toolchain, NULL);
	/* Asking must not install a toolchain, and a backtrace helps nobody. */
	strv_addl(&env, "RUSTUP_AUTO_INSTALL=0", "RUST_BACKTRACE=0", NULL);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return err_hint(e, "install rustup, or name a compiler with --rustc PATH");
	trim_newlines(&out);
	trim_newlines(&errors);
	if (status != 0 || str_text(&out)[0] != '/') {
		err_set(e, ERR_TOOL, "rustup finds no rustc%s%s: %s",
		    c->toolchain ? " in toolchain " : "", c->toolchain ? c->toolchain : "",
		    str_text(&errors));
		return err_hint(
		    e, "see 'rustup toolchain list', or name a compiler with --rustc PATH");
	}
	r->exe = str_take(&out);
	r->toolchain = toolchain_of(r->exe);
	return 0;
}

static int
no_compiler(const char *name, const char *said_by, struct err *e)
{
	err_set(e, ERR_TOOL, "no Rust compiler: %s%s%s%s is not on PATH or not executable", name,
	    said_by ? ", which " : "", said_by ? said_by : "", said_by ? " names," : "");
	return err_hint(e, "install one ('rustup', or 'apt install rustc-web cargo-web "
			   "rust-web-src' on Debian 12), or name it with --rustc PATH");
}

int
rustc_resolve(const struct rustc_choice *c, struct rustc *r, struct err *e)
{
	const char *env = getenv("RUSTC");
	const char *name = c->rustc ? c->rustc : env && *env ? env : "rustc";
	AUTOFREE char *found = NULL;
	AUTOFREE char *path = NULL;
	AUTOFREE char *rustup = NULL;

	if (c->toolchain)
		return ask_rustup("rustup", c, r, e);
	found = fs_which(name);
	if (!found)
		return no_compiler(name, c->rustc || name != env ? NULL : "RUSTC", e);
	path = fs_absolute(found);
	rustup = rustup_of(path);
	if (rustup)
		return ask_rustup(rustup, c, r, e);
	r->toolchain = toolchain_of(path);
	/* A toolchain may be a link to another; its name is what the user knows. */
	r->exe = r->toolchain ? take_ptr(path) : fs_realpath(path, e);
	return r->exe ? 0 : -1;
}

bool
rustc_chosen(const struct rustc_choice *c)
{
	const char *env = getenv("RUSTC");

	return c->rustc || c->toolchain || (env && *env);
}

char *
rustc_flag(const struct rustc *r)
{
	AUTO(strv) words = {0};

	strv_addl(&words, r->toolchain ? "--toolchain" : "--rustc",
	    r->toolchain ? r->toolchain : r->exe, NULL);
	return proc_quote(words.v);
}

char *
rustc_sibling(const struct rustc *r, const char *program)
{
	AUTOFREE char *dir = fs_dirname(r->exe);
	AUTOFREE char *path = xasprintf("%s/%s", dir, program);
	char *found = fs_which(path);

	return found ? found : fs_which(program);
}

static bool
have_sources(const char *root)
{
	AUTOFREE char *library = xasprintf("%s/library/std/Cargo.toml", root);

	return fs_is_file(library);
}

/* Sources that come with a compiler lie in its sysroot. Debian's carry the version
 * they are of, without a channel; rustup's carry nothing and are replaced with the
 * compiler. Returns the version when it is another one, owned by the caller. */
static char *
other_version(const char *root, const char *release)
{
	AUTOFREE char *path = xasprintf("%s/src/version", root);
	AUTO(str) text = {0};
	struct err ignored;
	size_t n;

	if (fs_read(path, 256, &text, &ignored) < 0)
		return NULL;
	n = strcspn(str_text(&text), "\n");
	str_cut(&text, n);
	if (n > 0 && str_starts(release, text.buf) && (release[n] == '\0' || release[n] == '-'))
		return NULL;
	return str_printable(str_text(&text), 64);
}

char *
rustc_source(const struct rustc *r, struct strv *looked)
{
	AUTOFREE char *root = xasprintf("%s/lib/rustlib/src/rust", r->sysroot);
	bool here = have_sources(root);
	AUTOFREE char *other = here ? other_version(root, r->release) : NULL;

	if (here && !other)
		return xasprintf("%s/library", root);
	if (looked && other)
		strv_addf(looked, "%s/library, which has those of '%s'", root, other);
	else if (looked)
		strv_addf(looked, "%s/library", root);
	return NULL;
}

static void
add_if_complete(const char *rustc, const struct rustc *r, struct strv *flags)
{
	AUTOFREE char *exe = fs_which(rustc);
	AUTOFREE char *real = exe ? realpath(exe, NULL) : NULL;
	AUTOFREE char *bin = fs_dirname(real ? real : rustc);
	AUTOFREE char *src = xasprintf("%s/../lib/rustlib/src/rust", bin);
	AUTOFREE char *toolchain = toolchain_of(rustc);
	AUTOFREE char *flag = NULL;
	const struct rustc other = {.exe = real, .toolchain = toolchain};

	if (!real || same_file(real, r->exe) || rustc_is_proxy(exe) || !have_sources(src))
		return;
	flag = rustc_flag(&other);
	if (!strv_has(flags, flag))
		strv_add(flags, flag);
}

void
rustc_others_with_source(const struct rustc *r, struct strv *flags)
{
	AUTOFREE char *home = rustc_rustup_home();
	AUTOFREE char *quoted = home ? fs_glob_quote(home) : NULL;
	AUTOFREE char *pattern = quoted ? xasprintf("%s/toolchains/*/bin/rustc", quoted) : NULL;
	const char *path = getenv("PATH");
	AUTO(strv) places = {0};
	AUTO(strv) dirs = {0};

	if (pattern)
		fs_glob(pattern, &places);
	strv_split(&dirs, path ? path : "", ':');
	strv_add(&dirs, "/usr/bin");
	for (size_t i = 0; i < dirs.n; i++)
		strv_addf(&places, "%s/rustc", dirs.v[i]);
	for (size_t i = 0; i < places.n; i++)
		add_if_complete(places.v[i], r, flags);
}
