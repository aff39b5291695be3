/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/hostkit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/kit.h"
#include "core/matrix.h"

/* The files of the two directories that the link needs. */
static const char *const libc_files[] = {"crt1.o", "crti.o", "crtn.o", "libc.a"};
static const char *const libgcc_files[] = {"libgcc.a", "libgcc_eh.a"};

/* What libgcc's unwinder calls through weak references (gcc: libgcc/gthr-posix.h):
 * it takes the presence of one for that of all, but a weak reference fetches nothing
 * from an archive, so that the ones not fetched otherwise would be called at 0. */
static const char *const weakly_wanted[] = {"__pthread_key_create", "pthread_getspecific",
    "pthread_key_create", "pthread_mutex_lock", "pthread_mutex_unlock", "pthread_once",
    "pthread_setspecific"};

/* What the machine offers: everything owned. */
struct parts {
	char *libc, *libgcc; /* directories */
	char *as;
};

static void
parts_free(struct parts *p)
{
	free(p->libc);
	free(p->libgcc);
	free(p->as);
}

static int
by_version(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static bool
has_all(const char *dir, const char *const *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files[i]);

		if (!fs_is_file(path))
			return false;
	}
	return true;
}

/* The first directory matching one of the patterns that has all the files; of a
 * pattern's matches the one with the highest version. */
static char *
find_dir(const struct matrix_names *patterns, const char *const *files, size_t n_files)
{
	for (size_t i = 0; i < patterns->n; i++) {
		AUTO(strv) dirs = {0};

		fs_glob(patterns->v[i], &dirs);
		if (dirs.n > 1)
			qsort(dirs.v, dirs.n, sizeof(*dirs.v), by_version);
		for (size_t k = dirs.n; k-- > 0;)
			if (has_all(dirs.v[k], files, n_files))
				return xstrdup(dirs.v[k]);
	}
	return NULL;
}

static char *
find_program(const struct matrix_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		char *path = fs_which(names->v[i]);

		if (path)
			return path;
	}
	return NULL;
}

static void
complain(struct str *out, const char *what, const struct matrix_names *places)
{
	str_addf(out, "%s%s (looked in", out->len ? "; no " : "no ", what);
	for (size_t i = 0; i < places->n; i++)
		str_addf(out, "%s %s", i ? "," : "", places->v[i]);
	str_addc(out, ')');
}

static int
find_parts(const struct matrix_combo *c, struct parts *p, struct err *e)
{
	const struct matrix_libc *row = matrix_libc(c);
	AUTOFREE char *ld = find_program(&c->arch->ld);
	AUTO(str) missing = {0};

	p->libc = find_dir(&row->libc, libc_files, ARRAY_LEN(libc_files));
	p->libgcc = find_dir(&row->libgcc, libgcc_files, ARRAY_LEN(libgcc_files));
	p->as = find_program(&row->as);
	if (!p->libc)
		complain(&missing, "static musl", &row->libc);
	if (!p->libgcc)
		complain(&missing, "libgcc_eh.a", &row->libgcc);
	if (!p->as)
		complain(&missing, "assembler", &row->as);
	if (!ld)
		complain(&missing, "GNU ld", &c->arch->ld);
	if (missing.len == 0)
		return 0;
	err_set(e, ERR_FAIL, "the kit of %s %s is made from this machine's C library: %s",
	    c->arch->name, c->plat->name, missing.buf);
	return err_hint(
	    e, "install what is missing, on Debian and Ubuntu: 'apt install %s'", row->package);
}

int
hostkit_check(const struct matrix_combo *c, struct err *e)
{
	AUTO(parts) p = {0};

	return find_parts(c, &p, e);
}

static char *
state_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	return xasprintf("%lld %lld.%09ld %llu", (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (unsigned long long)st.st_ino);
}

/* <kit>/sources.json says which files, in which state, the kit was made from. */
static bool
sources_same(const char *kit)
{
	AUTOFREE char *path = xasprintf("%s/sources.json", kit);
	struct err ignored;
	AUTOJS struct js *j = js_load(path, &ignored);

	for (void *it = js_first(j); it; it = js_next(j, it)) {
		AUTOFREE char *now = state_of(js_key(it));

		if (!now || !str_eq(now, js_text(js_value(it))))
			return false;
	}
	return js_is_obj(j) && js_len(j) > 0;
}

/* What kit.conf says; it depends on the combination alone. */
static char *
conf_text(const struct matrix_combo *c)
{
	AUTO(kit) k = {.machine = c->arch->machine};

	k.arch = xstrdup(c->arch->name);
	k.plat = xstrdup(c->plat->name);
	k.target = xstrdup(c->arch->target);
	for (size_t i = 0; i < ARRAY_LEN(weakly_wanted); i++)
		strv_addf(&k.args, "--undefined=%s", weakly_wanted[i]);
	strv_addl(&k.args, "-m", matrix_libc(c)->emulation, "-static", "--eh-frame-hdr",
	    "--build-id=none", "-z", "noexecstack", "{strip}", "{kit}/crt1.o", "{kit}/crti.o",
	    "{inputs}", "--start-group", "{kit}/libc.a", "{kit}/libgcc_eh.a", "{kit}/libgcc.a",
	    "{kit}/glue.o", "--end-group", "{kit}/crtn.o", "-o", "{output}", NULL);
	return kit_text(&k);
}

