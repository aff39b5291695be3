/* SPDX-License-Identifier: BSD-3-Clause */
/* The back end "kit", with stand-ins for GNU ld: shell scripts that get the output's
 * name as their last argument and copy an image there that a test prepared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/backend.h"

static char dir[] = "/tmp/kitlink-XXXXXX";

#define COPY "for out; do :; done; cp " /* the rest: what to copy; then "$out" */

static char *
at(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void
put(const char *name, const void *data, size_t n, mode_t mode)
{
	AUTOFREE char *path = at(name);
	struct err e = {0};

	assert_int_equal(fs_write(path, data, n, mode, &e), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
put_text(const char *name, const char *text)
{
	put(name, text, strlen(text), 0644);
}

static void
put_ld(const char *script)
{
	AUTOFREE char *text = xasprintf("#!/bin/sh\ncd %s || exit 99\n%s\n", dir, script);

	put("ld", text, strlen(text), 0755);
}

static char *
read_text(const char *name)
{
	AUTOFREE char *path = at(name);
	AUTO(str) text = {0};
	struct err e = {0};

	return fs_read(path, 16 << 20, &text, &e) == 0 ? str_take(&text) : NULL;
}

struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
};

static struct image
good(void)
{
	struct image im = {
	    .eh = {.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_entry = 1,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phnum = 1,
		.e_phentsize = sizeof(Elf64_Phdr)},
	    .ph = {.p_type = PT_LOAD},
	};

	memcpy(im.eh.e_ident, ELFMAG, SELFMAG);
	im.eh.e_ident[EI_CLASS] = ELFCLASS64;
	im.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	return im;
}

static void
put_image(const struct image *im)
{
	put("image", im, sizeof(*im), 0755);
}

#define KIT_HEAD "format = 1\narchitecture = x86_64\nplatform = host\ntarget = t\nmachine = 62\n"
#define KIT_PLAIN \
	KIT_HEAD "arg = -static\narg = {strip}\narg = {kit}/crt1.o\narg = {inputs}\n" \
		 "arg = -o\narg = {output}\n"

struct fixture {
	struct wrapconf conf;
	struct plan plan;
	struct report report;
	struct err e;
};

static int
link_with(struct fixture *f, const char *args)
{
	const struct args_env env = {dir, NULL};
	struct job job = {.plan = &f->plan, .conf = &f->conf, .project = dir, .cache = dir};
	AUTO(strv) argv = {0};

	strv_split(&argv, args, ' ');
	plan_free(&f->plan);
	report_free(&f->report);
	f->e = (struct err){0};
	assert_int_equal(plan_parse(argv.v, argv.n, &env, &f->plan, &f->e), 0);
	return backend_kit.link(&job, &f->report, &f->e);
}

/* No stage is left beside the output. */
static bool
clean(void)
{
	AUTO(strv) names = {0};
	struct err e = {0};

	assert_int_equal(fs_list(dir, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++)
		if (str_starts(names.v[i], ".kraftld"))
			return false;
	return true;
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct image im = good();

	strcpy(dir, "/tmp/kitlink-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	f->conf = (struct wrapconf){.arch = xstrdup("x86_64"),
	    .plat = xstrdup("host"),
	    .target = xstrdup("t"),
	    .machine = EM_X86_64,
	    .kit = xstrdup(dir),
	    .install = xstrdup("kraft-rust install x86_64 host")};
	strv_add(&f->conf.ld, "no-such-ld");
	strv_addf(&f->conf.ld, "%s/ld", dir);
	put_text("kit.conf", KIT_PLAIN);
	put_image(&im);
	put_ld("echo \"$@\" >args; echo warning >&2; " COPY "image \"$out\"");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};

	wrapconf_free(&f->conf);
	plan_free(&f->plan);
	report_free(&f->report);
	free(f);
	return fs_remove(dir, &e);
}

static void
test_success(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *args = NULL, *want = NULL, *out = at("out");
	struct stat st;

	assert_int_equal(link_with(f, "a.o -lc -Lx -Wl,-s -o out"), 0);
	assert_int_equal(f->report.said.len, 0); /* the warning is not passed on */
	assert_null(f->report.command);
	assert_true(clean());
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0111, 0111);
	args = read_text("args");
	want =
	    xasprintf("-nostdlib -static --strip-all %s/crt1.o %s/a.o -L%s/x -o ", dir, dir, dir);
	assert_true(str_starts(args, want));
}

static void
test_verbose(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *want = xasprintf(
	    "%s/ld -nostdlib -static %s/crt1.o %s/a.o -o %s/out\nwarning\n", dir, dir, dir, dir);

	assert_int_equal(link_with(f, "a.o -v -o out"), 0);
	assert_string_equal(str_text(&f->report.said), want);
}

static void
test_failure(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *msg = xasprintf("%s/ld ended with status 3", dir);
	AUTOFREE char *command =
	    xasprintf("%s/ld -nostdlib -static %s/crt1.o %s/a.o -o %s/out", dir, dir, dir, dir);
	AUTOFREE char *old = NULL;

	put_text("out", "old");
	put_ld("case $1 in --version) echo 'GNU ld 2.40'; exit; esac; "
	       "echo 'undefined: foo' >&2; " COPY "image \"$out\"; exit 3");
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_int_equal(f->e.cls, ERR_TOOL);
	assert_string_equal(f->e.msg, msg);
	assert_string_equal(str_text(&f->report.said), "undefined: foo\n");
	assert_string_equal(f->report.command, command);
	old = read_text("out");
	assert_string_equal(old, "old");
	assert_true(clean());
}

static void
test_not_gnu_ld(void **state)
{
	struct fixture *f = *state;

	put_ld("test \"$1\" = --version && echo 'LLD 19.1'");
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "/ld is not GNU ld, which alone links for Unikraft: "));
}

