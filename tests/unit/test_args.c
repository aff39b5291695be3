/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of kraftld's arguments: a command line, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ld/args.h"

/* in: words between blanks, in the directory /w. out: what ld gets, then what else
 * is in the plan, as shown() writes it; "! " and the message, perhaps cut by "...",
 * for what is refused. */
struct row {
	const char *in, *out;
};

#define NO_LIB \
	"! -shared: a unikernel cannot be a shared library (crate types dylib, cdylib and " \
	"proc-macro): build a bin, or a staticlib or rlib for others to link"

static const struct row inputs_and_output[] = {
    {"a.o", "/w/a.o"},
    {"./a.o", "/w/a.o"},
    {".//a.o", "/w/a.o"},
    {"././a.o", "/w/a.o"},
    {"../a.o", "/w/../a.o"},
    {"/x/a.o", "/x/a.o"},
    {"a.o b.rlib c.a", "/w/a.o /w/b.rlib /w/c.a"},
    {"a.o a.o", "/w/a.o /w/a.o"},
    {".hidden.o", "/w/.hidden.o"},
    {"a.o -o out", "/w/a.o >/w/out"},
    {"a.o -oout", "/w/a.o >/w/out"},
    {"a.o -o /x/out", "/w/a.o >/x/out"},
    {"a.o -o ./out", "/w/a.o >/w/out"},
    {"-o out a.o -o other", "/w/a.o >/w/other"},
    {"a.o -Wl,-o,out", "/w/a.o >/w/out"},
    {"a.o -Wl,--output=out", "/w/a.o >/w/out"},
    {"a.o --output out", "/w/a.o >/w/out"},
    {"a.o -Wl,-output", "/w/a.o >/w/utput"},
    {"a.o -o", "! -o: its value is missing"},
    {"a.o -Wl,-o,", "! -o: its value is empty"},
    {"", "! no input files"},
    {"-o out", "! no input files"},
    {"-Wl,--gc-sections", "! no input files"},
    {"-", "! -: the linker cannot read standard input"},
    {"a.o -Wl,", "/w/a.o"},
    {"a.c", "! a.c: kraftld links, it does not compile: use a C compiler for that"},
    {"a.cpp", "! a.cpp: kraftld links..."},
    {"x/a.S", "! x/a.S: kraftld links..."},
    {"main.rs", "! main.rs: kraftld links..."},
    {"libx.so", "! libx.so: a unikernel cannot load a shared library: link its static form (.a)"},
    {"/usr/lib/libx.so.6.1", "! /usr/lib/libx.so.6.1: a unikernel cannot load..."},
    {"libx.so.a", "/w/libx.so.a"},
    {"a.sound.o", "/w/a.sound.o"},
    {".so", "/w/.so"},
    {"a.o /s/lib/rustlib/t/lib/self-contained/crt1.o", "/w/a.o"},
    {"a.o /s/lib/rustlib/t/lib/self-contained/crtbegin.o b.o", "/w/a.o /w/b.o"},
    {"a.o /s/lib/rustlib/t/lib/self-contained/libc.a", "/w/a.o"},
    {"a.o my/crt1.o", "/w/a.o /w/my/crt1.o"},
    {"a.o -c", "! -c: kraftld links..."},
    {"a.o -S", "! -S: kraftld links..."},
    {"a.o -E", "! -E: kraftld links..."},
};

