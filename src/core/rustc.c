/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/rustc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/rustc_private.h"

/* What tells one build of an executable from the next. */
static char *
stamp_of(const char *exe, struct err *e)
{
	struct stat st;

	if (stat(exe, &st) < 0) {
		err_errno(e, "look at %s", exe);
		return NULL;
	}
	return xasprintf("%s %lld %lld.%09ld %llu", exe, (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (unsigned long long)st.st_ino);
}

/* Run the compiler itself, with one or two arguments (NULL: none) and an optional
 * target, and take what it prints. */
static int
ask(const struct rustc *r, const char *one, const char *two, const char *target, struct str *out,
    struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(strv) env = {0};
	AUTO(str) errors = {0};
	struct proc p = {.env = &env, .out = out, .err_out = &errors};

	strv_add(&argv, r->exe);
	if (one)
		strv_add(&argv, one);
	if (two)
		strv_add(&argv, two);
	if (target)
		strv_addl(&argv, "--target", target, NULL);
	strv_addl(&env, "RUSTC_BOOTSTRAP=1", "LC_ALL=C", NULL);
	p.argv = argv.v;
	return proc_check(&p, e);
}

/* The value of "key: value" in rustc -vV, NULL when it is not there or unknown. */
static char *
field(const char *verbose, const char *key)
{
	AUTOFREE char *start = xasprintf("\n%s: ", key);
	const char *at = strstr(verbose, start);
	char *value;

	if (!at)
		return NULL;
	at += strlen(start);
	value = xstrndup(at, strcspn(at, "\n"));
	if (strcmp(value, "unknown") != 0)
		return value;
	free(value);
	return NULL;
}

/* Fill in what follows from verbose. */
static int
understand(struct rustc *r, struct err *e)
{
	char hex[HASH_HEX + 1];

	r->line = xstrndup(r->verbose, strcspn(r->verbose, "\n"));
	r->release = field(r->verbose, "release");
	r->host = field(r->verbose, "host");
	r->commit = field(r->verbose, "commit-hash");
	if (!str_starts(r->line, "rustc ") || !r->release || !r->host ||
	    !ver_parse(r->release, &r->version) || !str_word(r->release)) {
		AUTOFREE char *said = str_printable(r->verbose, 200);

		err_set(e, ERR_TOOL, "%s is not a Rust compiler: '-vV' printed '%s'", r->exe, said);
		return err_hint(e, "name a compiler with --rustc PATH or --toolchain NAME");
	}
	r->nightly = strstr(r->release, "-nightly") || strstr(r->release, "-dev");
	hash_text(r->verbose, hex);
	r->id = xasprintf("%s-%.8s", r->release, hex);
	return 0;
}

static int
probe(struct rustc *r, struct err *e)
{
	AUTO(str) out = {0};
	AUTO(str) more = {0};
	AUTO(strv) lines = {0};

	if (ask(r, "-vV", NULL, NULL, &out, e) < 0)
		return err_wrap(e, "probe the compiler");
	r->verbose = str_take(&out);
	if (understand(r, e) < 0 ||
	    ask(r, "--print=sysroot", "--print=target-list", NULL, &more, e) < 0)
		return err_wrap(e, "probe the compiler");
	strv_split(&lines, str_text(&more), '\n');
	if (lines.n < 2 || lines.v[0][0] != '/')
		return err_set(e, ERR_TOOL, "%s --print sysroot printed no absolute path", r->exe);
	r->sysroot = xstrdup(lines.v[0]);
	for (size_t i = 1; i < lines.n; i++)
		strv_add(&r->targets, lines.v[i]);
	return 0;
}

static char *
probe_file(const struct rustc *r)
{
	return xasprintf("%s/probe.json", r->cache);
}

/* Take the answers from the cache; false when it has none for this very file. */
static bool
recall(struct rustc *r, const char *stamp)
{
	AUTOFREE char *path = probe_file(r);
	struct err ignored;
	AUTOJS struct js *j = js_load(path, &ignored);
	const char *verbose = js_get_text(j, "verbose"), *sysroot = js_get_text(j, "sysroot");
	struct js *targets = js_get(j, "targets");

	if (!str_eq(js_get_text(j, "stamp"), stamp) || !verbose || !sysroot || *sysroot != '/' ||
	    js_len(targets) == 0)
		return false;
	r->verbose = xstrdup(verbose);
	r->sysroot = xstrdup(sysroot);
	for (size_t i = 0; i < js_len(targets); i++)
		if (js_text(js_at(targets, i)))
			strv_add(&r->targets, js_text(js_at(targets, i)));
	return understand(r, &ignored) == 0;
}

/* Keep the answers. A cache that cannot be written costs time, nothing else. */
static void
remember(const struct rustc *r, const char *stamp)
{
	AUTOFREE char *path = probe_file(r);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *j = js_obj();
	struct js *targets = js_arr();
	struct err ignored;

	js_set(j, "stamp", js_str(stamp));
	js_set(j, "verbose", js_str(r->verbose));
	js_set(j, "sysroot", js_str(r->sysroot));
	for (size_t i = 0; i < r->targets.n; i++)
		js_push(targets, js_str(r->targets.v[i]));
	js_set(j, "targets", targets);
	text = js_pretty(j);
	/* Everything else in there was said by the executable that was here before. */
	fs_remove(r->cache, &ignored);
	if (fs_mkdirs(r->cache, &ignored) == 0)
		fs_write(path, text, strlen(text), 0666, &ignored);
}

int
rustc_find(const struct rustc_choice *c, const char *cache, struct rustc *r, struct err *e)
{
	AUTO(rustc) found = {0};
	AUTOFREE char *stamp = NULL;
	char hex[HASH_HEX + 1];

	if (rustc_resolve(c, &found, e) < 0)
		return -1;
	stamp = stamp_of(found.exe, e);
	if (!stamp)
		return -1;
	hash_text(found.exe, hex);
	found.cache = xasprintf("%s/rustc/%.16s", cache, hex);
	if (!recall(&found, stamp)) {
		AUTO(rustc)
		fresh = {.exe = take_ptr(found.exe),
		    .toolchain = take_ptr(found.toolchain),
		    .cache = take_ptr(found.cache)};

		if (probe(&fresh, e) < 0)
			return -1;
		remember(&fresh, stamp);
		*r = fresh;
		fresh = (struct rustc){0};
		return 0;
	}
	*r = found;
	found = (struct rustc){0};
	return 0;
}

void
rustc_free(struct rustc *r)
{
	free(r->exe);
	free(r->toolchain);
	free(r->verbose);
	free(r->line);
	free(r->release);
	free(r->commit);
	free(r->host);
	free(r->sysroot);
	free(r->id);
	free(r->cache);
	strv_free(&r->targets);
	*r = (struct rustc){0};
}

int
rustc_builtin_spec(const struct rustc *r, const char *target, struct js **out, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/spec-%s.json", r->cache, target);
	AUTOJS struct js *spec = NULL;
	AUTO(str) text = {0};
	struct err ignored;

	*out = js_load(path, &ignored);
	if (js_is_obj(*out) && js_len(*out) > 0)
		return 0;
	js_free(*out);
	*out = NULL;
	if (ask(r, "-Zunstable-options", "--print=target-spec-json", target, &text, e) < 0)
		return err_wrap(e, "ask the compiler for its spec of %s", target);
	spec = js_parse("rustc --print target-spec-json", str_text(&text), text.len, e);
	if (!spec || !js_is_obj(spec)) {
		AUTOFREE char *said = str_printable(str_text(&text), 200);

		return err_set(
		    e, ERR_TOOL, "%s printed no spec of %s but '%s'", r->exe, target, said);
	}
	*out = take_ptr(spec);
	fs_write(path, text.buf, text.len, 0666, &ignored);
	return 0;
}

/* A directory for a moment: beside the cache of this compiler, which another run may
 * be about to replace, or where that cannot be written in TMPDIR. */
static char *
scratch(const struct rustc *r, struct err *e)
{
	AUTOFREE char *parent = fs_dirname(r->cache);
	const char *tmp = getenv("TMPDIR");
	char *dir = fs_stage(parent, e);

	return dir ? dir : fs_stage(tmp && *tmp ? tmp : "/tmp", e);
}

/* Put the spec into a file of its own and let the compiler print what it means, with
 * or without the unstable option. */
static int
try_spec(const struct rustc *r, const char *target, const char *text, bool unstable, struct err *e)
{
	AUTOFREE char *dir = scratch(r, e);
	AUTOFREE char *path = dir ? xasprintf("%s/%s.json", dir, target) : NULL;
	AUTO(str) out = {0};
	struct err ignored;
	int rc = -1;

	if (path && fs_write(path, text, strlen(text), 0666, e) == 0) {
		rc = ask(r, unstable ? "-Zunstable-options" : NULL, "--print=cfg", path, &out, e);
		if (rc < 0 && e->cls == ERR_TOOL)
			err_wrap(e, "%s refuses the spec of %s", r->line, target);
	}
	if (dir)
		fs_remove(dir, &ignored);
	return rc;
}

int
rustc_load_spec(const struct rustc *r, const char *target, const struct js *spec, struct err *e)
{
	AUTOJS struct js *named = js_copy(spec);
	AUTOFREE char *text = js_pretty(spec);
	AUTOFREE char *what = NULL;
	AUTOFREE char *mark = NULL;
	char hex[HASH_HEX + 1];
	struct err ignored;

	/* Which combination it is changes nothing for the compiler. */
	js_del(named, "link-env");
	what = js_pretty(named);
	hash_text(what, hex);
	mark = xasprintf("%s/loaded-%s", r->cache, hex);
	if (fs_exists(mark))
		return 0;
	if (try_spec(r, target, text, true, e) < 0)
		return -1;
	fs_write(mark, "", 0, 0666, &ignored);
	return 0;
}

int
rustc_spec_gated(
    const struct rustc *r, const char *target, const struct js *spec, bool *gated, struct err *e)
{
	AUTOFREE char *text = js_pretty(spec);
	AUTOFREE char *open = xasprintf("%s/specs-open", r->cache);
	AUTOFREE char *closed = xasprintf("%s/specs-gated", r->cache);
	struct err ignored;
	bool was = fs_exists(closed);

	*gated = was;
	if (was || fs_exists(open))
		return 0;
	if (try_spec(r, target, text, false, e) < 0) {
		if (e->cls != ERR_TOOL)
			return -1;
		*gated = true;
	}
	fs_write(*gated ? closed : open, "", 0, 0666, &ignored);
	return 0;
}
