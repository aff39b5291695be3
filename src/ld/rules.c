/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables, and how to look things up in them. Sources: ld(1) of GNU binutils
 * 2.40, gcc(1), and rustc's compiler/rustc_codegen_ssa/src/back/linker.rs from
 * 1.63 on. */
#include "ld/rules.h"

#include <stddef.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

static const char own_startup[] = "the kit brings its own startup files and libraries";
static const char always_static[] = "everything is linked statically";
static const char no_loader[] = "a unikernel has no run-time loader";
static const char kits_layout[] = "the kit decides how the image is laid out";
static const char is_absolute[] = "made absolute, so that it does not depend on the folder";
static const char strips[] = "the kit strips, and keeps what a debugger needs";
static const char compiles[] = "kraftld links, it does not compile: use a C compiler for that";
static const char compilers[] = "a flag for compiling; there is nothing to compile";
static const char gnu_only[] = "only GNU ld links for Unikraft; the wrapper config names it";
static const char no_shared[] =
    "a unikernel cannot be a shared library (crate types dylib, cdylib and proc-macro): "
    "build a bin, or a staticlib or rlib for others to link";

static const struct rule rules[] = {
    /* What is made. */
    {"-o", IN_ANY, JOIN, ACT_OUTPUT, "written to a temporary file first"},
    {"--output", IN_ANY, EQ, ACT_OUTPUT, "written to a temporary file first"},
    {"-shared", IN_CC, ALONE, ACT_REFUSE, no_shared},
    {"--shared", IN_LD, ALONE, ACT_REFUSE, no_shared},
    {"--Bshareable", IN_LD, ALONE, ACT_REFUSE, no_shared},
    {"-dynamiclib", IN_CC, ALONE, ACT_REFUSE, no_shared},
    {"-r", IN_ANY, ALONE, ACT_PARTIAL, "one object, without the kit"},
    {"-i", IN_LD, ALONE, ACT_PARTIAL, "one object, without the kit"},
    {"-Ur", IN_LD, ALONE, ACT_PARTIAL, "one object, without the kit"},
    {"--relocatable", IN_ANY, ALONE, ACT_PARTIAL, "one object, without the kit"},
    {"--oformat", IN_LD, EQ, ACT_REFUSE, "the kit decides the format of the image"},
    {"-c", IN_CC, ALONE, ACT_REFUSE, compiles},
    {"-S", IN_CC, ALONE, ACT_REFUSE, compiles},
    {"-E", IN_CC, ALONE, ACT_REFUSE, compiles},
    {"-m32", IN_CC, ALONE, ACT_REFUSE, "no combination is a 32-bit one"},
    {"-mx32", IN_CC, ALONE, ACT_REFUSE, "no combination is a 32-bit one"},
    {"-m16", IN_CC, ALONE, ACT_REFUSE, "no combination is a 16-bit one"},
    {"-fsanitize=", IN_CC, GLUED, ACT_REFUSE,
	"the sanitizers' run-time needs a Linux process to live in"},
    {"--coverage", IN_CC, ALONE, ACT_REFUSE, "gcc's coverage run-time is not in the kit"},
    {"-fprofile-generate", IN_CC, OPT, ACT_REFUSE, "gcc's profiling run-time is not in the kit"},

    /* Questions. */
    {"--version", IN_CC, ALONE, ACT_VERSION, NULL},
    {"--version", IN_LD, ALONE, ACT_LD_QUERY, NULL},
    {"--help", IN_CC, OPT, ACT_HELP, NULL},
    {"--help", IN_LD, ALONE, ACT_LD_QUERY, NULL},
    {"--target-help", IN_ANY, ALONE, ACT_LD_QUERY, NULL},
    {"--print-output-format", IN_LD, ALONE, ACT_LD_QUERY, NULL},
    {"--print-sysroot", IN_LD, ALONE, ACT_LD_QUERY, NULL},
    {"-v", IN_CC, ALONE, ACT_VERBOSE, "the version, or with inputs the commands as they run"},
    {"--verbose", IN_CC, ALONE, ACT_VERBOSE, "the same as -v"},
    {"-v", IN_LD, ALONE, ACT_LD_VERSION, "ld's version; with inputs it links too"},
    {"-V", IN_ANY, ALONE, ACT_LD_VERSION, "ld's version; with inputs it links too"},
    {"-###", IN_CC, ALONE, ACT_DRY_RUN, "shows the plan and the commands and runs nothing"},
    {"-dumpmachine", IN_CC, ALONE, ACT_MACHINE, NULL},
    {"-dumpversion", IN_CC, ALONE, ACT_ANSWER, KRAFT_RUST_VERSION},
    {"-dumpfullversion", IN_CC, ALONE, ACT_ANSWER, KRAFT_RUST_VERSION},
    {"-print-file-name", IN_CC, EQ, ACT_FILE_NAME, NULL},
    {"--print-file-name", IN_CC, EQ, ACT_FILE_NAME, NULL},
    {"-print-prog-name", IN_CC, EQ, ACT_PROG_NAME, NULL},
    {"--print-prog-name", IN_CC, EQ, ACT_PROG_NAME, NULL},
    {"-print-libgcc-file-name", IN_CC, ALONE, ACT_LIBGCC_NAME, NULL},
    {"--print-libgcc-file-name", IN_CC, ALONE, ACT_LIBGCC_NAME, NULL},
    {"-print-search-dirs", IN_CC, ALONE, ACT_SEARCH_DIRS, NULL},
    {"--print-search-dirs", IN_CC, ALONE, ACT_SEARCH_DIRS, NULL},
    {"-print-sysroot", IN_CC, ALONE, ACT_ANSWER, ""},
    {"-print-multi-lib", IN_CC, ALONE, ACT_ANSWER, ".;"},
    {"-print-multi-directory", IN_CC, ALONE, ACT_ANSWER, "."},
    {"-print-multi-os-directory", IN_CC, ALONE, ACT_ANSWER, "."},
    {"-print-multiarch", IN_CC, ALONE, ACT_ANSWER, ""},

    /* Libraries and where they are. */
    {"-L", IN_ANY, JOIN, ACT_LIBDIR, is_absolute},
    {"--library-path", IN_ANY, EQ, ACT_LIBDIR, is_absolute},
    {"--library", IN_ANY, EQ, ACT_LIB, "the same as -l"},
    {"--ld-generated-unwind-info", IN_LD, ALONE, ACT_KEEP, NULL},
    {"-l", IN_ANY, JOIN, ACT_LIB, "some libraries are in every kit"},
    {"-nodefaultlibs", IN_CC, ALONE, ACT_DROP, own_startup},
    {"-nostartfiles", IN_CC, ALONE, ACT_DROP, own_startup},
    {"-nostdlib", IN_CC, ALONE, ACT_DROP, own_startup},
    {"--nostdlib", IN_LD, ALONE, ACT_DROP, "kraftld always gives it"},
    {"-nolibc", IN_CC, ALONE, ACT_DROP, own_startup},
    {"-static-libgcc", IN_CC, ALONE, ACT_DROP, own_startup},
    {"-shared-libgcc", IN_CC, ALONE, ACT_DROP, own_startup},
    {"-static-libstdc++", IN_CC, ALONE, ACT_DROP, always_static},
    {"-pthread", IN_CC, ALONE, ACT_DROP, "threads are in the kit's C library"},
    {"--sysroot", IN_ANY, EQ, ACT_FILE, is_absolute},
    {"-isysroot", IN_CC, NEXT, ACT_DROP, compilers},

    /* Static, dynamic, position independent. */
    {"--static", IN_ANY, ALONE, ACT_DROP, always_static},
    {"-static-pie", IN_CC, ALONE, ACT_DROP, kits_layout},
    {"--pie", IN_ANY, ALONE, ACT_DROP, kits_layout},
    {"--pic-executable", IN_ANY, ALONE, ACT_DROP, kits_layout},
    {"--no-pie", IN_ANY, ALONE, ACT_DROP, kits_layout},
    {"-nopie", IN_CC, ALONE, ACT_DROP, kits_layout},
    {"-Bdynamic", IN_ANY, ALONE, ACT_DROP, always_static},
    {"-Bstatic", IN_ANY, ALONE, ACT_KEEP, NULL},
    {"-Bsymbolic", IN_CC, FAMILY, ACT_KEEP, NULL},
    {"-dy", IN_LD, ALONE, ACT_DROP, always_static},
    {"--call_shared", IN_LD, ALONE, ACT_DROP, always_static},
    {"-rdynamic", IN_CC, ALONE, ACT_DROP, no_loader},
    {"-symbolic", IN_CC, ALONE, ACT_DROP, no_loader},
    {"--export-dynamic", IN_ANY, ALONE, ACT_DROP, no_loader},
    {"-E", IN_LD, ALONE, ACT_DROP, no_loader},
    {"--dynamic-linker", IN_ANY, EQ, ACT_DROP, no_loader},
    {"-I", IN_LD, JOIN, ACT_DROP, no_loader},
    {"--no-dynamic-linker", IN_LD, ALONE, ACT_DROP, no_loader},
    {"--rpath", IN_ANY, EQ, ACT_DROP, no_loader},
    {"--rpath-link", IN_ANY, EQ, ACT_DROP, no_loader},
    {"--enable-new-dtags", IN_LD, ALONE, ACT_DROP, no_loader},
    {"--disable-new-dtags", IN_LD, ALONE, ACT_DROP, no_loader},
    {"--soname", IN_LD, EQ, ACT_DROP, "only a shared library has one"},
    {"--hash-style", IN_LD, EQ, ACT_KEEP, NULL},
    {"--hash-size", IN_LD, EQ, ACT_KEEP, NULL},
    {"-h", IN_LD, JOIN, ACT_DROP, "only a shared library has a name of its own"},

    /* Stripping. */
    {"-s", IN_ANY, ALONE, ACT_STRIP_ALL, strips},
    {"--strip-all", IN_ANY, ALONE, ACT_STRIP_ALL, strips},
    {"-S", IN_LD, ALONE, ACT_STRIP_DEBUG, strips},
    {"--strip-debug", IN_ANY, ALONE, ACT_STRIP_DEBUG, strips},

    /* Which linker, for which machine. */
    {"-fuse-ld", IN_CC, OPT, ACT_DROP, gnu_only},
    {"--ld-path", IN_CC, EQ, ACT_DROP, gnu_only},
    {"-B", IN_CC, JOIN, ACT_DROP, gnu_only},
    {"-m64", IN_CC, ALONE, ACT_DROP, "the kit knows its machine"},
    {"--max-cache-size", IN_LD, EQ, ACT_KEEP, NULL},
    {"--map-whole-files", IN_LD, ALONE, ACT_KEEP, NULL},
    {"--mri-script", IN_ANY, EQ, ACT_FILE, NULL},
    {"-mllvm", IN_CC, NEXT, ACT_DROP, compilers},
    {"-m", IN_CC, NEXT, ACT_DROP, "the kit knows its machine"},
    {"-m", IN_LD, JOIN, ACT_DROP, "the kit knows its machine"},
    {"--plugin", IN_ANY, EQ, ACT_PLUGIN, is_absolute},
    {"--plugin-opt", IN_ANY, EQ, ACT_PLUGIN_OPT,
	"linker-plugin LTO leaves LLVM bitcode, which GNU ld cannot link without LLVM's "
	"plugin: use lto = \"fat\" or \"thin\" instead"},

    /* Flags whose value is a file. -T also has names that are not scripts. */
    {"-Ttext", IN_ANY, EQ, ACT_KEEP, NULL},
    {"-Tdata", IN_ANY, EQ, ACT_KEEP, NULL},
    {"-Tbss", IN_ANY, EQ, ACT_KEEP, NULL},
    {"-Ttext-segment", IN_ANY, EQ, ACT_KEEP, NULL},
    {"-Trodata-segment", IN_ANY, EQ, ACT_KEEP, NULL},
    {"-Tldata-segment", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--script", IN_ANY, EQ, ACT_SCRIPT, is_absolute},
    {"--default-script", IN_ANY, EQ, ACT_SCRIPT, is_absolute},
    {"-T", IN_ANY, JOIN, ACT_SCRIPT, is_absolute},
    {"-dT", IN_ANY, NEXT, ACT_SCRIPT, is_absolute},
    {"-c", IN_LD, NEXT, ACT_FILE, NULL},
    {"--version-script", IN_ANY, EQ, ACT_FILE, NULL},
    {"--dynamic-list", IN_ANY, EQ, ACT_FILE, NULL},
    {"--export-dynamic-symbol-list", IN_ANY, EQ, ACT_FILE, NULL},
    {"--retain-symbols-file", IN_ANY, EQ, ACT_FILE, NULL},
    {"--just-symbols", IN_ANY, EQ, ACT_FILE, NULL},
    {"-R", IN_ANY, JOIN, ACT_FILE, NULL},
    {"--Map", IN_ANY, EQ, ACT_FILE, NULL},
    {"--dependency-file", IN_ANY, EQ, ACT_DEPENDENCIES, is_absolute},
    {"--section-ordering-file", IN_ANY, EQ, ACT_FILE, NULL},
    {"--remap-inputs-file", IN_ANY, EQ, ACT_FILE, NULL},
    {"--error-handling-script", IN_ANY, EQ, ACT_FILE, NULL},
    {"--out-implib", IN_ANY, EQ, ACT_FILE, NULL},

    /* Flags whose value may be the next argument, which is no input then. */
    {"--undefined", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--entry", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--defsym", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--wrap", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--require-defined", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--trace-symbol", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--export-dynamic-symbol", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--unresolved-symbols", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--ignore-unresolved-symbol", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--version-exports-section", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--exclude-libs", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--exclude-modules-for-implib", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--section-start", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--sort-section", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--orphan-handling", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--compress-debug-sections", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--spare-dynamic-tags", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--task-link", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--image-base", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--remap-inputs", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--ctf-share-types", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--architecture", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--format", IN_ANY, EQ, ACT_KEEP, NULL},
    {"--gpsize", IN_LD, EQ, ACT_KEEP, NULL},
    {"--auxiliary", IN_LD, EQ, ACT_KEEP, NULL},
    {"--filter", IN_LD, EQ, ACT_KEEP, NULL},
    {"--audit", IN_LD, EQ, ACT_KEEP, NULL},
    {"--depaudit", IN_LD, EQ, ACT_KEEP, NULL},
    {"--assert", IN_LD, NEXT, ACT_KEEP, NULL},
    {"--init", IN_LD, EQ, ACT_KEEP, NULL},
    {"--fini", IN_LD, EQ, ACT_KEEP, NULL},
    {"-undef", IN_CC, ALONE, ACT_DROP, compilers},
    {"-u", IN_ANY, JOIN, ACT_KEEP, NULL},
    {"-z", IN_ANY, JOIN, ACT_KEEP, NULL},
    {"-e", IN_ANY, NEXT, ACT_KEEP, NULL},
    {"-y", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-Y", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-a", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-A", IN_ANY, NEXT, ACT_KEEP, NULL},
    {"-b", IN_ANY, NEXT, ACT_KEEP, NULL},
    {"-f", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-F", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-G", IN_LD, NEXT, ACT_KEEP, NULL},
    {"-P", IN_LD, NEXT, ACT_KEEP, NULL},

    /* What C build systems pass to every call of the compiler. */
    {"-target", IN_CC, NEXT, ACT_DROP, compilers},
    {"--target", IN_CC, EQ, ACT_DROP, compilers},
    {"--gcc-toolchain", IN_CC, EQ, ACT_DROP, compilers},
    {"--rtlib", IN_CC, EQ, ACT_DROP, own_startup},
    {"-rtlib", IN_CC, EQ, ACT_DROP, own_startup},
    {"--unwindlib", IN_CC, EQ, ACT_DROP, own_startup},
    {"-unwindlib", IN_CC, EQ, ACT_DROP, own_startup},
    {"-stdlib", IN_CC, EQ, ACT_DROP, own_startup},
    {"--param", IN_CC, EQ, ACT_DROP, compilers},
    {"-Xassembler", IN_CC, NEXT, ACT_DROP, compilers},
    {"-Xpreprocessor", IN_CC, NEXT, ACT_DROP, compilers},
    {"-Xclang", IN_CC, NEXT, ACT_DROP, compilers},
    {"-include", IN_CC, NEXT, ACT_DROP, compilers},
    {"-imacros", IN_CC, NEXT, ACT_DROP, compilers},
    {"-isystem", IN_CC, JOIN, ACT_DROP, compilers},
    {"-idirafter", IN_CC, JOIN, ACT_DROP, compilers},
    {"-iquote", IN_CC, JOIN, ACT_DROP, compilers},
    {"-wrapper", IN_CC, NEXT, ACT_DROP, compilers},
    {"-specs", IN_CC, EQ, ACT_DROP, own_startup},
    {"--specs", IN_CC, EQ, ACT_DROP, own_startup},
    {"-x", IN_CC, JOIN, ACT_DROP, compilers},
    {"-D", IN_CC, JOIN, ACT_DROP, compilers},
    {"-U", IN_CC, JOIN, ACT_DROP, compilers},
    {"-I", IN_CC, JOIN, ACT_DROP, compilers},
    {"-MF", IN_CC, JOIN, ACT_DROP, compilers},
    {"-MT", IN_CC, JOIN, ACT_DROP, compilers},
    {"-MQ", IN_CC, JOIN, ACT_DROP, compilers},
    {"-M", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-O", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-g", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-f", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-m", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-W", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-Q", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-std", IN_CC, OPT, ACT_DROP, compilers},
    {"--std", IN_CC, OPT, ACT_DROP, compilers},
    {"-pedantic", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-save-temps", IN_CC, OPT, ACT_DROP, compilers},
    {"-nostdinc", IN_CC, FAMILY, ACT_DROP, compilers},
    {"-ansi", IN_CC, ALONE, ACT_DROP, compilers},
    {"-pipe", IN_CC, ALONE, ACT_DROP, compilers},
    {"-pg", IN_CC, ALONE, ACT_REFUSE, "gcc's profiling run-time is not in the kit"},
    {"-p", IN_CC, ALONE, ACT_REFUSE, "gcc's profiling run-time is not in the kit"},
    {"-w", IN_CC, ALONE, ACT_DROP, compilers},
    {"-no-canonical-prefixes", IN_CC, ALONE, ACT_DROP, compilers},
};

static const struct {
	const char *name, *why;
} libraries[] = {
    {"c", "the kit has it; elsewhere it would be the build machine's"},
    {"gcc_s", "the kit has the static unwinder (libgcc_eh); this one is a shared library"},
    {"gcc_eh", "the kit has it"},
    {"gcc", "the kit has it"},
    {"unwind", "the kit has the unwinder"},
    /* musl: the Makefile's EMPTY_LIB_NAMES, all of them within libc.a. */
    {"m", "in the kit's C library"},
    {"rt", "in the kit's C library"},
    {"pthread", "in the kit's C library"},
    {"crypt", "in the kit's C library"},
    {"util", "in the kit's C library"},
    {"xnet", "in the kit's C library"},
    {"resolv", "in the kit's C library"},
    {"dl", "in the kit's C library"},
};

static bool
matches(const struct rule *r, const char *arg, const char **value)
{
	const char *flag = r->flag, *rest;
	size_t n;

	/* One dash is enough for ld's long flags, but -o is a flag of its own. */
	if (r->where != IN_CC && flag[1] == '-' && flag[2] != 'o' && arg[1] != '-')
		flag++;
	n = strlen(flag);
	if (strncmp(arg, flag, n) != 0)
		return false;
	rest = arg + n;
	*value = NULL;
	switch (r->form) {
	case ALONE:
	case NEXT:
		return !*rest;
	case JOIN:
		*value = *rest ? rest : NULL;
		return true;
	case EQ:
	case OPT:
		*value = *rest == '=' ? rest + 1 : NULL;
		return !*rest || *rest == '=';
	case GLUED:
		*value = rest;
		return *rest != '\0';
	case FAMILY:
		return true;
	}
	return false;
}

static const struct rule *
find(const char *arg, enum rule_where where, const char **value)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].where & where && matches(&rules[i], arg, value))
			return &rules[i];
	return NULL;
}

const struct rule *
rules_find(const char *arg, bool for_ld, const char **value)
{
	const struct rule *r = for_ld ? NULL : find(arg, IN_CC, value);

	/* A driver's unknown flag is for ld, as with rustc's "ld" linker flavor. */
	return r ? r : find(arg, IN_LD, value);
}

bool
rules_wants_next(const struct rule *r, const char *value)
{
	return !value && (r->form == NEXT || r->form == JOIN || r->form == EQ);
}

const char *
rules_library(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++)
		if (strcmp(name, libraries[i].name) == 0)
			return libraries[i].why;
	return NULL;
}

static bool
shared_object(const char *base)
{
	const char *so = strstr(base, ".so");

	while (so && so[3] != '\0' && so[3] != '.')
		so = strstr(so + 1, ".so");
	/* libx.so.a is an archive; versions are digits and dots. */
	return so && so > base && so[3 + strspn(so + 3, ".0123456789")] == '\0';
}

struct rule_file
rules_file(const char *path)
{
	static const char *const sources[] = {
	    ".c", ".cc", ".cpp", ".cxx", ".C", ".S", ".s", ".m", ".f90", ".rs"};
	const char *base = fs_basename(path);

	/* rustc's own crt1.o and libc.a, for targets that link "self-contained". */
	if (strstr(path, "/rustlib/") && strstr(path, "/lib/self-contained/"))
		return (struct rule_file){ACT_DROP, own_startup};
	if (shared_object(base))
		return (struct rule_file){ACT_REFUSE,
		    "a unikernel cannot load a shared library: link its static form (.a)"};
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (str_ends(base, sources[i]))
			return (struct rule_file){ACT_REFUSE, compiles};
	return (struct rule_file){ACT_KEEP, NULL};
}