static const struct row libraries[] = {
    {"-lfoo", "-lfoo"},
    {"-l foo", "-lfoo"},
    {"-Wl,-lfoo", "-lfoo"},
    {"-Wl,--library=foo", "-lfoo"},
    {"-Wl,-library,foo", "-lfoo"},
    {"-l:libfoo.a", "-l:libfoo.a"},
    {"-l :libfoo.a", "-l:libfoo.a"},
    {"a.o -lgcc_s", "/w/a.o"},
    {"a.o -lc", "/w/a.o"},
    {"a.o -l c", "/w/a.o"},
    {"a.o -Wl,-lc", "/w/a.o"},
    {"a.o -lgcc -lgcc_eh -lunwind", "/w/a.o"},
    {"a.o -lm -lrt -lpthread -lcrypt -lutil -lxnet -lresolv -ldl", "/w/a.o"},
    {"a.o -l:libc.a", "/w/a.o"},
    {"a.o -l:libgcc_s.so.1", "/w/a.o"},
    {"a.o -l:libm.a -lma", "/w/a.o -lma"},
    {"a.o -l:libz.so", "! -l:libz.so: a unikernel cannot load..."},
    {"-lc", "! no input files"},
    {"-l", "! -l: its value is missing"},
    {"-Lx a.o", "-L/w/x /w/a.o L=/w/x"},
    {"-L x a.o", "-L/w/x /w/a.o L=/w/x"},
    {"-L /x a.o", "-L/x /w/a.o L=/x"},
    {"-L . a.o", "-L/w /w/a.o L=/w"},
    {"-Wl,-L,x a.o", "-L/w/x /w/a.o L=/w/x"},
    {"-Wl,-Lx a.o", "-L/w/x /w/a.o L=/w/x"},
    {"--library-path=x a.o", "-L/w/x /w/a.o L=/w/x"},
    {"-Wl,--library-path,x a.o", "-L/w/x /w/a.o L=/w/x"},
    {"-L=lib a.o", "-L=lib /w/a.o L==lib"},
    {"-L$SYSROOT/lib a.o", "-L$SYSROOT/lib /w/a.o L=$SYSROOT/lib"},
    {"-La -Lb a.o", "-L/w/a -L/w/b /w/a.o L=/w/a L=/w/b"},
    {"a.o -nodefaultlibs -nostartfiles -nostdlib -nolibc", "/w/a.o"},
    {"a.o -Wl,-nostdlib", "/w/a.o"},
    {"a.o -static-libgcc -shared-libgcc -static-libstdc++", "/w/a.o"},
    {"a.o -pthread", "/w/a.o"},
    {"a.o --sysroot=sys", "/w/a.o --sysroot=/w/sys"},
    {"a.o --sysroot sys", "/w/a.o --sysroot /w/sys"},
    {"a.o --sysroot=/sys", "/w/a.o --sysroot=/sys"},
    {"a.o -Wl,--sysroot=sys", "/w/a.o --sysroot=/w/sys"},
};

