/* SPDX-License-Identifier: BSD-3-Clause */
/* From the commands that a build ran to a kit's arguments and steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/kitbuild_private.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "support.h"

static const char *ld_names[] = {"no-ld", "fake-ld"};
static const struct matrix_arch arch = {
    .name = "x86_64", .machine = 62, .ld = {.v = ld_names, .n = ARRAY_LEN(ld_names)}};
static const struct matrix_plat plat = {.name = "qemu"};
static const struct matrix_combo combo = {.arch = &arch, .plat = &plat, .id = "qemu-x86_64"};

/* A build that is over, in the test's folder. */
struct build {
	struct kitbuild b;
	struct kitbuild_job j;
	struct progress progress;
	struct str said;
	struct recipes ran;
	struct kit k;
	char *gcc;
};

static void
on_step(void *ctx, const char *text)
{
	str_addf(ctx, "%s\n", text);
}

static void
begin(struct build *t, const char *dir)
{
	AUTOFREE char *path = join(dir, "path");

	*t = (struct build){0};
	t->progress = (struct progress){.ctx = &t->said, .step = on_step};
	t->b = (struct kitbuild){.combo = &combo, .progress = &t->progress};
	t->b.unikraft = join(dir, "unikraft");
	t->j = (struct kitbuild_job){.b = &t->b};
	t->j.work = join(dir, "work");
	t->j.build = join(dir, "work/build");
	t->j.stage = join(dir, "work/kit");
	t->j.log = join(dir, "log");
	t->gcc = join(dir, "path/gcc");
	put_script(dir, "path/fake-objcopy", "[ \"$1\" = --strip-debug ] && cp \"$3\" \"$4\"\n");
	put_script(
	    dir, "path/gcc", "cat \"${0%/*}/said\" >&2\nexit \"$(cat \"${0%/*}/status\")\"\n");
	put(dir, "path/status", "0");
	put(dir, "work/build/appkraftrust.o", "app");
	put(dir, "work/build/kernel.o", "kernel");
	put(dir, "work/build/a/link.lds", "first");
	put(dir, "work/build/b/link.lds", "second");
	put(dir, "work/build/img.dbg", "debug");
	put(dir, "work/build/img", "image");
	put(dir, "lib/libgcc_eh.a", "eh");
	AUTOFREE char *all = xasprintf("%s:/usr/bin:/bin", path);
	setenv("PATH", all, 1);
}

static void
end(struct build *t)
{
	recipes_free(&t->ran);
	kit_free(&t->k);
	str_free(&t->said);
	free(t->gcc);
	free((void *)(uintptr_t)t->b.unikraft);
	free(t->j.work);
	free(t->j.build);
	free(t->j.stage);
	free(t->j.log);
	free(t->j.link_dbg);
	free(t->j.image);
	free(t->j.boots);
}

/* The words of a text, parted by '|', with %W, %B, %U and %D for the folders. */
static void
words(const struct build *t, const char *dir, const char *text, struct strv *out)
{
	AUTO(str) all = {0};

	for (const char *p = text; *p; p++) {
		const char *folder = str_starts(p, "%W")   ? t->j.work
				     : str_starts(p, "%B") ? t->j.build
				     : str_starts(p, "%U") ? t->b.unikraft
				     : str_starts(p, "%D") ? dir
							   : NULL;

		if (folder)
			str_add(&all, folder);
		else
			str_addc(&all, *p);
		p += folder != NULL;
	}
	strv_split(out, str_text(&all), '|');
}

/* One more command that the build ran. */
static struct recipe *
ran(struct build *t, const char *dir, const char *text)
{
	struct recipe *r;

	t->ran.v = xrealloc(t->ran.v, (t->ran.n + 1) * sizeof(*t->ran.v));
	r = &t->ran.v[t->ran.n++];
	*r = (struct recipe){.text = xstrdup(text)};
	words(t, dir, text, &r->argv);
	return r;
}

