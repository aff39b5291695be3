#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# install with the real compiler: interrupted, repeated, raced and taken back. Std is
# built once in here; what needs no compiling is in ../cli/install.bats.

load e2e
load ../cli/toolchain

setup() {
	e2e_home
	# A home of the test's own; the shared one has std ready.
	export KRAFT_RUST_HOME=$T/kraft
	KR=$BUILD/kraft-rust
	command -v pgrep >/dev/null || skip "no pgrep: apt install procps"
}

# The processes that work in this test's folder.
running() {
	pgrep -af "(rustc|cargo).*$XDG_CACHE_HOME" || true
}

# when_built N SIGNAL: install host, and send the signal at the Nth unit.
when_built() {
	rm -f "$T/ready"
	: >"$T/said"
	(
		for _ in $(seq 6000); do
			grep -qF "[$1/" "$T/said" && echo >"$T/ready" && break
			sleep 0.05
		done
	) 3>&- &
	run "$ROOT/tests/cli/signal-when" "$T/ready" "$2" sh -c \
		"exec '$KR' install x86_64 host --offline 2>'$T/said'"
}

# What a rustc has of its own.
sysroot_files() {
	find /usr/lib/rustlib/ -printf '%p %y %s %T@ %l\n' | sort
}

@test "SIGINT while std is built: nothing runs on, nothing is left" {
	when_built 9 INT
	[ "${lines[-1]}" = "signal 2" ]
	[ -z "$(running)" ]
	[ -z "$(scratch)" ]
	[ ! -e "$KRAFT_RUST_HOME/std" ]
}

@test "killed while std is built, then two at once: one std, and it works; uninstall leaves nothing" {
	before=$(sysroot_files)
	when_built 11 KILL
	[ "${lines[-1]}" = "signal 9" ]
	"$KR" install x86_64 host --offline 2>one 3>&- &
	first=$!
	"$KR" install x86_64 qemu --offline 2>two || { cat two >&2; return 1; }
	wait $first || { cat one >&2; return 1; }
	[ "$(cat one two | grep -c '^building std')" = 1 ]
	[ "$(cat one two | grep -c '^waiting for another kraft-rust')" = 1 ]
	[ "$(ls "$KRAFT_RUST_HOME/std" | wc -l)" = 1 ]
	assert_whole
	[ -z "$(scratch)" ]
	assert_std_works
	# The same sources give the same std, wherever it was built.
	diff -r "$KRAFT_RUST_HOME"/std/* "$(shared_std)"

	"$KR" uninstall --all -q
	[ -z "$(find "$HOME" "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" \
		-mindepth 1 2>/dev/null)" ]
	[ "$before" = "$(sysroot_files)" ]
	cd "$T/works"
	run cargo build --release
	[ "$status" -eq 101 ]
	has E0463
}

# A compiler with the shared std ready, so that an install is everything but the build.
ready_toolchain() {
	REAL_RUSTC=/usr/bin/rustc
	replay_toolchain "$T/ready-made"
	rm "$T/ready-made/rlibs"/*
	ln "$(shared_std)"/lib/*.rlib "$T/ready-made/rlibs" 2>/dev/null ||
		cp "$(shared_std)"/lib/*.rlib "$T/ready-made/rlibs"
}

@test "killed while std is stored and published, then repeated: a std that works" {
	need_strace
	ready_toolchain
	for at in copy_file_range:7 fsync:20 renameat2:1 rename:1 symlink:1 renameat2:2; do
		run strace -qq -o /dev/null -e trace="${at%:*}" \
			-e inject="${at%:*}:signal=KILL:when=${at#*:}" \
			"$KR" install x86_64 host --rustc "$T/ready-made/bin/rustc"
		[ "$status" -ge 128 ] || { echo "not killed at $at" >&2; return 1; }
		"$KR" install x86_64 host --rustc "$T/ready-made/bin/rustc" -q
		assert_whole
		assert_std_works --rustc "$T/ready-made/bin/rustc" ||
			{ echo "killed at $at" >&2; return 1; }
		"$KR" uninstall --all -q
	done
}

@test "a second install: 50 ms at most, and no compiler" {
	export KRAFT_RUST_HOME=$E2E/kraft
	"$KR" install x86_64 host -q
	best=1000
	for _ in 1 2 3 4 5 6 7 8; do
		start=$(date +%s%N)
		"$KR" install x86_64 host -q
		took=$((($(date +%s%N) - start) / 1000000))
		[ $took -ge $best ] || best=$took
	done
	echo "# took $best ms" >&3
	[ $best -le 50 ]
	need_strace
	strace -f -qq -o trace -e trace=execve "$KR" install x86_64 host -q
	[ "$(grep -c execve trace)" = 1 ]
}

@test "the std has what cargo test, macros and LTO need, and nothing of the machine's own" {
	lib=$(shared_std)/lib
	for crate in std core alloc test proc_macro panic_unwind panic_abort compiler_builtins; do
		ls "$lib"/lib$crate-*.rlib
	done
	[ -z "$(find "$lib" -type f ! -name 'lib*-*.rlib')" ]
	[ "$(ls "$lib" | sed 's/-[0-9a-f]*\.rlib$//' | sort | uniq -d)" = "" ]
	! grep -lrE "$BUILD|$HOME" "$lib" || false
}

@test "a std of another compiler is refused before cargo meets it" {
	export KRAFT_RUST_HOME=$E2E/kraft
	fake_rustc "$T/other" 1.95.0
	run kraft-rust new hello --arch x86_64 --plat host --rustc "$T/other/bin/rustc"
	[ "$status" -eq 1 ]
	has "is not installed for rustc 1.95.0"
	has "kraft-rust install x86_64 host"
}

@test "another bare rustc: the project is pinned to the one that std is for" {
	export KRAFT_RUST_HOME=$E2E/kraft
	fake_rustc "$T/other" 1.95.0
	export PATH=$T/other/bin:$PATH
	run kraft-rust new hello --arch x86_64 --plat host
	[ "$status" -eq 0 ]
	has "the project uses /usr/bin/rustc"
	cd hello
	[ "$(cargo run -q)" = "Hello, world!" ]
}
