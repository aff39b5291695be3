/* SPDX-License-Identifier: BSD-3-Clause */
/* Fake compilers for the unit tests: shell scripts that answer from files beside them
 * and note each call in the file "calls" there. Include it after support.h. */
#ifndef KRAFT_RUST_TESTS_FAKES_H
#define KRAFT_RUST_TESTS_FAKES_H

#include "core/matrix.h"
#include "support.h"

#define FAKE_LINE "rustc 1.96.0 (ac68faa20 2026-05-25)"
#define FAKE_COMMIT "ac68faa20ac68faa20ac68faa20ac68faa20ac68"
#define FAKE_TARGET "x86_64-unikraft-linux-musl"

/* <root>/bin/rustc, whose sysroot is root. Its answers: version, targets, spec.json;
 * a file "refuse" is what it says against every spec. */
static inline void
fake_rustc(const char *root)
{
	put_script(root, "bin/rustc",
	    "here=${0%/*}\n"
	    "echo \"$*\" >>\"$here/calls\"\n"
	    "case \"$*\" in\n"
	    "-vV) cat \"$here/version\" ;;\n"
	    "*--print=sysroot*) printf '%s\\n' \"${here%/bin}\"; cat \"$here/targets\" ;;\n"
	    "*--print=target-spec-json*) cat \"$here/spec.json\" ;;\n"
	    "*--print=cfg*) [ ! -f \"$here/refuse\" ] || { cat \"$here/refuse\" >&2; exit 1; } ;;\n"
	    "*) echo \"unexpected: $*\" >&2; exit 9 ;;\n"
	    "esac\n");
	put(root, "bin/version",
	    FAKE_LINE "\nbinary: rustc\ncommit-hash: " FAKE_COMMIT "\ncommit-date: 2026-05-25\n"
		      "host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.0\n");
	put(root, "bin/targets",
	    "aarch64-unknown-linux-musl\nx86_64-unikraft-linux-musl\nx86_64-unknown-linux-musl\n");
	put(root, "bin/spec.json",
	    "{\"arch\": \"x86_64\", \"llvm-target\": \"x86_64-unknown-linux-musl\",\n"
	    " \"linker-flavor\": \"gnu-cc\", \"target-pointer-width\": 64,\n"
	    " \"crt-static-default\": true, \"metadata\": {\"description\": \"64-bit Linux with "
	    "musl 1.2.5\",\n"
	    "  \"host_tools\": true, \"std\": true, \"tier\": 2}}\n");
}

/* Sources of std for the compiler in root. */
static inline void
fake_source(const char *root)
{
	put(root, "lib/rustlib/src/rust/library/std/Cargo.toml", "[package]\nname = \"std\"\n");
	put(root, "lib/rustlib/src/rust/library/Cargo.lock", "version = 4\n");
	put(root, "lib/rustlib/src/rust/library/vendor/README", "");
}

/* <dir>/rustup: knows "which", and "component add rust-src". */
static inline void
fake_rustup(const char *dir)
{
	put_script(dir, "rustup",
	    "here=${0%/*}\n"
	    "echo \"$* in $PWD\" >>\"$here/calls\"\n"
	    "name=stable; src=\n"
	    "while [ $# -gt 0 ]; do\n"
	    "case $1 in --toolchain) name=$2; shift ;; add) src=1 ;; esac; shift\n"
	    "done\n"
	    "root=$RUSTUP_HOME/toolchains/$name\n"
	    "[ -d \"$root\" ] || { echo \"error: toolchain '$name' is not installed\" >&2; exit 1; "
	    "}\n"
	    "if [ \"$src\" ]; then\n"
	    "[ ! -f \"$here/offline\" ] || { echo 'error: no network' >&2; exit 1; }\n"
	    "mkdir -p \"$root/lib/rustlib/src/rust/library/std\" &&\n"
	    "echo 'version = 4' >\"$root/lib/rustlib/src/rust/library/Cargo.lock\" &&\n"
	    "echo '[package]' >\"$root/lib/rustlib/src/rust/library/std/Cargo.toml\"\n"
	    "else echo \"$root/bin/rustc\"; fi\n");
}

/* PATH is <dir>/path and the system's; HOME, the cache and rustup's folder are below
 * dir; nothing of the user's own settings is left. */
static inline void
fake_world(const char *dir)
{
	static const char *const unset[] = {"RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_HOME", "TMPDIR",
	    "KRAFT_RUST_HOME", "KRAFT_RUST_SHARE", "XDG_DATA_HOME", "XDG_CACHE_HOME",
	    "XDG_CONFIG_HOME"};
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *rustup = join(dir, "rustup home");
	AUTOFREE char *path = xasprintf("%s/path:/usr/bin:/bin", dir);

	for (size_t i = 0; i < ARRAY_LEN(unset); i++)
		unsetenv(unset[i]);
	setenv("HOME", home, 1);
	setenv("RUSTUP_HOME", rustup, 1);
	setenv("PATH", path, 1);
}

