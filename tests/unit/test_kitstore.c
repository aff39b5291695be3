/* SPDX-License-Identifier: BSD-3-Clause */
/* The store of kits, and what a kit from elsewhere may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/kitcheck.h"
#include "core/kitstore.h"
#include "core/matrix.h"
#include "core/wrapconf.h"
#include "core/wrapgen.h"
#include "support.h"

static const char *ld_names[] = {"ld"};
static struct matrix_arch arch = {.name = "x86_64",
    .kraft = "x86_64",
    .target = "x86_64-unikraft-linux-musl",
    .machine = 62,
    .ld = {.v = ld_names, .n = 1}};
static struct matrix_plat plat = {.name = "qemu", .kraft = "qemu"};
static struct matrix_combo combo = {.arch = &arch, .plat = &plat, .id = "qemu-x86_64"};
static struct matrix_combo *combos[] = {&combo};
static const struct matrix matrix = {.combos = combos, .n_combos = 1};

#define HEAD \
	"format = 1\narchitecture = x86_64\nplatform = qemu\nmachine = 62\n" \
	"target = x86_64-unikraft-linux-musl\n"
#define GOOD HEAD "arg = -o\narg = {output}\narg = {kit}/objects/k.o\narg = {inputs}\n"

static void
never_waits(const void *ctx)
{
	(void)ctx;
	fail_msg("nobody else has the lock");
}

static void
stage(const char *dir, const char *conf)
{
	put(dir, "stage/kit.conf", conf);
	put(dir, "stage/objects/k.o", "object");
}

/* Stage a kit of that text and store it. NULL on failure. */
static char *
add(const char *dir, const char *conf, struct err *e)
{
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *from = join(dir, "stage");

	stage(dir, conf);
	return kitstore_add(home, &combo, from, never_waits, NULL, e);
}

/* The kit that the wrapper config names, owned by the caller. */
static char *
in_use(const char *dir)
{
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *path = wrapgen_path(home, &combo);
	AUTO(wrapconf) conf = {0};
	struct err e = {0};

	assert_ok(wrapconf_load(path, &conf, &e), &e);
	return xstrdup(conf.kit);
}

static void
stores_by_content(void **state)
{
	const char *dir = *state;
	struct err e = {0};
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *first = add(dir, GOOD, &e);
	AUTOFREE char *again = NULL;
	AUTOFREE char *other = NULL;
	AUTOFREE char *used = NULL;
	struct kitstore_list l __attribute__((cleanup(kitstore_list_free))) = {0};

	assert_non_null(first);
	assert_file(first, "objects/k.o", "object");
	assert_int_equal(strlen(fs_basename(first)), KIT_ID_LEN);
	other = add(dir, GOOD "step = strip\n", &e);
	assert_non_null(other);
	assert_string_not_equal(first, other);
	used = in_use(dir);
	assert_string_equal(used, other);
	assert_ok(kitstore_list(home, &matrix, &l, &e), &e);
	assert_int_equal(l.n, 2);
	for (size_t i = 0; i < l.n; i++) {
		assert_int_equal(l.v[i].used, strcmp(l.v[i].dir, other) == 0);
		assert_false(l.v[i].broken);
	}
	again = add(dir, GOOD, &e);
	assert_string_equal(again, first);
	mem_free_ptr(&used);
	used = in_use(dir);
	assert_string_equal(used, first);
}