static void
test_killed(void **state)
{
	struct fixture *f = *state;

	put_ld("case $1 in --version) echo 'GNU ld 2.40'; exit; esac; kill -KILL $$");
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "/ld was killed by signal 9 (Killed)"));
	assert_true(clean());
}

static void
test_refused_images(void **state)
{
	static const char *const reasons[] = {
	    "it is for another architecture",
	    "it asks for a run-time loader (.interp), which a unikernel has not",
	    "it asks for shared libraries (.dynamic), which a unikernel has not",
	    "it is not an executable at a fixed address",
	    "it has no entry point",
	};
	struct fixture *f = *state;
	struct image bad[ARRAY_LEN(reasons)];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		bad[i] = good();
	bad[0].eh.e_machine = EM_AARCH64;
	bad[1].ph.p_type = PT_INTERP;
	bad[2].ph.p_type = PT_DYNAMIC;
	bad[3].eh.e_type = ET_DYN;
	bad[4].eh.e_entry = 0;
	put_text("out", "old");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTOFREE char *old = NULL;

		put_image(&bad[i]);
		assert_int_equal(link_with(f, "a.o -o out"), -1);
		assert_int_equal(f->e.cls, ERR_TOOL);
		assert_non_null(strstr(f->e.msg, reasons[i]));
		assert_non_null(f->report.command);
		old = read_text("out");
		assert_string_equal(old, "old");
	}
	put_text("image", "no ELF");
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "is not an ELF file"));
	put_ld("exit 0"); /* and nothing is written */
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "is not there or not a regular file"));
	assert_true(clean());
}

static void
test_missing(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *ld = at("ld"), *conf = at("kit.conf");

	unlink(ld);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_int_equal(f->e.cls, ERR_TOOL);
	assert_non_null(strstr(f->e.msg, "no GNU ld for x86_64: looked for no-such-ld, "));
	assert_non_null(strstr(f->e.msg, "\n  run 'apt install binutils-no-such'"));
	put_text("kit.conf", KIT_HEAD);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_int_equal(f->e.cls, ERR_INPUT);
	assert_non_null(strstr(f->e.msg, "the kit for host/x86_64: "));
	assert_non_null(strstr(f->e.msg, "\n  run 'kraft-rust install x86_64 host'"));
	unlink(conf);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "kit.conf: No such file or directory"));
	f->conf.machine = EM_AARCH64;
	put_text("kit.conf", KIT_PLAIN);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "the kit is for ELF machine 62, not 183"));
}

static void
test_outputs(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *target = at("target"), *link = at("link");
	struct stat st;

	assert_int_equal(link_with(f, "a.o -o /dev/null"), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(link_with(f, "a.o -o ."), -1);
	assert_non_null(strstr(f->e.msg, ": it is a directory"));
	assert_int_equal(link_with(f, "a.o -o none/out"), -1);
	assert_non_null(strstr(f->e.msg, "No such file or directory"));
	put_text("target", "old");
	assert_int_equal(symlink("target", link), 0);
	assert_int_equal(link_with(f, "a.o -o link"), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode)); /* still a link, to the new image */
	assert_int_equal(lstat(target, &st), 0);
	assert_int_equal(st.st_size, sizeof(struct image));
}