/* What gcc -### answers: its own lines around the one with ld's arguments. */
static void
gcc_says(const struct build *t, const char *dir, const char *args)
{
	AUTO(strv) list = {0};
	AUTO(str) text = {0};

	words(t, dir, args, &list);
	str_add(&text, "Using built-in specs.\nCOLLECT_GCC=gcc\nTarget: x86_64-linux-gnu\n"
		       " /usr/libexec/collect2");
	for (size_t i = 0; i < list.n; i++)
		str_addf(&text, " \"%s\"", list.v[i]);
	str_add(&text, "\nCOLLECT_GCC_OPTIONS='-nostdlib' '-o' 'x'\n");
	put(dir, "path/said", str_text(&text));
}

#define LINK "gcc|-nostdlib|%B/kernel.o|%B/appkraftrust.o|-o|%B/img.dbg"

static void
take_the_link(void **state)
{
	const char *dir = *state;
	struct build t;
	AUTOFREE char *got = NULL;
	struct err e = {0};
	size_t at = 0;

	begin(&t, dir);
	ran(&t, dir, "cc|-c|-o|%B/appkraftrust.o|main.c");
	ran(&t, dir, "ld|-r|-o|%B/lib.o|%B/appkraftrust.o");
	ran(&t, dir, LINK);
	ran(&t, dir, "strip|-s|%B/img.dbg|-o|%B/img");
	free(t.ran.v[2].argv.v[0]);
	t.ran.v[2].argv.v[0] = xstrdup(t.gcc);
	gcc_says(&t, dir,
	    "-plugin|/usr/lto.so|-plugin-opt=/usr/wrapper|--sysroot=/|--hash-style=gnu|-m|"
	    "elf_x86_64|-dynamic-linker|/lib/ld.so|-o|%B/img.dbg|-L/nowhere|-L%D/lib|--entry=start|"
	    "%B/kernel.o|%B/appkraftrust.o|--wrap=main|-lgcc_eh|-dT|%B/a/link.lds|-T|%B/b/"
	    "link.lds");
	assert_ok(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), &e);
	got = strv_join(&t.k.args, "|");
	assert_string_equal(got,
	    "-m|elf_x86_64|-o|{debug}|--entry=start|{kit}/objects/kernel.o|{inputs}|--wrap=main|"
	    "{kit}/lib/libgcc_eh.a|-dT|{kit}/scripts/link.lds|-T|{kit}/scripts/4-link.lds");
	assert_int_equal(at, 2);
	assert_true(str_ends(t.j.link_dbg, "/img.dbg"));
	assert_tree(t.j.stage, "lib/\nlib/libgcc_eh.a\nobjects/\nobjects/kernel.o\n"
			       "scripts/\nscripts/4-link.lds\nscripts/link.lds\n");
	assert_file(t.j.stage, "scripts/link.lds", "first");
	assert_file(t.j.stage, "scripts/4-link.lds", "second");
	end(&t);
}

/* ld itself may do the link; then nobody is asked. */
static void
take_ld(void **state)
{
	const char *dir = *state;
	AUTOFREE char *got = NULL;
	struct err e = {0};
	struct build t;
	size_t at = 9;

	begin(&t, dir);
	ran(&t, dir, "x86_64-linux-gnu-ld|-o|%B/img.dbg|%B/appkraftrust.o|-z|max-page-size=4096");
	assert_ok(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), &e);
	got = strv_join(&t.k.args, "|");
	assert_string_equal(got, "-o|{debug}|{inputs}|-z|max-page-size=4096");
	assert_int_equal(at, 0);
	end(&t);
}