/* One that is whole stays the very files it was; one that is not is made good. */
static void
keeps_and_mends(void **state)
{
	const char *dir = *state;
	struct err e = {0};
	AUTOFREE char *kit = add(dir, GOOD, &e);
	AUTOFREE char *object = join(kit, "objects/k.o");
	AUTOFREE char *again = NULL;
	AUTOFREE char *mended = NULL;
	struct stat before, after;

	assert_int_equal(stat(object, &before), 0);
	again = add(dir, GOOD, &e);
	assert_string_equal(again, kit);
	assert_int_equal(stat(object, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	put(kit, "objects/k.o", "damaged");
	put(kit, "objects/more.o", "more");
	mended = add(dir, GOOD, &e);
	assert_string_equal(mended, kit);
	assert_tree(kit, "kit.conf\nobjects/\nobjects/k.o\n");
	assert_file(kit, "objects/k.o", "object");
}

static void
refuses(void **state)
{
	static const struct {
		const char *conf, *message;
	} rows[] = {
	    {"format = 1\n", "kit.conf: no architecture"},
	    {HEAD "arg = {inputs}\n", "nothing writes {output}"},
	    {GOOD "arg = {kit}/objects/x.o\n", "{kit}/objects/x.o, which is not in the kit"},
	    {GOOD "arg = {kit}/../stage/kit.conf\n", "which is not in the kit"},
	    {GOOD "arg = --script={kit}/x\n", "which is not in the kit"},
	    {GOOD "run = {kit}/tool\n", "{kit}/tool, which is not in the kit"},
	    {GOOD "run = true\nrun-arg = {kit}/x\n", "{kit}/x, which is not in the kit"},
	};
	const char *dir = *state;
	struct err e = {0};
	AUTOFREE char *good = add(dir, GOOD, &e);
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *before = tree(home);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *used = NULL;

		assert_null(add(dir, rows[i].conf, &e));
		assert_has(e.msg, rows[i].message);
		assert_tree(home, before);
		used = in_use(dir);
		assert_string_equal(used, good);
	}
}

static void
refuses_links(void **state)
{
	const char *dir = *state;
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *link = join(dir, "stage/objects/k.o");
	AUTOFREE char *from = join(dir, "stage");
	struct err e = {0};

	stage(dir, GOOD);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_null(kitstore_add(home, &combo, from, never_waits, NULL, &e));
	assert_int_equal(e.cls, ERR_INTEGRITY);
	assert_has(e.msg, "k.o: is neither a file nor a folder");
	assert_false(fs_exists(home));
}

static void
lists_broken_ones(void **state)
{
	const char *dir = *state;
	AUTOFREE char *home = join(dir, "home");
	struct kitstore_list l __attribute__((cleanup(kitstore_list_free))) = {0};
	struct err e = {0};

	assert_ok(kitstore_list(home, &matrix, &l, &e), &e);
	assert_int_equal(l.n, 0);
	put(dir, "home/kits/qemu-x86_64/0123/kit.conf", "format = 7\n");
	put(dir, "home/kits/qemu-x86_64/.stage-x/kit.conf", GOOD);
	put(dir, "home/kits/other/4567/kit.conf", GOOD);
	assert_ok(kitstore_list(home, &matrix, &l, &e), &e);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].id, "0123");
	assert_true(l.v[0].broken);
	assert_false(l.v[0].used);
}

static void
foreign(void **state)
{
	static const struct {
		const char *conf, *message; /* NULL: fine */
	} rows[] = {
	    {GOOD "arg = --build-id\narg = -z\narg = max-page-size=4096\narg = -znoexecstack\n",
		NULL},
	    {GOOD "arg = -maarch64linux\narg = -m\narg = elf_x86_64\narg = --wrap=main\n", NULL},
	    {GOOD "arg = -dT\narg = {kit}/objects/k.o\nstep = bootinfo\nstep-arg = wide\n", NULL},
	    {"format = 2\n", "is of format '2'"},
	    {"format = 1\n", "no architecture"},
	    {GOOD "step = later\n", "has a step 'later' that this version does not know"},
	    {GOOD "run = strip\n", "starts strip at every link"},
	    {GOOD "arg = -plugin\narg = {kit}/objects/k.o\n", "the argument '-plugin'"},
	    {GOOD "arg = @{kit}/objects/k.o\n", "the argument '@{kit}/objects/k.o'"},
	    {GOOD "arg = -u\narg = @x\n", "the argument '-u'"},
	    {GOOD "arg = -o\narg = /tmp/x\n", "the argument '-o'"},
	    {GOOD "arg = -o\narg = {kit}/x\n", "the argument '-o'"},
	    {GOOD "arg = -T\narg = x\n", "the argument '-T'"},
	    {GOOD "arg = -Mx\n", "the argument '-Mx'"},
	    {GOOD "arg = -mri-script={kit}/x\n", "the argument '-mri-script={kit}/x'"},
	    {GOOD "arg = --wrap=\n", "the argument '--wrap='"},
	    {GOOD "arg = --wrap=a/b\n", "the argument '--wrap=a/b'"},
	    {GOOD "arg = x.o\n", "the argument 'x.o'"},
	    {GOOD "arg = {debug}\n", "the argument '{debug}'"},
	};
	const char *dir = *state;
	AUTOFREE char *from = join(dir, "stage");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		int rc;

		stage(dir, rows[i].conf);
		rc = kitcheck_foreign(&combo, from, &e);
		if (!rows[i].message) {
			assert_ok(rc, &e);
			continue;
		}
		assert_int_equal(rc, -1);
		assert_int_equal(e.cls, ERR_INTEGRITY);
		assert_has(e.msg, rows[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stores_by_content),
	    TEST(keeps_and_mends),
	    TEST(refuses),
	    TEST(refuses_links),
	    TEST(lists_broken_ones),
	    TEST(foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