/* <root>/bin/cargo: makes two small rlibs for the target, and one for the machine that
 * is none of ours. Notes its arguments in "cargo-calls" and its environment in
 * "cargo-env"; its Cargo.toml and config.toml go into a folder "kept". A file "fail" is
 * what it says before it gives up; with a file "hang" it says "ready" by a file of that
 * name and waits. "cargo fetch" has "fetch-calls", "fetch-env" and "no-crates" instead. */
static inline void
fake_cargo(const char *root)
{
	put_script(root, "bin/cargo",
	    "here=${0%/*}\n"
	    "if [ \"$1\" = fetch ]; then\n"
	    "echo \"$*\" >>\"$here/fetch-calls\"; env >\"$here/fetch-env\"\n"
	    "[ ! -f \"$here/no-crates\" ] || { cat \"$here/no-crates\" >&2; exit 101; }\n"
	    "exit; fi\n"
	    "echo \"$*\" >>\"$here/cargo-calls\"\n"
	    "for a in \"$@\"; do case $a in\n"
	    "--target-dir=*) dir=${a#*=} ;;\n"
	    "--manifest-path=* | --config=*)\n"
	    "[ -f \"${a#*=}\" ] || exit 98\n"
	    "[ ! -d \"$here/kept\" ] || cp \"${a#*=}\" \"$here/kept\" ;;\n"
	    "--unit-graph) echo '{\"units\": [{}, {}, {}, {}]}'; exit ;;\n"
	    "esac; done\n"
	    "env >\"$here/cargo-env\"\n"
	    "echo '   Compiling core' >&2\n"
	    "if [ -f \"$here/hang\" ]; then : >\"$here/ready\"; sleep 60; exit 97; fi\n"
	    "[ ! -f \"$here/fail\" ] || { cat \"$here/fail\" >&2; exit 101; }\n"
	    "make() {\n"
	    "mkdir -p \"$2\" && echo \"rlib of $1\" >\"$2/lib$1-1.rlib\"\n"
	    "printf '{\"reason\": \"compiler-artifact\", \"target\": {\"name\": \"%s\"}, ' \"$1\"\n"
	    "printf '\"filenames\": [\"%s\", \"%s\"]}\\n' \"$2/lib$1-1.rlib\" "
	    "\"$2/lib$1-1.rmeta\"\n"
	    "}\n"
	    "make cc \"$dir/release/deps\"\n"
	    "make core \"$dir/" FAKE_TARGET "/release/deps\"\n"
	    "make std \"$dir/" FAKE_TARGET "/release/deps\"\n"
	    "make kraft_rust_std \"$dir/" FAKE_TARGET "/release/deps\"\n"
	    "echo 'not JSON'; echo '{\"reason\": \"build-finished\", \"success\": true}'\n");
}

/* A matrix whose machine is dir, with qemu and host: musl is in "musl 1", libgcc in
 * gcc/<version>, fake-as and fake-ld are on fake_world's PATH. */
static inline void
fake_matrix(const char *dir, struct matrix *m)
{
	static const char form[] = "architectures:\n"
				   "  x86_64:\n"
				   "    target: x86_64-unikraft-linux-musl\n"
				   "    builtin-since: 1.73.0\n"
				   "    base: x86_64-unknown-linux-musl\n"
				   "    machine: 62\n"
				   "    ld: [fake-ld]\n"
				   "  arm64:\n"
				   "    target: aarch64-unikraft-linux-musl\n"
				   "    base: aarch64-unknown-linux-musl\n"
				   "    machine: 183\n"
				   "    ld: [fake-ld]\n"
				   "platforms:\n"
				   "  qemu: {summary: QEMU}\n"
				   "  host:\n"
				   "    summary: this machine\n"
				   "    libc:\n"
				   "      x86_64:\n"
				   "        dirs: ['%s/musl*']\n"
				   "        gcc-dirs: ['%s/gcc/*']\n"
				   "        as: [no-as, fake-as]\n"
				   "        emulation: elf_x86_64\n"
				   "        packages: musl-dev gcc binutils\n"
				   "combinations: {x86_64: [qemu, host], arm64: [qemu]}\n";
	AUTOFREE char *quoted = fs_glob_quote(dir);
	AUTO(str) yaml = {0};
	AUTOFREE char *text = NULL;
	const char *name = "m.yaml", *texts[1];
	struct err e = {0};

	for (const char *p = quoted; *p; p++)
		str_addn(&yaml, *p == '\'' ? "\'\'" : p, *p == '\'' ? 2 : 1);
	texts[0] = text = xasprintf(form, yaml.buf, yaml.buf);
	if (matrix_parse(m, &name, texts, 1, &e) < 0)
		fail_msg("%s", e.msg);
}

/* The files that fake_matrix's host platform is made from. */
static inline void
fake_musl(const char *dir)
{
	static const char *const files[] = {"musl 1/crt1.o", "musl 1/crti.o", "musl 1/crtn.o",
	    "musl 1/libc.a", "gcc/9/libgcc.a", "gcc/9/libgcc_eh.a", "gcc/12/libgcc.a",
	    "gcc/12/libgcc_eh.a"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put(dir, files[i], files[i]);
	put(dir, "musl 2/libc.a", "incomplete");
	put_script(dir, "path/fake-ld", "");
	put_script(dir, "path/fake-as", "cp \"$3\" \"$2\"\n");
}

#endif