/* A command that execve would not take reaches ld in a file. */
static void
test_long_command(void **state)
{
	struct fixture *f = *state;
	AUTO(str) args = {0};
	AUTOFREE char *lines = NULL, *want = NULL;

	for (int i = 0; i < 10000; i++)
		str_addf(&args, "%0250d.o ", i);
	str_add(&args, "-o out");
	put_ld("test $# = 1 || exit 9; file=${1#@}; grep -c . \"$file\" >lines; "
	       "out=$(tail -n 1 \"$file\"); cp image \"$out\"");
	assert_int_equal(link_with(f, args.buf), 0);
	lines = read_text("lines");
	assert_string_equal(lines, "10005\n");
	put_ld("test \"$1\" = --version && exit 0; exit 1");
	assert_int_equal(link_with(f, args.buf), -1);
	want = xasprintf("%s/ld @%s/out.kraftld-args", dir, dir);
	assert_string_equal(f->report.command, want);
	free(lines);
	lines = read_text("out.kraftld-args");
	assert_int_equal(strlen(lines) > 2500000, 1);
	put_ld("for out; do :; done; out=$(tail -n 1 \"${1#@}\"); cp image \"$out\"");
	assert_int_equal(link_with(f, args.buf), 0);
	free(lines);
	lines = read_text("out.kraftld-args"); /* nothing to show any more */
	assert_null(lines);
}