static const struct row for_ld[] = {
    {"a.o -Wl,--gc-sections", "/w/a.o --gc-sections"},
    {"a.o -Wl,--no-gc-sections", "/w/a.o --no-gc-sections"},
    {"a.o -Wl,-gc-sections", "/w/a.o -gc-sections"},
    {"a.o -Xlinker --gc-sections", "/w/a.o --gc-sections"},
    {"a.o --gc-sections", "/w/a.o --gc-sections"},
    {"a.o -Xlinker", "! -Xlinker: its value is missing"},
    {"a.o -Wl,-z,noexecstack", "/w/a.o -z noexecstack"},
    {"a.o -Wl,-z,relro,-z,now", "/w/a.o -z relro -z now"},
    {"a.o -z noexecstack", "/w/a.o -z noexecstack"},
    {"a.o -znoexecstack", "/w/a.o -znoexecstack"},
    {"a.o -Wl,-z -Wl,noexecstack", "/w/a.o -z noexecstack"},
    {"a.o -Xlinker -z -Xlinker noexecstack", "/w/a.o -z noexecstack"},
    {"a.o -Wl,--eh-frame-hdr -Wl,-O1", "/w/a.o --eh-frame-hdr -O1"},
    {"a.o -Wl,-eh-frame-hdr", "/w/a.o -eh-frame-hdr"},
    {"-Wl,--as-needed -Wl,-Bstatic a.o", "--as-needed -Bstatic /w/a.o"},
    {"-Wl,--start-group a.o -Wl,--end-group", "--start-group /w/a.o --end-group"},
    {"-Wl,-( a.o -Wl,-)", "-( /w/a.o -)"},
    {"-Wl,--whole-archive a.a -Wl,--no-whole-archive", "--whole-archive /w/a.a --no-whole-archive"},
    {"-Wl,--push-state,--whole-archive,a.a,--pop-state",
	"--push-state --whole-archive /w/a.a --pop-state"},
    {"a.o -u sym -Wl,-u,sym -Wl,--undefined=sym", "/w/a.o -u sym -u sym --undefined=sym"},
    {"a.o -usym", "/w/a.o -usym"},
    {"a.o -Wl,-undefined,sym", "/w/a.o -undefined sym"},
    {"a.o -Wl,--defsym,a=b", "/w/a.o --defsym a=b"},
    {"a.o -Wl,--defsym=a=b", "/w/a.o --defsym=a=b"},
    {"a.o --defsym a=b.o", "/w/a.o --defsym a=b.o"},
    {"a.o -Wl,--wrap,malloc -Wl,--wrap=free", "/w/a.o --wrap malloc --wrap=free"},
    {"a.o -Wl,-e,start", "/w/a.o -e start"},
    {"a.o -e start", "/w/a.o -e start"},
    {"a.o -Wl,--entry=start", "/w/a.o --entry=start"},
    {"a.o -Wl,-entry,start", "/w/a.o -entry start"},
    {"a.o -Wl,--section-start,.text=0x1000", "/w/a.o --section-start .text=0x1000"},
    {"a.o -Wl,-y,sym", "/w/a.o -y sym"},
    {"a.o -Wl,-b,binary,data.bin,-b,default", "/w/a.o -b binary /w/data.bin -b default"},
    {"a.o -Wl,--build-id", "/w/a.o --build-id"},
    {"a.o -Wl,--build-id=sha1", "/w/a.o --build-id=sha1"},
    {"a.o -Wl,--hash-style=gnu", "/w/a.o --hash-style=gnu"},
    {"a.o -Wl,--compress-debug-sections=zlib", "/w/a.o --compress-debug-sections=zlib"},
    {"a.o -Wl,--fix-cortex-a53-843419", "/w/a.o --fix-cortex-a53-843419"},
    {"a.o -Wl,--unheard-of", "/w/a.o --unheard-of"},
    {"a.o --unheard-of=x", "/w/a.o --unheard-of=x"},
    {"a.o -t", "/w/a.o -t"},
    {"a.o -Wl,-x,-w,-M", "/w/a.o -x -w -M"},
    {"a.o -Wl,--defsym", "! --defsym: its value is missing"},
};

static const struct row paths[] = {
    {"a.o -T link.x", "/w/a.o -T /w/link.x"},
    {"a.o -Tlink.x", "/w/a.o -T/w/link.x"},
    {"a.o -Wl,-T,link.x", "/w/a.o -T /w/link.x"},
    {"a.o -Wl,--script=link.x", "/w/a.o --script=/w/link.x"},
    {"a.o -T searched.x", "/w/a.o -T searched.x"},
    {"a.o -Tsearched.x", "/w/a.o -Tsearched.x"},
    {"a.o -T ./searched.x", "/w/a.o -T /w/searched.x"},
    {"a.o -T /x/link.x", "/w/a.o -T /x/link.x"},
    {"a.o -Wl,-dT,link.x", "/w/a.o -dT /w/link.x"},
    {"a.o -Wl,-Ttext,0x1000", "/w/a.o -Ttext 0x1000"},
    {"a.o -Wl,-Ttext=0x1000", "/w/a.o -Ttext=0x1000"},
    {"a.o -Ttext-segment=0x1000", "/w/a.o -Ttext-segment=0x1000"},
    {"a.o -Wl,--version-script=v.map", "/w/a.o --version-script=/w/v.map"},
    {"a.o -Wl,--version-script,v.map", "/w/a.o --version-script /w/v.map"},
    {"a.o -Wl,-version-script=/x/v.map", "/w/a.o -version-script=/x/v.map"},
    {"a.o -Wl,--dynamic-list=list", "/w/a.o --dynamic-list=/w/list"},
    {"a.o -Wl,--dynamic-list,list", "/w/a.o --dynamic-list /w/list"},
    {"a.o -Wl,--dynamic-list-data", "/w/a.o --dynamic-list-data"},
    {"a.o -Wl,--retain-symbols-file=f", "/w/a.o --retain-symbols-file=/w/f"},
    {"a.o -Wl,-R,syms", "/w/a.o -R /w/syms"},
    {"a.o -Wl,--just-symbols=syms", "/w/a.o --just-symbols=/w/syms"},
    {"a.o -Wl,-Map=a.map", "/w/a.o -Map=/w/a.map"},
    {"a.o -Wl,-Map,a.map", "/w/a.o -Map /w/a.map"},
    {"a.o -Wl,-c,mri", "/w/a.o -c /w/mri"},
    {"a.o -Wl,-plugin=p.so,-plugin-opt=O2", "/w/a.o -plugin=/w/p.so -plugin-opt=O2"},
    {"a.o -Wl,-plugin-opt=O2,-plugin-opt=mcpu=x86-64",
	"! -plugin-opt: linker-plugin LTO leaves..."},
};