/* Xen's image comes of two links, with an objcopy in between. */
static void
take_two_links(void **state)
{
	static const char last[] = "ld|--gc-sections|-m|elf_x86_64|--wrap=main|-dT|%B/a/link.lds|"
				   "%B/img.o|-o|%B/img.dbg";
	const char *dir = *state;
	AUTOFREE char *got = NULL;
	struct err e = {0};
	struct build t;
	size_t at = 9;

	begin(&t, dir);
	ran(&t, dir,
	    "ld|-r|-m|elf_x86_64|--wrap=main|%B/kernel.o|%B/appkraftrust.o|--start-group|"
	    "%D/lib/libgcc_eh.a|--end-group|-o|%B/img.ld.o");
	ran(&t, dir, "objcopy|-w|-G|xenos_*|%B/img.ld.o|%B/img.o");
	ran(&t, dir, last);
	assert_ok(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), &e);
	got = strv_join(&t.k.args, "|");
	assert_string_equal(got,
	    "--gc-sections|-m|elf_x86_64|--wrap=main|-dT|{kit}/scripts/link.lds|"
	    "{kit}/objects/kernel.o|{inputs}|--start-group|{kit}/lib/libgcc_eh.a|--end-group|"
	    "-o|{debug}");
	assert_int_equal(at, 2);
	assert_true(str_ends(t.j.link_dbg, "/img.dbg"));
	end(&t);

	/* Half of the way makes no image. */
	begin(&t, dir);
	ran(&t, dir, "ld|-r|%B/appkraftrust.o|-o|%B/img.ld.o");
	ran(&t, dir, last);
	assert_int_equal(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), -1);
	assert_non_null(strstr(e.msg, "none links appkraftrust.o into an image"));
	end(&t);
}

static void
refuse_the_link(void **state)
{
	static const struct {
		const char *args, *message;
	} rows[] = {
	    {"-o|%B/img.dbg|%B/kernel.o", "the link does not hand the program's object to ld"},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|%B/gone.o", "gone.o, which is not there"},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|-lgone",
		"the link wants -lgone, and there is no libgone.a for it"},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|-Map=%W/map",
		"the link has an argument that this version does not understand: -Map="},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|--just-symbols=%U/x",
		"the link has an argument that this version does not understand: --just"},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|-T", "the link ends in -T"},
	    {"-o|%B/img.dbg|%B/appkraftrust.o|-m", "the link ends in -m"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct build t;
		size_t at = 0;

		begin(&t, dir);
		ran(&t, dir, LINK);
		free(t.ran.v[0].argv.v[0]);
		t.ran.v[0].argv.v[0] = xstrdup(t.gcc);
		gcc_says(&t, dir, rows[i].args);
		assert_int_equal(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), -1);
		assert_has(e.msg, rows[i].message);
		end(&t);
	}
}

static void
find_no_link(void **state)
{
	static const char *const rows[] = {
	    "ld|-r|-o|%B/img.dbg|%B/appkraftrust.o",
	    "gcc|-Wl,-r|-o|%B/img.dbg|%B/appkraftrust.o",
	    "gcc|-o|%B/img.dbg|%B/kernel.o",
	    "gcc|-c|-o|%B/appkraftrust.o|main.c",
	    "echo|%B/appkraftrust.o",
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct build t;
		size_t at = 0;

		begin(&t, dir);
		ran(&t, dir, rows[i]);
		assert_int_equal(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), -1);
		assert_has(e.msg, "among the commands that Unikraft's build ran, none links "
				  "appkraftrust.o into an image\n  the log is ");
		end(&t);
	}
}