/* Whether the kit is whole and says what we would write today. */
static bool
conf_same(const struct matrix_combo *c, const char *kit)
{
	static const char *const glue[] = {"glue.o"};
	AUTOFREE char *path = xasprintf("%s/kit.conf", kit);
	AUTOFREE char *text = conf_text(c);
	AUTO(str) there = {0};
	struct err ignored;

	return has_all(kit, libc_files, ARRAY_LEN(libc_files)) &&
	       has_all(kit, libgcc_files, ARRAY_LEN(libgcc_files)) && has_all(kit, glue, 1) &&
	       fs_read(path, strlen(text), &there, &ignored) == 0 &&
	       strcmp(str_text(&there), text) == 0;
}

char *
hostkit_current(const struct matrix_combo *c, const char *data_home)
{
	AUTOFREE char *parent = xasprintf("%s/kits/%s", data_home, c->id);
	AUTO(strv) names = {0};
	struct err ignored;

	if (fs_list(parent, &names, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", parent, names.v[i]);

		if (names.v[i][0] != '.' && sources_same(dir) && conf_same(c, dir))
			return take_ptr(dir);
	}
	return NULL;
}

static int
take_files(const char *from, const char *const *names, size_t n, const char *stage,
    struct js *sources, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", from, names[i]);
		AUTOFREE char *copy = xasprintf("%s/%s", stage, names[i]);
		AUTOFREE char *state = state_of(path);

		if (fs_copy(path, copy, e) < 0)
			return -1;
		js_set(sources, path, js_str(state));
	}
	return 0;
}

static int
assemble(const struct matrix_combo *c, const struct parts *p, const char *share, const char *stage,
    struct js *sources, struct err *e)
{
	AUTOFREE char *source = xasprintf("%s/templates/host/glue-%s.s", share, c->arch->name);
	AUTOFREE char *object = xasprintf("%s/glue.o", stage);
	AUTOFREE char *state = state_of(source);
	AUTO(strv) argv = {0};
	AUTO(str) errors = {0};
	struct proc run = {.err_out = &errors};

	strv_addl(&argv, p->as, "-o", object, source, NULL);
	run.argv = argv.v;
	js_set(sources, source, js_str(state));
	return proc_check(&run, e);
}

static int
write_kit(const struct matrix_combo *c, const char *stage, const struct js *sources, struct err *e)
{
	AUTOFREE char *conf = xasprintf("%s/kit.conf", stage);
	AUTOFREE char *list = xasprintf("%s/sources.json", stage);
	AUTOFREE char *listed = js_pretty(sources);
	AUTOFREE char *text = conf_text(c);

	if (fs_write(list, listed, strlen(listed), 0666, e) < 0)
		return -1;
	return fs_write(conf, text, strlen(text), 0666, e);
}

/* The kit's id: its files, and by sources.json where they are from. */
static int
content_id(const char *stage, char id[17], struct err *e)
{
	AUTO(strv) names = {0};
	struct hash *h;
	char hex[HASH_HEX + 1];

	if (fs_list(stage, &names, e) < 0)
		return -1;
	h = hash_new();
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", stage, names.v[i]);

		if (hash_file(path, hex, e) < 0) {
			hash_end(h, hex);
			return -1;
		}
		hash_field(h, names.v[i], hex);
	}
	hash_end(h, hex);
	memcpy(id, hex, 16);
	id[16] = '\0';
	return 0;
}

static int
fill(const struct matrix_combo *c, const struct parts *p, const char *share, const char *stage,
    struct err *e)
{
	AUTOJS struct js *sources = js_obj();

	if (take_files(p->libc, libc_files, ARRAY_LEN(libc_files), stage, sources, e) < 0 ||
	    take_files(p->libgcc, libgcc_files, ARRAY_LEN(libgcc_files), stage, sources, e) < 0 ||
	    assemble(c, p, share, stage, sources, e) < 0)
		return -1;
	return write_kit(c, stage, sources, e);
}

char *
hostkit_make(const struct matrix_combo *c, const char *data_home, const char *share, struct err *e)
{
	AUTOFREE char *parent = xasprintf("%s/kits/%s", data_home, c->id);
	AUTOFREE char *stage = NULL;
	AUTOFREE char *dir = NULL;
	AUTO(parts) p = {0};
	struct err ignored;
	char id[17];

	if (find_parts(c, &p, e) < 0)
		return NULL;
	fs_sweep(parent);
	stage = fs_stage(parent, e);
	if (!stage)
		return NULL;
	if (fill(c, &p, share, stage, e) == 0 && content_id(stage, id, e) == 0) {
		dir = xasprintf("%s/%s", parent, id);
		if (fs_publish(stage, dir, e) == 0)
			return take_ptr(dir);
	}
	fs_remove(stage, &ignored);
	err_wrap(e, "make the kit of %s %s", c->arch->name, c->plat->name);
	return NULL;
}