static const struct row dropped[] = {
    {"-m64 a.o", "/w/a.o"},
    {"a.o -Wl,-m,elf_x86_64", "/w/a.o"},
    {"a.o -Wl,-melf_x86_64", "/w/a.o"},
    {"a.o -m elf_x86_64", "/w/a.o"},
    {"-m32 a.o", "! -m32: no combination is a 32-bit one"},
    {"-mx32 a.o", "! -mx32: no combination is a 32-bit one"},
    {"a.o -no-pie", "/w/a.o"},
    {"a.o -nopie", "/w/a.o"},
    {"a.o -pie", "/w/a.o"},
    {"a.o -static-pie -static", "/w/a.o"},
    {"a.o -Wl,-pie,-no-pie,--pic-executable,-static", "/w/a.o"},
    {"a.o -Wl,-Bdynamic", "/w/a.o"},
    {"a.o -Bdynamic -Bstatic", "/w/a.o -Bstatic"},
    {"a.o -rdynamic -Wl,--export-dynamic -Wl,-E", "/w/a.o"},
    {"a.o -Wl,--dynamic-linker,/lib/ld.so", "/w/a.o"},
    {"a.o -Wl,-dynamic-linker=/lib/ld.so", "/w/a.o"},
    {"a.o -Wl,-I,/lib/ld.so", "/w/a.o"},
    {"a.o -Wl,-rpath,$ORIGIN/../lib -Wl,--enable-new-dtags", "/w/a.o"},
    {"a.o -Wl,-rpath -Wl,/x", "/w/a.o"},
    {"a.o -Wl,-rpath,", "/w/a.o"},
    {"a.o -Wl,-rpath-link,/x", "/w/a.o"},
    {"a.o -Wl,-soname,x -Wl,-h,x", "/w/a.o"},
    {"a.o -fuse-ld=lld", "/w/a.o"},
    {"a.o -B/x/gcc-ld -B /y", "/w/a.o"},
    {"a.o --ld-path=/x", "/w/a.o"},
    {"a.o -O2 -g -g3 -fPIC -flto -march=native -mtune=generic", "/w/a.o"},
    {"a.o -Wall -Wextra -Werror=x -w -pedantic -std=c17 -ansi -pipe", "/w/a.o"},
    {"a.o -DX=1 -D Y -UZ -I/x -I y -isystem z -include h.h", "/w/a.o"},
    {"a.o -MD -MF dep.d -MT a.o -MMD", "/w/a.o"},
    {"-x c a.o", "/w/a.o"},
    {"a.o --target=x86_64-linux-musl -target x", "/w/a.o"},
    {"a.o -rtlib=compiler-rt --unwindlib=none -stdlib=libc++", "/w/a.o"},
    {"a.o --param x=1 -Xclang -foo -mllvm -bar -Wa,--x -Wp,--y", "/w/a.o"},
};

