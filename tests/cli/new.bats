#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust new: a project that builds and runs. That it does is for the end-to-end
# tests to show; here are its files, and what is refused.

load helper

setup() {
	fresh_home
	fake_rustc "$T/one" 1.90.0
	export PATH=$T/one/bin:$BUILD:$PATH
	fake_install "$T/one/bin/rustc" x86_64 host >/dev/null
}

@test "new: makes a project and says how to go on" {
	run "$KR" new hello --arch x86_64 --plat host
	[ "$status" -eq 0 ]
	[ "$output" = "created hello for x86_64 host; next:
  cd hello
  cargo run" ]
	[ "$(cd hello && find . -type f | LC_ALL=C sort | tr '\n' ' ')" = \
		"./.cargo/config.toml ./.gitignore ./Cargo.toml ./Kraftfile ./src/main.rs " ]
	[ "$(ls -A)" = hello ]
	grep -qx 'name = "hello"' hello/Cargo.toml
	grep -qx 'name: "hello"' hello/Kraftfile
	grep -qx 'spec: v0.6' hello/Kraftfile
	# kraft does not know host: the first platform that it knows.
	grep -qx '  - qemu/x86_64' hello/Kraftfile
	grep -qx '/target' hello/.gitignore
	grep -q 'println!' hello/src/main.rs
	[ "$(stat -c %a hello)" = "$(printf '%o' $((0777 & ~$(umask))))" ]
	(cd hello && "$KR" config x86_64 host --print) | cmp - hello/.cargo/config.toml
}

@test "new: cargo takes it" {
	command -v cargo >/dev/null || skip "no cargo on PATH"
	run "$KR" new hello
	[ "$status" -eq 0 ]
	run cargo metadata --no-deps --offline --format-version 1 --manifest-path hello/Cargo.toml
	[ "$status" -eq 0 ]
	has '"name":"hello"'
	has '"kind":["bin"]'
}

@test "new: the Kraftfile and the manifest need no other tool's rules" {
	python3 -c 'import yaml' 2>/dev/null || skip "no python3-yaml"
	"$KR" new true_
	python3 -c '
import yaml
k = yaml.safe_load(open("true_/Kraftfile"))
assert k["name"] == "true_", k
assert k["targets"] == ["qemu/x86_64"], k
assert k["libraries"] == {"musl": "stable", "librust": {"source": "'"$ROOT/share/librust"'"}}, k
assert all(isinstance(v, str) for v in k["unikraft"]["kconfig"].values()), k'
}

@test "new: the default is this machine's architecture and the last platform" {
	[ "$(uname -m)" = x86_64 ] || skip "the fake installation is for x86_64"
	run "$KR" new a
	has "created a for x86_64 host"
	sleep 0.02
	fake_install "$T/one/bin/rustc" x86_64 qemu
	run "$KR" new b
	has "created b for x86_64 qemu"
	grep -qx 'value = "qemu"' b/.cargo/config.toml
	run "$KR" new c --arch amd64
	has "created c for x86_64 qemu"
	run "$KR" new d --plat host
	has "created d for x86_64 host"
}

@test "new: nothing installed names the command, and nothing is made" {
	rm -r "$KRAFT_RUST_HOME"
	fails 1 "$KR" new a/b --arch x86_64
	has "kraft-rust: nothing is installed for x86_64 yet
  run 'kraft-rust install x86_64 host'"
	fails 1 "$KR" new a/b --arch x86_64 --plat qemu
	has "run 'kraft-rust install x86_64 qemu'"
	[ -z "$(ls -A)" ]
}

@test "new: unknown names" {
	fails 2 "$KR" new a --arch nope
	has "unknown architecture 'nope'"
	fails 2 "$KR" new a --arch x86_64 --plat nope
	has "unknown platform 'nope'"
	fails 2 "$KR" new a --arch host
	has "'host' needs an architecture before it"
	fails 2 "$KR" new
	fails 2 "$KR" new a b
	[ -z "$(ls -A)" ]
}

@test "new: never writes over what is there" {
	mkdir empty
	echo mine >file
	ln -s nowhere dangling
	for name in empty file dangling; do
		fails 1 "$KR" new "$name"
		has "$name: already exists"
	done
	[ -z "$(ls -A empty)" ]
	[ "$(cat file)" = mine ]
	[ "$(readlink dangling)" = nowhere ]
	[ "$(ls -A | tr '\n' ' ')" = "dangling empty file " ]
}

@test "new: NAME may be a path, whose folders are made" {
	run "$KR" new "a b/c/hello/"
	[ "$status" -eq 0 ]
	has "  cd 'a b/c/hello/'"
	grep -qx 'name = "hello"' "a b/c/hello/Cargo.toml"
	run "$KR" new "$T/abs"
	[ "$status" -eq 0 ]
	[ -f "$T/abs/Cargo.toml" ]
	[ "$(ls -A "a b/c")" = hello ]
}

@test "new: refuses the names that cargo refuses" {
	local name
	for name in 1abc fn self test build deps foo.bar 'a b' 'hello!' . .. x/.. '' 'hé' -- -x; do
		fails 2 "$KR" new "$name"
	done
	fails 2 "$KR" new -- -x
	has "invalid package name '-x': the first character must be a letter or _"
	fails 2 "$KR" new fn
	has "invalid package name 'fn': it is a Rust keyword"
	[ -z "$(ls -A)" ]
}

@test "new: warns where cargo warns" {
	run "$KR" new core
	[ "$status" -eq 0 ]
	has "warning: package name 'core': it may be confused with the package of that name in Rust's standard library"
	run "$KR" new Hello
	[ "$status" -eq 0 ]
	has "warning: package name 'Hello': small letters are recommended for package names"
	run "$KR" new hello_1-x
	lacks warning
}

@test "new: a cargo that refuses leaves nothing behind" {
	printf '#!/bin/sh\necho "error: no good" >&2\nexit 101\n' >"$T/one/bin/cargo"
	chmod +x "$T/one/bin/cargo"
	fails 6 "$KR" new a/b/hello
	has "error: no good"
	[ -z "$(ls -A)" ]
}

@test "new: pins the compiler as config does" {
	fake_rustc "$T/two" 1.91.0
	PATH=$T/two/bin:$PATH run "$KR" new hello
	[ "$status" -eq 0 ]
	has "the project uses $T/one/bin/rustc (1.90.0), "
	grep -qx "rustc = \"$T/one/bin/rustc\"" hello/.cargo/config.toml
}

@test "new: inside a workspace that does not list it, and in one that does" {
	command -v cargo >/dev/null || skip "no cargo on PATH"
	printf '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n' >Cargo.toml
	cp Cargo.toml before
	run "$KR" new crates/one
	[ "$status" -eq 0 ]
	lacks workspace
	run ! grep workspace crates/one/Cargo.toml
	run "$KR" new two
	[ "$status" -eq 0 ]
	has "the workspace of $T/work/Cargo.toml does not list the project, so it is a workspace of its own"
	grep -qx '\[workspace\]' two/Cargo.toml
	cmp before Cargo.toml
	cargo metadata --no-deps --offline --format-version 1 --manifest-path crates/one/Cargo.toml >/dev/null
	cargo metadata --no-deps --offline --format-version 1 --manifest-path two/Cargo.toml >/dev/null
}

@test "new: a package above that is no workspace does not matter" {
	printf '[package]\nname = "above"\nversion = "0.1.0"\nworkspace = "x"\n' >Cargo.toml
	run "$KR" new one
	[ "$status" -eq 0 ]
	lacks workspace
	run ! grep workspace one/Cargo.toml
}

@test "new: a Kraftfile is UTF-8" {
	local share=$T/$'\xff'
	ln -s "$ROOT" "$share"
	KRAFT_RUST_SHARE=$share run -1 "$KR" new hello --arch x86_64 --plat host
	has '/\xff/share/librust: this path is not UTF-8, so a Kraftfile cannot name it'
	[ ! -e hello ]
}
