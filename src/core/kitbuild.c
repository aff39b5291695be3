/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kitbuild.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/home.h"
#include "core/kitbuild_private.h"
#include "core/kitdebug.h"
#include "core/kitstore.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/share.h"

enum { MAX_LOG = 256 << 20, SHOWN_LINES = 12 };

static void
job_free(struct kitbuild_job *j)
{
	free(j->work);
	free(j->app);
	free(j->build);
	free(j->log);
	free(j->stage);
	free(j->debug);
	free(j->link_dbg);
	free(j->image);
	free(j->boots);
}

/* make separates words at blanks, and Unikraft L= at colons. */
static int
check_path(const char *what, const char *path, struct err *e)
{
	const char *bad = strpbrk(path, " \t\n:#$%\\'\"");

	if (!bad)
		return 0;
	return err_set(e, ERR_USAGE,
	    "%s is %s: Unikraft's build cannot work in a path with '%c' in it", what, path, *bad);
}

static int
check_tree(const char *what, const char *dir, const char *file, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, file);

	if (check_path(what, dir, e) < 0)
		return -1;
	if (fs_is_file(path))
		return 0;
	return err_set(e, ERR_INPUT, "%s: there is no %s in it, so it is not %s", dir, file, what);
}

static int
check_input(const struct kitbuild *b, struct err *e)
{
	if (check_tree("Unikraft's source tree", b->unikraft, "version.mk", e) < 0 ||
	    check_path("the cache", b->home->cache, e) < 0 ||
	    check_path("the folder of kraft-rust's files", b->share, e) < 0)
		return -1;
	for (size_t i = 0; i < b->libs->n; i++)
		if (check_tree("a library's source tree", b->libs->v[i], "Makefile.uk", e) < 0)
			return -1;
	return 0;
}

static int
write_text(const char *dir, const char *name, const char *text, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);

	return fs_write(path, text, strlen(text), 0666, e);
}