static const struct row modes[] = {
    {"a.o -Wl,--strip-debug", "/w/a.o strip=--strip-debug"},
    {"a.o -Wl,-strip-debug", "/w/a.o strip=--strip-debug"},
    {"a.o -Wl,-S", "/w/a.o strip=--strip-debug"},
    {"a.o -s", "/w/a.o strip=--strip-all"},
    {"a.o -Wl,-s", "/w/a.o strip=--strip-all"},
    {"a.o -Wl,--strip-all", "/w/a.o strip=--strip-all"},
    {"a.o -Wl,--strip-all -Wl,--strip-debug", "/w/a.o strip=--strip-all"},
    {"a.o -shared", NO_LIB},
    {"a.o -Wl,-shared", NO_LIB},
    {"a.o -Wl,--shared", "! --shared: a unikernel cannot be a shared library..."},
    {"a.o -Wl,-Bshareable", "! -Bshareable: a unikernel cannot be..."},
    {"a.o -dynamiclib", "! -dynamiclib: a unikernel cannot be..."},
    {"a.o -fsanitize=address", "! -fsanitize=address: the sanitizers' run-time needs..."},
    {"a.o --coverage", "! --coverage: gcc's coverage run-time is not in the kit"},
    {"a.o -pg", "! -pg: gcc's profiling run-time is not in the kit"},
    {"a.o -fprofile-generate", "! -fprofile-generate: gcc's profiling run-time..."},
    {"a.o -Wl,--oformat,binary", "! --oformat: the kit decides the format of the image"},
    {"-r a.o b.o -o c.o", "/w/a.o /w/b.o >/w/c.o kind=partial"},
    {"-Wl,-r a.o", "/w/a.o kind=partial"},
    {"-Wl,--relocatable a.o", "/w/a.o kind=partial"},
    {"-Wl,-i a.o", "/w/a.o kind=partial"},
    {"a.o -###", "/w/a.o dry-run"},
    {"a.o -v", "/w/a.o verbose"},
    {"a.o -Wl,-v", "/w/a.o -v"},
};

static const struct row questions[] = {
    {"--version", "? version"},
    {"--version a.o", "? version"},
    {"-v", "? version"},
    {"--help", "? help"},
    {"--help=linkers", "? help"},
    {"-Wl,--version", "? ld --version"},
    {"a.o -Wl,--version", "? ld --version"},
    {"-Wl,-v", "? ld -v"},
    {"-Wl,--gc-sections -Wl,-V", "? ld -V"},
    {"-V", "? ld -V"},
    {"-Wl,--help", "? ld --help"},
    {"-Wl,--print-sysroot", "? ld --print-sysroot"},
    {"-dumpmachine", "? machine"},
    {"-dumpversion", "? print " KRAFT_RUST_VERSION},
    {"-print-file-name=libc.a", "? file-name libc.a"},
    {"--print-file-name=crt1.o", "? file-name crt1.o"},
    {"-print-libgcc-file-name", "? file-name libgcc.a"},
    {"-print-prog-name=ld", "? prog-name ld"},
    {"-print-search-dirs", "? search-dirs"},
    {"-print-multi-lib", "? print .;"},
    {"-print-sysroot", "? print"},
    {"-dumpmachine --version", "? machine"},
};

static const char *const kinds[] = {
    [PLAN_LINK] = "",
    [PLAN_PARTIAL] = "partial",
    [PLAN_VERSION] = "version",
    [PLAN_HELP] = "help",
    [PLAN_ASK_LD] = "ld",
    [PLAN_MACHINE] = "machine",
    [PLAN_PRINT] = "print",
    [PLAN_PRINT_FILE_NAME] = "file-name",
    [PLAN_PRINT_PROG_NAME] = "prog-name",
    [PLAN_PRINT_SEARCH_DIRS] = "search-dirs",
};

static char *
shown(const struct plan *p)
{
	AUTOFREE char *args = strv_join(&p->args, " ");
	AUTO(str) s = {0};

	if (p->kind > PLAN_PARTIAL)
		return xasprintf("? %s%s%s", kinds[p->kind], *p->query ? " " : "", p->query);
	str_add(&s, args);
	for (size_t i = 0; i < p->dirs.n; i++)
		str_addf(&s, " L=%s", p->dirs.v[i]);
	if (strcmp(p->output, "/w/a.out") != 0)
		str_addf(&s, " >%s", p->output);
	if (p->strip != STRIP_NONE)
		str_addf(&s, " strip=%s", plan_strip_flag(p));
	if (p->kind != PLAN_LINK)
		str_addf(&s, " kind=%s", kinds[p->kind]);
	str_addf(&s, "%s%s", p->dry_run ? " dry-run" : "", p->verbose ? " verbose" : "");
	return str_take(&s);
}

