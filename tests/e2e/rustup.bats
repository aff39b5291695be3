#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A rustup toolchain: std is linked into it, and a project's configuration names no
# folder of this machine. The toolchain is a copy of Debian's compiler, in a rustup
# home of the tests' own.

load e2e
load ../cli/toolchain

setup_file() {
	prepare_std
	[ -z "$E2E_CANNOT" ] || return 0
	RUSTUP=$(command -v rustup) || RUSTUP=$HOME/.cargo/bin/rustup
	if [ ! -x "$RUSTUP" ]; then
		export E2E_CANNOT="no rustup on PATH or in ~/.cargo/bin"
		return 0
	fi
	copy_toolchain "$BATS_FILE_TMPDIR/debian"
	rustup_proxies
}

# copy_toolchain DIR: Debian's compiler, with a sysroot of its own: rustc finds that
# from where its driver lies. Rust's own builds find the driver by themselves; Debian's
# has to be told.
copy_toolchain() {
	local driver name
	driver=$(ldd /usr/bin/rustc | sed -n 's/.*=> \(.*librustc_driver[^ ]*\) .*/\1/p')
	mkdir -p "$1/bin" "$1/libexec" "$1/lib/rustlib/src"
	cp /usr/bin/cargo "$1/bin"
	cp /usr/bin/rustc /usr/bin/rustdoc "$1/libexec"
	cp "$driver" "$1/lib"
	for name in rustc rustdoc; do
		cat >"$1/bin/$name" <<-EOF
			#!/bin/bash
			dir=\$(realpath "\$0") dir=\${dir%/bin/$name}
			LD_LIBRARY_PATH=\$dir/lib exec "\$dir/libexec/$name" "\$@"
		EOF
		chmod +x "$1/bin/$name"
	done
	cp -r /usr/lib/rustlib/x86_64-unknown-linux-gnu "$1/lib/rustlib"
	ln -s "$(realpath /usr/lib/rustlib/src/rust)" "$1/lib/rustlib/src/rust"
}

# rustup and its proxies, alone in a folder.
rustup_proxies() {
	local name
	export RUSTUP_BIN=$BATS_FILE_TMPDIR/bin
	mkdir -p "$RUSTUP_BIN"
	cp "$(realpath "$RUSTUP")" "$RUSTUP_BIN/rustup"
	for name in rustc cargo rustdoc; do
		ln -s rustup "$RUSTUP_BIN/$name"
	done
}

setup() {
	e2e_home
	KR=$BUILD/kraft-rust
	export RUSTUP_HOME=$T/rustup KRAFT_RUST_HOME=$T/kraft RUSTUP_AUTO_INSTALL=0
	export PATH=$BUILD:$RUSTUP_BIN:/usr/bin:/bin
	DIR=$T/toolchain
	cp -al "$BATS_FILE_TMPDIR/debian" "$DIR" 2>/dev/null || cp -a "$BATS_FILE_TMPDIR/debian" "$DIR"
	rustup -q toolchain link mine "$DIR"
	rustup -q default mine
	[ "$("$DIR/bin/rustc" --print sysroot)" = "$DIR" ] ||
		skip "this rustc does not find its sysroot from where it lies"
	LINK=$DIR/lib/rustlib/$TARGET
	with_std
	before=$(toolchain_files)
}

# The shared std, built by the same compiler, spares another minute.
with_std() {
	mkdir -p "$KRAFT_RUST_HOME"
	mkdir "$KRAFT_RUST_HOME/std"
	cp -al "$(shared_std)" "$KRAFT_RUST_HOME/std" 2>/dev/null ||
		cp -a "$(shared_std)" "$KRAFT_RUST_HOME/std"
}

toolchain_files() {
	find "$DIR" -printf '%p %y %s %i %l\n' | sort
}