/* The archives that the libraries' rules would download, where those look first. */
static int
place_archives(const struct kitbuild_job *j, struct err *e)
{
	AUTO(strv) libs = {0};

	if (!j->b->archives)
		return 0;
	if (!fs_is_dir(j->b->archives))
		return err_set(e, ERR_INPUT, "%s: is not a folder", j->b->archives);
	if (fs_list(j->b->archives, &libs, e) < 0)
		return -1;
	for (size_t i = 0; i < libs.n; i++) {
		AUTOFREE char *from = xasprintf("%s/%s", j->b->archives, libs.v[i]);
		AUTOFREE char *to = xasprintf("%s/%s", j->build, libs.v[i]);
		AUTO(strv) files = {0};

		if (!fs_is_dir(from))
			continue;
		if (fs_list(from, &files, e) < 0 || fs_mkdirs(to, e) < 0)
			return -1;
		for (size_t k = 0; k < files.n; k++) {
			AUTOFREE char *file = xasprintf("%s/%s", from, files.v[k]);
			AUTOFREE char *copy = xasprintf("%s/%s", to, files.v[k]);

			if (fs_is_file(file) && fs_copy(file, copy, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* The application: its object is where programs go. */
static int
write_app(const struct kitbuild_job *j, struct err *e)
{
	static const char makefile[] = "$(eval $(call addlib," KITBUILD_APP "))\n"
				       "APPKRAFTRUST_SRCS-y += $(APPKRAFTRUST_BASE)/main.c\n";
	static const char main_c[] = "int main(void)\n{\n\treturn 0;\n}\n";

	if (fs_mkdirs(j->app, e) < 0 || fs_mkdirs(j->build, e) < 0)
		return -1;
	if (write_text(j->app, "Makefile.uk", makefile, e) < 0)
		return -1;
	return write_text(j->app, "main.c", main_c, e);
}

/* Nothing that the user's own builds are told by the environment may reach this one.
 * The programs that Unikraft's rules download with ask a proxy when they are told of one;
 * at port 9, discard, of this machine there is none. */
static void
make_env(bool offline, struct strv *env)
{
	static const char *const nowhere[] = {"http_proxy=http://127.0.0.1:9",
	    "https_proxy=http://127.0.0.1:9", "ftp_proxy=http://127.0.0.1:9", "no_proxy",
	    "NO_PROXY"};
	static const char *const names[] = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
	    "MAKEFILES", "CARGO_MAKEFLAGS", "LD_LIBRARY_PATH", "ARCH", "CFLAGS", "CXXFLAGS",
	    "CPPFLAGS", "LDFLAGS", "KCONFIG_CONFIG", "UK_CONFIG", "UK_LDFLAGS", "UK_LDEPS",
	    "UK_CFLAGS", "UK_ASFLAGS", "UK_CXXFLAGS", "UK_DEFCONFIG", "A", "C", "L", "O", "P", "Q",
	    "V"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		strv_add(env, names[i]);
	for (size_t i = 0; offline && i < ARRAY_LEN(nowhere); i++)
		strv_add(env, nowhere[i]);
	strv_add(env, "LC_ALL=C");
}

struct watch {
	const struct kitbuild_job *j;
	int log;
	size_t done, total;
};

/* Each line goes to the log. Unikraft says which objects there will be before it makes
 * the first one. */
static int
on_line(void *ctx, char *line, size_t len, struct err *e)
{
	static const char rule[] = "Installing rule:", object[] = ".o.cmd";
	struct watch *w = ctx;
	AUTOFREE char *text = xasprintf("%s\n", line);

	for (size_t done = 0; done <= len;) {
		ssize_t n = write(w->log, text + done, len + 1 - done);

		if (n < 0)
			return err_errno(e, "write %s", w->j->log);
		done += (size_t)n;
	}
	if (str_starts(line, rule) && str_ends(line, ".o "))
		w->total++;
	if (!str_ends(line, object) || strstr(line, "fixdep"))
		return 0;
	w->done++;
	if (w->done <= w->total && (w->done % 100 == 0 || w->done == w->total))
		w->j->b->progress->unit(w->j->b->progress->ctx, "objects", w->done, w->total);
	return 0;
}

static bool
tells_why(const char *line)
{
	static const char *const signs[] = {"error:", "Error ", "*** ", "undefined reference",
	    "not found", "No such file", "cannot ", "unable to", "failed", "FAILED "};

	if (strstr(line, ": update target '") || str_starts(line, "Installing rule:"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

static int
explain(const struct kitbuild_job *j, const char *goal, int status, struct err *e)
{
	AUTO(str) text = {0}, shown = {0};
	AUTO(strv) lines = {0};
	struct err ignored = {0};
	size_t n = 0;

	fs_read(j->log, MAX_LOG, &text, &ignored);
	strv_split(&lines, str_text(&text), '\n');
	for (size_t i = 0; i < lines.n && n < SHOWN_LINES; i++) {
		AUTOFREE char *line = NULL;

		if (!tells_why(lines.v[i]))
			continue;
		line = str_printable(lines.v[i], 300);
		str_addf(&shown, "\n    %s", line);
		n++;
	}
	err_set(e, ERR_TOOL, "Unikraft's build ('make %s' in %s) ended with status %d%s", goal,
	    j->b->unikraft, status, str_text(&shown));
	if (strstr(str_text(&text), "wget") || strstr(str_text(&text), "WGET"))
		err_hint(e, "archives that it cannot download can be given: --archives DIR, with "
			    "DIR/LIBRARY/FILE (libmusl/musl-1.2.3.tar.gz)");
	return err_hint(e, "the whole log is in %s", j->log);
}

/* One run of Unikraft's build. */
static int
make(const struct kitbuild_job *j, const char *goal, const char *more, struct err *e)
{
	AUTOFD int log = open(j->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	AUTOFREE char *share_lib = share_librust(j->b->share);
	AUTOFREE char *libs = strv_join(j->b->libs, ":");
	struct watch w = {.j = j, .log = log};
	AUTO(strv) argv = {0}, env = {0};
	struct proc p = {.env = &env, .on_line = on_line, .ctx = &w, .err_fd = log};
	int status;

	if (log < 0)
		return err_errno(e, "write %s", j->log);
	strv_addl(&argv, "make", "--trace", "V=1", "-C", j->b->unikraft, NULL);
	strv_addf(&argv, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	strv_addf(&argv, "A=%s", j->app);
	strv_addf(&argv, "O=%s", j->build);
	strv_addf(&argv, "L=%s%s%s", libs, *libs ? ":" : "", share_lib);
	if (more)
		strv_add(&argv, more);
	strv_add(&argv, goal);
	make_env(j->b->offline, &env);
	p.argv = argv.v;
	if (proc_run(&p, &status, e) < 0)
		return -1;
	return status ? explain(j, goal, status, e) : 0;
}

static int
build(const struct kitbuild_job *j, struct err *e)
{
	AUTOFREE char *config = xasprintf("%s/defconfig", j->work);
	AUTOFREE char *option = xasprintf("UK_DEFCONFIG=%s", config);
	AUTOFREE char *made = xasprintf("%s/.config", j->app);

	if (write_app(j, e) < 0 || kitbuild_configure(j, config, e) < 0 || place_archives(j, e) < 0)
		return -1;
	if (fs_write(j->log, "", 0, 0666, e) < 0 || make(j, "defconfig", option, e) < 0 ||
	    kitbuild_check_config(j, made, e) < 0)
		return -1;
	return make(j, "all", NULL, e);
}

/* objcopy of the same binutils as the combination's ld. NULL: not there. */
static char *
find_objcopy(const struct matrix_combo *c)
{
	for (size_t i = 0; i < c->arch->ld.n; i++) {
		const char *ld = c->arch->ld.v[i];
		AUTOFREE char *name = NULL;
		char *path;

		if (!str_ends(ld, "ld"))
			continue;
		name = xasprintf("%.*sobjcopy", (int)(strlen(ld) - 2), ld);
		path = fs_which(name);
		if (path)
			return path;
	}
	return NULL;
}

static int
copy_stripped(const struct kitbuild_job *j, const char *from, const char *to, struct err *e)
{
	AUTOFREE char *objcopy = find_objcopy(j->b->combo);
	AUTO(strv) argv = {0};
	AUTO(str) said = {0};
	struct proc p = {.err_out = &said};

	if (!objcopy)
		return err_set(
		    e, ERR_TOOL, "there is no objcopy beside %s", j->b->combo->arch->ld.v[0]);
	strv_addl(
	    &argv, objcopy, "--strip-debug", "--enable-deterministic-archives", from, to, NULL);
	p.argv = argv.v;
	return proc_check(&p, e);
}

/* An object with debug information goes into the separate part as it is, under the name
 * that it has in the kit. */
static int
keep_debug(const struct kitbuild_job *j, const char *path, const char *stripped, const char *in_kit,
    struct err *e)
{
	AUTOFREE char *copy = xasprintf("%s/%s", j->debug, in_kit);
	AUTOFREE char *parent = fs_dirname(copy);
	struct stat whole, less;

	if (!str_ends(path, ".o") || stat(path, &whole) < 0 || stat(stripped, &less) < 0 ||
	    whole.st_size == less.st_size)
		return 0;
	return fs_mkdirs(parent, e) < 0 ? -1 : fs_copy(path, copy, e);
}

char *
kitbuild_take_file(
    struct kitbuild_job *j, const char *path, const char *dir, bool object, struct err *e)
{
	AUTOFREE char *parent = xasprintf("%s/%s", j->stage, dir);
	AUTOFREE char *in_kit = xasprintf("%s/%s", dir, fs_basename(path));
	AUTOFREE char *copy = xasprintf("%s/%s", j->stage, in_kit);

	if (!fs_is_file(path)) {
		err_set(e, ERR_FAIL, "the build's commands name %s, which is not there", path);
		return NULL;
	}
	j->files++;
	if (fs_exists(copy)) {
		mem_free_ptr(&in_kit);
		mem_free_ptr(&copy);
		in_kit = xasprintf("%s/%zu-%s", dir, j->files, fs_basename(path));
		copy = xasprintf("%s/%s", j->stage, in_kit);
	}
	if (fs_mkdirs(parent, e) < 0 ||
	    (object ? copy_stripped(j, path, copy, e) : fs_copy(path, copy, e)) < 0)
		return NULL;
	if (object && keep_debug(j, path, copy, in_kit, e) < 0)
		return NULL;
	return xasprintf("{kit}/%s", in_kit);
}

/* UK_VERSION . UK_SUBVERSION . UK_EXTRAVERSION, from version.mk. */
static char *
unikraft_version(const struct kitbuild *b)
{
	static const char *const names[] = {"UK_VERSION", "UK_SUBVERSION", "UK_EXTRAVERSION"};
	AUTOFREE char *path = xasprintf("%s/version.mk", b->unikraft);
	AUTO(str) text = {0}, version = {0};
	AUTO(strv) lines = {0};
	struct err ignored = {0};

	fs_read(path, 1 << 16, &text, &ignored);
	strv_split(&lines, str_text(&text), '\n');
	for (size_t n = 0; n < ARRAY_LEN(names); n++) {
		for (size_t i = 0; i < lines.n; i++) {
			size_t len = strlen(names[n]);
			const char *value = lines.v[i] + len;

			if (!str_starts(lines.v[i], names[n]) || !strchr(" =", *value))
				continue;
			value += strspn(value, " =.");
			if (*value)
				str_addf(&version, "%s%s", version.len ? "." : "", value);
		}
	}
	return str_take(&version);
}

/* What the kit is made from, for "kit show". */
static int
describe(const struct kitbuild_job *j, struct err *e)
{
	AUTOFREE char *version = unikraft_version(j->b);
	AUTOFREE char *config = xasprintf("%s/.config", j->app);
	AUTOFREE char *config_copy = xasprintf("%s/config", j->stage);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *o = js_obj();
	struct js *libs = js_arr(), *presets = js_arr();

	for (size_t i = 0; i < j->b->libs->n; i++)
		js_push(libs, js_str(fs_basename(j->b->libs->v[i])));
	js_push(presets, js_str("base"));
	for (size_t i = 0; i < j->b->presets->n; i++)
		js_push(presets, js_str(j->b->presets->v[i]));
	js_set(o, "unikraft", js_str(version));
	js_set(o, "libraries", libs);
	js_set(o, "presets", presets);
	js_set(o, "kconfig", js_bool(j->b->kconfig != NULL));
	text = js_pretty(o);
	if (write_text(j->stage, "kit.json", text, e) < 0)
		return -1;
	return fs_copy(config, config_copy, e);
}

static int
extract(struct kitbuild_job *j, struct err *e)
{
	const struct matrix_combo *c = j->b->combo;
	struct recipes ran __attribute__((cleanup(recipes_free))) = {0};
	AUTO(kit) k = {.machine = c->arch->machine};
	AUTOFREE char *text = NULL;
	AUTO(str) log = {0};
	size_t link = 0;

	k.arch = xstrdup(c->arch->name);
	k.plat = xstrdup(c->plat->name);
	k.target = xstrdup(c->arch->target);
	if (fs_read(j->log, MAX_LOG, &log, e) < 0 || recipe_read(str_text(&log), &ran, e) < 0)
		return -1;
	if (kitbuild_take_link(j, &ran, &k, &link, e) < 0 ||
	    kitbuild_take_steps(j, &ran, link, &k, e) < 0 || describe(j, e) < 0)
		return -1;
	text = kit_text(&k);
	return write_text(j->stage, "kit.conf", text, e);
}

static char *
build_and_store(struct kitbuild_job *j, struct err *e)
{
	const struct kitbuild *b = j->b;
	AUTOFREE char *kit = NULL;

	progress_step(
	    b->progress, "building Unikraft for %s %s", b->combo->arch->name, b->combo->plat->name);
	if (build(j, e) < 0)
		return NULL;
	progress_step(b->progress, "taking the kit out of the build");
	if (fs_mkdirs(j->stage, e) < 0 || extract(j, e) < 0)
		return NULL;
	kit = kitstore_add(b->home->data, b->combo, j->stage, progress_waiting, b->progress, e);
	if (kit && fs_is_dir(j->debug) &&
	    kitdebug_add(b->home->data, kit, j->debug, progress_waiting, b->progress, e) < 0)
		return NULL;
	return take_ptr(kit);
}

char *
kitbuild_run(const struct kitbuild *b, struct err *e)
{
	AUTOFREE char *logs = xasprintf("%s/logs", b->home->cache);
	AUTOFREE char *lock = xasprintf("%s/unikraft/%s.lock", b->home->cache, b->combo->id);
	struct kitbuild_job j __attribute__((cleanup(job_free))) = {.b = b};
	struct err ignored = {0};
	AUTOFD int held = -1;
	char *kit;

	/* The same place each time: it is in the objects, and so in the kit's id. */
	j.work = xasprintf("%s/unikraft/%s", b->home->cache, b->combo->id);
	j.app = xasprintf("%s/app", j.work);
	j.build = xasprintf("%s/build", j.work);
	j.stage = xasprintf("%s/kit", j.work);
	j.debug = xasprintf("%s/debug", j.work);
	j.log = xasprintf("%s/kit-%s.log", logs, b->combo->id);
	if (check_input(b, e) < 0 || fs_mkdirs(logs, e) < 0 ||
	    fs_lock(lock, progress_waiting, b->progress, &held, e) < 0 || fs_remove(j.work, e) < 0)
		return NULL;
	kit = build_and_store(&j, e);
	/* After a failure there is something to look at; the next run starts anew. */
	if (kit)
		fs_remove(j.work, &ignored);
	else
		err_wrap(e, "build the kit of %s %s", b->combo->arch->name, b->combo->plat->name);
	return kit;
}