static void
test_steps(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *out = NULL, *debug = NULL, *kit = NULL;

	kit = xasprintf(KIT_HEAD "arg = {inputs}\narg = -o\narg = {debug}\n"
				 "run = /bin/sh\nrun-arg = -c\n"
				 "run-arg = echo image >\"$1\"\nrun-arg = sh\nrun-arg = {output}\n"
				 "run = {kit}/step\nrun-arg = {output}\n");
	put_text("kit.conf", kit);
	put("step", "#!/bin/sh\necho more >>\"$1\"\n", 26, 0755);
	assert_int_equal(link_with(f, "a.o -o out"), 0);
	out = read_text("out");
	assert_string_equal(out, "image\nmore\n");
	debug = read_text("out.dbg");
	assert_non_null(debug);
	put("step", "#!/bin/sh\necho why >&2; exit 5\n", 31, 0755);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "/step ended with status 5"));
	assert_string_equal(str_text(&f->report.said), "why\n");
	put("step", "#!/bin/sh\nrm \"$1\"\n", 18, 0755);
	assert_int_equal(link_with(f, "a.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, " made no image"));
	assert_true(clean());
}

static void
test_partial(void **state)
{
	struct fixture *f = *state;
	struct image im = good();
	AUTOFREE char *args = NULL, *want = NULL, *conf = at("kit.conf");

	unlink(conf);
	assert_int_equal(link_with(f, "-r a.o b.o -o out"), -1);
	assert_non_null(strstr(f->e.msg, "it is not an object file"));
	im.eh.e_type = ET_REL;
	im.eh.e_entry = 0;
	put_image(&im);
	assert_int_equal(link_with(f, "-r a.o b.o -o out"), 0);
	args = read_text("args");
	want = xasprintf("-nostdlib -r %s/a.o %s/b.o -o ", dir, dir);
	assert_true(str_starts(args, want));
}

static void
test_show(void **state)
{
	struct fixture *f = *state;
	struct job job = {.plan = &f->plan, .conf = &f->conf, .project = dir, .cache = dir};
	AUTOFREE char *want = NULL;
	AUTO(strv) commands = {0};

	assert_int_equal(link_with(f, "a.o -o /dev/null"), 0);
	assert_int_equal(backend_kit.show(&job, &commands, &f->e), 0);
	want = xasprintf("%s/ld -nostdlib -static %s/crt1.o %s/a.o -o /dev/null", dir, dir, dir);
	assert_int_equal(commands.n, 1);
	assert_string_equal(commands.v[0], want);
}

/* The image with symbols of a link before must not stay beside one without. */
static void
test_old_debug(void **state)
{
	struct fixture *f = *state;
	struct image im = good();
	AUTOFREE char *kept = NULL, *debug = at("out.dbg");

	put("out.dbg", &im, sizeof(im), 0644);
	assert_int_equal(link_with(f, "a.o -o out"), 0);
	assert_false(fs_exists(debug));
	put_text("out.dbg", "the user's notes"); /* no image: not ours */
	assert_int_equal(link_with(f, "a.o -o out"), 0);
	kept = read_text("out.dbg");
	assert_string_equal(kept, "the user's notes");
}

static void
test_dependencies(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *want = xasprintf("%s/out: \\\n  a.o\n", dir), *got = NULL;

	put_ld(COPY "image \"$out\"; printf '%s: \\\\\n  a.o\n' \"$out\" >deps");
	assert_int_equal(link_with(f, "a.o -Wl,--dependency-file=deps -o out"), 0);
	got = read_text("deps");
	assert_string_equal(got, want);
}

static void
test_backend_find(void **state)
{
	static const char *const ok[] = {NULL, "", "auto", "kit"};
	struct fixture *f = *state;
	struct job job = {.plan = &f->plan, .conf = &f->conf, .project = dir, .cache = dir};
	const struct backend *b = NULL;

	for (size_t i = 0; i < ARRAY_LEN(ok); i++) {
		assert_int_equal(backend_find(ok[i], &job, &b, &f->e), 0);
		assert_ptr_equal(b, &backend_kit);
	}
	assert_int_equal(backend_find("lld", &job, &b, &f->e), -1);
	assert_int_equal(f->e.cls, ERR_USAGE);
	assert_string_equal(
	    f->e.msg, "KRAFTLD_BACKEND=lld: no such back end; there is auto, kraft, kit, make");
	mem_free_ptr(&f->conf.kit);
	f->conf.kit = NULL;
	assert_int_equal(backend_find("auto", &job, &b, &f->e), -1);
	assert_string_equal(f->e.msg,
	    "no kit is installed for host/x86_64\n  run 'kraft-rust install x86_64 host'");
	assert_int_equal(backend_find("kraft", &job, &b, &f->e), -1);
	assert_string_equal(f->e.msg, "KRAFTLD_BACKEND=kraft: kraft knows no host/x86_64");
	assert_int_equal(backend_find("make", &job, &b, &f->e), -1);
	assert_string_equal(f->e.msg, "KRAFTLD_BACKEND=make: Unikraft knows no host/x86_64");
	f->plan.kind = PLAN_PARTIAL; /* needs none, and is always the kit's */
	assert_int_equal(backend_find("auto", &job, &b, &f->e), 0);
	assert_int_equal(backend_find("kraft", &job, &b, &f->e), 0);
	assert_ptr_equal(b, &backend_kit);
}

/* The order of "auto": kraft, kit, make; and what is said when there is none. */
static void
test_backend_auto(void **state)
{
	struct fixture *f = *state;
	AUTOFREE char *bin = at("bin"), *deep = at("project/member"), *want = NULL;
	struct job job = {.plan = &f->plan, .conf = &f->conf, .project = deep, .cache = dir};
	const struct backend *b = NULL;

	f->conf.kraft = xstrdup("qemu/x86_64");
	assert_int_equal(fs_mkdirs(bin, &f->e), 0);
	assert_int_equal(fs_mkdirs(deep, &f->e), 0);
	setenv("PATH", bin, 1);
	mem_free_ptr(&f->conf.kit);
	f->conf.kit = NULL;
	assert_int_equal(backend_find(NULL, &job, &b, &f->e), -1);
	want = xasprintf(
	    "nothing to link with for qemu/x86_64; one of these is needed:\n"
	    "  kit: no kit is installed for host/x86_64\n"
	    "  run 'kraft-rust install x86_64 host'\n"
	    "  kraft: no Kraftfile in %s or above it: write one, as 'kraft-rust new' does\n"
	    "  make: no Unikraft tree is named: set UK_ROOT, or write 'unikraft = DIR' "
	    "into the wrapper config",
	    deep);
	assert_string_equal(f->e.msg, want);
	job.tree = "/unikraft";
	assert_int_equal(backend_find(NULL, &job, &b, &f->e), 0);
	assert_ptr_equal(b, &backend_make);
	f->conf.kit = xstrdup(dir);
	assert_int_equal(backend_find(NULL, &job, &b, &f->e), 0);
	assert_ptr_equal(b, &backend_kit);
	put_text("project/Kraftfile", "");
	assert_int_equal(backend_find(NULL, &job, &b, &f->e), 0);
	assert_ptr_equal(b, &backend_kit); /* kraft is not there */
	put("bin/kraft", "#!/bin/sh\n", 10, 0755);
	assert_int_equal(backend_find(NULL, &job, &b, &f->e), 0);
	assert_ptr_equal(b, &backend_kraft);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_success),
	    TEST(test_verbose),
	    TEST(test_failure),
	    TEST(test_not_gnu_ld),
	    TEST(test_killed),
	    TEST(test_refused_images),
	    TEST(test_missing),
	    TEST(test_outputs),
	    TEST(test_long_command),
	    TEST(test_steps),
	    TEST(test_partial),
	    TEST(test_show),
	    TEST(test_old_debug),
	    TEST(test_dependencies),
	    TEST(test_backend_find),
	    TEST(test_backend_auto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