@test "install links the target into the toolchain; the configuration is portable" {
	run "$KR" install x86_64 host
	[ "$status" -eq 0 ]
	lacks "building"
	[ -L "$LINK" ]
	[ "$(readlink "$LINK")" = "$(echo "$KRAFT_RUST_HOME"/std/*)" ]
	kraft-rust new hello --arch x86_64 --plat host
	cd hello
	! grep -E 'sysroot|^rustc =' .cargo/config.toml || false
	[ "$(cargo run -q)" = "Hello, world!" ]
	assert_static "$(image hello)"
	# Plain rustc, too.
	rustc --target $TARGET -Clinker=kraftld src/main.rs -o plain
	[ "$(./plain)" = "Hello, world!" ]
}

@test "uninstall removes the link and nothing else" {
	"$KR" install x86_64 host -q
	"$KR" install x86_64 qemu -q
	"$KR" uninstall x86_64 host -q
	[ -L "$LINK" ]
	"$KR" uninstall x86_64 qemu -q
	[ "$(toolchain_files)" = "$before" ]
	[ ! -e "$KRAFT_RUST_HOME" ]
}

@test "--toolchain and RUSTUP_TOOLCHAIN choose it, from anywhere" {
	rustup -q toolchain link other "$DIR"
	rustup -q default other
	"$KR" install x86_64 host --toolchain mine -q
	[ -L "$LINK" ]
	"$KR" uninstall x86_64 host --toolchain mine -q
	[ "$(toolchain_files)" = "$before" ]
	with_std
	RUSTUP_TOOLCHAIN=mine "$KR" install x86_64 host -q
	[ -L "$LINK" ]
}

@test "a folder in the link's place is left alone, --sysroot is used instead" {
	mkdir -p "$LINK/lib"
	echo mine >"$LINK/lib/file"
	before=$(toolchain_files)
	"$KR" install x86_64 host -q
	[ "$(toolchain_files)" = "$before" ]
	kraft-rust new hello --arch x86_64 --plat host
	grep -q -- "--sysroot=$KRAFT_RUST_HOME" hello/.cargo/config.toml
	[ "$(cd hello && cargo run -q)" = "Hello, world!" ]
	"$KR" uninstall --all -q
	[ "$(toolchain_files)" = "$before" ]
	[ "$(cat "$LINK/lib/file")" = mine ]
}

@test "a foreign link in its place is left alone too" {
	mkdir "$T/theirs"
	ln -s "$T/theirs" "$LINK"
	"$KR" install x86_64 host -q
	[ "$(readlink "$LINK")" = "$T/theirs" ]
	kraft-rust new hello --arch x86_64 --plat host
	[ "$(cd hello && cargo run -q)" = "Hello, world!" ]
	"$KR" uninstall --all -q
	[ "$(readlink "$LINK")" = "$T/theirs" ]
}

@test "a read-only toolchain: --sysroot is used" {
	if [ "$(id -u)" -eq 0 ]; then
		mount --bind "$DIR" "$DIR" 2>/dev/null && mount -o remount,ro,bind "$DIR" ||
			skip "this machine lets nothing be mounted"
		echo "$DIR" >"$T/mounted"
	else
		chmod 555 "$DIR/lib/rustlib"
	fi
	"$KR" install x86_64 host -q
	[ "$(toolchain_files)" = "$before" ]
	kraft-rust new hello --arch x86_64 --plat host
	grep -q -- "--sysroot=$KRAFT_RUST_HOME" hello/.cargo/config.toml
	[ "$(cd hello && cargo run -q)" = "Hello, world!" ]
	"$KR" uninstall --all -q
}

teardown() {
	[ ! -e "$T/mounted" ] || umount "$(cat "$T/mounted")"
	chmod 755 "$DIR/lib/rustlib" 2>/dev/null || true
	assert_stable
}

@test "a toolchain that was removed: uninstall still works" {
	"$KR" install x86_64 host -q
	rm -rf "$DIR"
	"$KR" uninstall x86_64 host -q
	[ ! -e "$KRAFT_RUST_HOME" ]
}