static bool
exists(const char *path)
{
	return strcmp(path, "/w/link.x") == 0;
}

static char *
outcome(const char *in)
{
	const struct args_env env = {"/w", exists};
	AUTO(strv) argv = {0};
	AUTO(plan) p = {0};
	struct err e = {0};

	strv_split(&argv, in, ' ');
	if (plan_parse(argv.v, argv.n, &env, &p, &e) == 0)
		return shown(&p);
	assert_int_equal(e.cls, ERR_USAGE);
	assert_null(p.args.v);
	assert_null(p.output);
	return xasprintf("! %s", e.msg);
}

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *got = outcome(rows[i].in);
		size_t len = strlen(rows[i].out);

		if (str_ends(rows[i].out, "...") ? strncmp(got, rows[i].out, len - 3) != 0
						 : strcmp(got, rows[i].out) != 0)
			fail_msg("'%s' gives\n  %s, not\n  %s", rows[i].in, got, rows[i].out);
	}
}

#define CHECK(rows) check_rows(rows, ARRAY_LEN(rows))

static void
test_table(void **state)
{
	(void)state;
	CHECK(inputs_and_output);
	CHECK(libraries);
	CHECK(for_ld);
	CHECK(paths);
	CHECK(dropped);
	CHECK(modes);
	CHECK(questions);
	assert_true(ARRAY_LEN(inputs_and_output) + ARRAY_LEN(libraries) + ARRAY_LEN(for_ld) +
			ARRAY_LEN(paths) + ARRAY_LEN(dropped) + ARRAY_LEN(modes) +
			ARRAY_LEN(questions) >=
		    150);
}

static int
parse_one(const char *arg, const char *cwd, struct plan *p, struct err *e)
{
	const struct args_env env = {cwd, NULL};
	char *argv[] = {xstrdup("a.o"), xstrdup(arg)};
	int rc = plan_parse(argv, 2, &env, p, e);

	mem_free_ptr(&argv[0]);
	mem_free_ptr(&argv[1]);
	return rc;
}

/* What does not fit into words between blanks. */
static void
test_odd_words(void **state)
{
	AUTO(plan) p = {0}, q = {0}, r = {0}, s = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(parse_one("dir with blank/ü'\"$#:\n.o", "/w", &p, &e), 0);
	assert_string_equal(p.args.v[1], "/w/dir with blank/ü'\"$#:\n.o");
	assert_int_equal(parse_one("x.o", "/", &q, &e), 0);
	assert_string_equal(q.args.v[1], "/x.o");
	assert_int_equal(parse_one("", "/w", &r, &e), -1);
	assert_string_equal(e.msg, "an argument is empty");
	assert_int_equal(parse_one("-Wl,--version-script=/a dir/v.map", "/w", &s, &e), 0);
	assert_string_equal(s.args.v[1], "--version-script=/a dir/v.map");
}

/* What was left out is told, with the reason, for -###. */
static void
test_notes(void **state)
{
	const struct args_env env = {"/w", NULL};
	AUTO(strv) argv = {0};
	AUTO(plan) p = {0};
	struct err e = {0};

	(void)state;
	strv_split(&argv, "-m64 a.o -lgcc_s -Wl,-rpath,/x -no-pie", ' ');
	assert_int_equal(plan_parse(argv.v, argv.n, &env, &p, &e), 0);
	assert_int_equal(p.notes.n, 4);
	assert_string_equal(p.notes.v[0], "-m64: the kit knows its machine");
	assert_true(str_starts(p.notes.v[1], "-lgcc_s: the kit has the static unwinder"));
	assert_string_equal(p.notes.v[2], "-rpath /x: a unikernel has no run-time loader");
	assert_int_equal(p.first.n, 1);
	assert_string_equal(p.first.v[0], "/w/a.o");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_odd_words),
	    cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