static void
compiler_tells_nothing(void **state)
{
	static const struct {
		const char *said, *status, *message;
	} rows[] = {
	    {"", "0", "does not tell how it links (-### ended with status 0)"},
	    {"gcc: error: no\n", "1", "does not tell how it links (-### ended with status 1)"},
	    {" /usr/libexec/cc1 main.c\n", "0", "does not tell how it links"},
	    {" collect2 -o x | tee y\n", "1", "ended with status 1"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct build t;
		size_t at = 0;

		begin(&t, dir);
		ran(&t, dir, LINK);
		free(t.ran.v[0].argv.v[0]);
		t.ran.v[0].argv.v[0] = xstrdup(t.gcc);
		put(dir, "path/said", rows[i].said);
		put(dir, "path/status", rows[i].status);
		assert_int_equal(kitbuild_take_link(&t.j, &t.ran, &t.k, &at, &e), -1);
		assert_int_equal(e.cls, ERR_TOOL);
		assert_has(e.msg, rows[i].message);
		end(&t);
	}
}

/* The steps as lines, those that are done by kraftld with a star. */
static char *
show_steps(const struct kit *k)
{
	AUTO(str) out = {0};

	for (size_t i = 0; i < k->n_steps; i++) {
		AUTOFREE char *argv = strv_join(&k->steps[i].argv, "|");

		str_addf(&out, "%s%s\n", k->steps[i].builtin ? "*" : "", argv);
	}
	return str_take(&out);
}

/* Steps that are known by name, but would not give the image that is there, are kept as
 * they were run, like those that are not known. */
static void
record_steps(void **state)
{
	const char *dir = *state;
	AUTOFREE char *got = NULL;
	struct err e = {0};
	struct build t;

	begin(&t, dir);
	put_script(dir, "unikraft/support/finish.py", "true\n");
	t.j.link_dbg = join(dir, "work/build/img.dbg");
	ran(&t, dir, "gcc|-o|%B/img.dbg");
	ran(&t, dir, "/usr/bin/strip|-s|%B/img.dbg|-o|%B/img");
	ran(&t, dir, "nm|%B/img.dbg")->redirected = true;
	ran(&t, dir, "touch|%B/other");
	ran(&t, dir, "%U/support/finish.py|%B/img|--symbols=%B/img.dbg");
	assert_ok(kitbuild_take_steps(&t.j, &t.ran, 0, &t.k, &e), &e);
	got = show_steps(&t.k);
	assert_string_equal(got, "strip|-s|{debug}|-o|{output}\n"
				 "{kit}/tools/finish.py|{output}|--symbols={debug}\n");
	assert_string_equal(str_text(&t.said),
	    "note: the step strip of this Unikraft is kept as it was run\n"
	    "note: the step finish.py of this Unikraft is kept as it was run\n");
	assert_tree(t.j.stage, "tools/\ntools/finish.py\n");
	end(&t);
}

/* What starts may be a binary made of the image, under another name. */
static void
record_binary(void **state)
{
	const char *dir = *state;
	AUTOFREE char *got = NULL;
	struct err e = {0};
	struct build t;

	begin(&t, dir);
	put(dir, "work/build/raw.elf", "image");
	t.j.link_dbg = join(dir, "work/build/raw.elf.dbg");
	ran(&t, dir, "gcc|-o|%B/raw.elf.dbg");
	ran(&t, dir, "strip|-s|%B/raw.elf.dbg|-o|%B/raw.elf");
	ran(&t, dir, "objcopy|-O|binary|%B/raw.elf|%B/raw");
	assert_int_equal(kitbuild_take_steps(&t.j, &t.ran, 0, &t.k, &e), -1);
	assert_has(e.msg, "/raw of ");
	put(dir, "work/build/raw", "binary");
	free(t.j.image);
	free(t.j.boots);
	assert_ok(kitbuild_take_steps(&t.j, &t.ran, 0, &t.k, &e), &e);
	got = show_steps(&t.k);
	assert_string_equal(got, "strip|-s|{debug}|-o|{output}\n"
				 "objcopy|-O|binary|{output}|{output}\n");
	end(&t);
}

static void
refuse_steps(void **state)
{
	static const struct {
		const char *dbg, *step;
		bool opaque;
		const char *message;
	} rows[] = {
	    {"img.elf", "strip|%B/img", false, "where this version expects a file ending in .dbg"},
	    {"gone.dbg", "strip|%B/gone", false, "the build made no "},
	    {"img.dbg", "for|f|in|%B/img", true,
		"this version does not understand a step of this Unikraft: for|f"},
	    {"img.dbg", "pack|%B/img|%W/table", false,
		"this version does not understand a step of this Unikraft, for its file "},
	    {"img.dbg", "%U/gone.py|%B/img", false, "gone.py, which is not there"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {0};
		struct build t;

		begin(&t, dir);
		t.j.link_dbg = xasprintf("%s/%s", t.j.build, rows[i].dbg);
		ran(&t, dir, "gcc|-o|%B/img.dbg");
		ran(&t, dir, rows[i].step)->opaque = rows[i].opaque;
		assert_int_equal(kitbuild_take_steps(&t.j, &t.ran, 0, &t.k, &e), -1);
		assert_has(e.msg, rows[i].message);
		end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(take_the_link),
	    TEST(take_ld),
	    TEST(take_two_links),
	    TEST(refuse_the_link),
	    TEST(find_no_link),
	    TEST(compiler_tells_nothing),
	    TEST(record_steps),
	    TEST(record_binary),
	    TEST(refuse_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
