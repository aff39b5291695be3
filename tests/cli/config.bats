#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust config: the block in .cargo/config.toml.

load helper

setup() {
	fresh_home
	fake_rustc "$T/one" 1.90.0
	fake_rustc "$T/two" 1.91.0
	REAL_PATH=$PATH
	export PATH=$T/one/bin:$BUILD:$PATH
	CONFIG=$T/work/.cargo/config.toml
}

needs_cargo() {
	command -v cargo >/dev/null || skip "no cargo on PATH"
}

@test "config: writes the block for the bare compiler" {
	dir=$(fake_install "$T/one/bin/rustc" x86_64 qemu)
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	[ "$output" = "wrote $CONFIG" ]
	cat >want <<-EOF
		# >>> kraft-rust x86_64 qemu: 'kraft-rust config' replaces these lines; write yours outside of them
		[build]
		target = "$TARGET"

		[target.$TARGET]
		linker = "kraftld"
		runner = "kraft-rust run"
		rustflags = "-Cpanic=unwind --sysroot=$dir"
		rustdocflags = "-Cpanic=unwind --sysroot=$dir"

		[env.KRAFTKIT_ARCH]
		value = "x86_64"

		[env.KRAFTKIT_PLAT]
		value = "qemu"

		[env.KRAFT_RUST_HOME]
		value = "$KRAFT_RUST_HOME"
		# <<< kraft-rust
	EOF
	diff want "$CONFIG"
	[ "$(ls -A .cargo)" = config.toml ]
}

@test "config: kraft's notation, an alias and -C mean the same" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir -p p q
	run "$KR" config qemu/x86_64 -C p
	[ "$status" -eq 0 ]
	run "$KR" config -C q amd64 kvm
	[ "$status" -eq 0 ]
	cmp p/.cargo/config.toml q/.cargo/config.toml
}

@test "config: a second call replaces the block and keeps the rest" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	fake_install "$T/one/bin/rustc" x86_64 host
	mkdir .cargo
	printf '# mine\r\n[env]\r\nA = "b"' >before
	printf '[net]\nretry = 1' >after
	"$KR" config x86_64 host --print >host
	cp before "$CONFIG"
	"$KR" config x86_64 qemu
	cat after >>"$CONFIG"
	run "$KR" config x86_64 host
	[ "$status" -eq 0 ]
	{ cat before; printf '\r\n\r\n'; sed 's/$/\r/' host; cat after; } | cmp - "$CONFIG"
}

@test "config: an unchanged file is not written, and cargo not asked" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	"$KR" config x86_64 qemu
	touch -d 2001-01-01 "$CONFIG"
	before=$(stat -c '%Y %i' "$CONFIG")
	printf '#!/bin/sh\nexit 1\n' >"$T/one/bin/cargo"
	chmod +x "$T/one/bin/cargo"
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	[ "$output" = "$CONFIG is up to date" ]
	[ "$(stat -c '%Y %i' "$CONFIG")" = "$before" ]
}

@test "config: --print writes nothing" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	run --separate-stderr "$KR" config x86_64 qemu --print
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "[build]" ]
	[ -z "$stderr" ]
	[ ! -e .cargo ]
}

@test "config: -q says nothing" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	run "$KR" config -q x86_64 qemu
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "config: the programs' paths when PATH does not lead to them" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir bin
	printf '#!/bin/sh\n' | tee bin/kraftld >bin/kraft-rust
	chmod +x bin/*
	PATH=$T/work/bin:$T/one/bin:$REAL_PATH run "$KR" config x86_64 qemu --print
	has "linker = \"$BUILD/kraftld\""
	has "runner = \"$BUILD/kraft-rust run\""
}

@test "config: says when kraftld is missing" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir bin
	cp "$KR" bin/
	fails 1 bin/kraft-rust config x86_64 qemu
	has "kraftld belongs beside $T/work/bin/kraft-rust: No such file or directory"
	[ ! -e .cargo ]
}

@test "config: a linked toolchain needs no --sysroot, the usual home no [env]" {
	link=$T/one/lib/rustlib/$TARGET
	mkdir "$link"
	export KRAFT_RUST_HOME=$XDG_DATA_HOME/kraft-rust
	fake_install "$T/one/bin/rustc" x86_64 qemu "$link"
	run "$KR" config x86_64 qemu --print
	lacks "$T"
	unset KRAFT_RUST_HOME
	run "$KR" config x86_64 qemu --print
	[ "$status" -eq 0 ]
	lacks "$T"
	lacks sysroot
	# A link that is gone, or in another compiler's folder, does not help.
	rmdir "$link"
	run "$KR" config x86_64 qemu --print
	has "rustflags = \"-Cpanic=unwind --sysroot=$XDG_DATA_HOME/kraft-rust/sysroots/"
}

@test "config: pins the installed compiler when the bare one has no std" {
	fake_install "$T/two/bin/rustc" x86_64 qemu
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = "the project uses $T/two/bin/rustc (1.91.0), for which std for x86_64 qemu is installed, and not the 1.90.0 that 'rustc' means here" ]
	grep -qx "rustc = \"$T/two/bin/rustc\"" "$CONFIG"
	grep -qx "rustdoc = \"$T/two/bin/rustdoc\"" "$CONFIG"
	rm "$T/two/bin/rustdoc"
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	run ! grep rustdoc\ = "$CONFIG"
}

@test "config: of several compilers, the one installed last and still there" {
	fake_rustc "$T/three" 1.92.0
	fake_install "$T/two/bin/rustc" x86_64 qemu
	sleep 0.02
	fake_install "$T/three/bin/rustc" x86_64 qemu
	run "$KR" config x86_64 qemu --print
	has "rustc = \"$T/three/bin/rustc\""
	rm -r "$T/three"
	run "$KR" config x86_64 qemu --print
	has "rustc = \"$T/two/bin/rustc\""
}

@test "config: a chosen compiler is pinned unless it is the bare one" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	fake_install "$T/two/bin/rustc" x86_64 qemu
	run "$KR" config x86_64 qemu --print --rustc "$T/two/bin/rustc"
	has "rustc = \"$T/two/bin/rustc\""
	RUSTC=$T/two/bin/rustc run "$KR" config x86_64 qemu --print
	has "rustc = \"$T/two/bin/rustc\""
	run "$KR" config x86_64 qemu --print --rustc "$T/one/bin/rustc"
	[ "$status" -eq 0 ]
	lacks "rustc = "
}

@test "config: without rustc on PATH the installed one is pinned" {
	fake_install "$T/two/bin/rustc" x86_64 qemu
	mkdir bin
	ln -s "$(command -v env)" bin/
	PATH=$T/work/bin:$BUILD run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	has "the project uses $T/two/bin/rustc (1.91.0): no 'rustc' is on PATH"
	has "no cargo is on PATH, so the new config.toml is not checked"
	grep -qx "rustc = \"$T/two/bin/rustc\"" "$CONFIG"
}

@test "config: nothing installed names the command" {
	fails 1 "$KR" config x86_64 qemu
	has "kraft-rust: std for $TARGET (x86_64 qemu) is not installed for rustc 1.90.0 ($T/one/bin/rustc)"
	has "run 'kraft-rust install x86_64 qemu'"
	fake_install "$T/one/bin/rustc" x86_64 qemu
	fails 1 "$KR" config x86_64 qemu --rustc "$T/two/bin/rustc"
	has "is not installed for rustc 1.91.0 ($T/two/bin/rustc)"
	has "run 'kraft-rust install x86_64 qemu --rustc $T/two/bin/rustc'"
	[ ! -e .cargo ]
}

@test "config: a compiler that was replaced since is not pinned" {
	fake_install "$T/two/bin/rustc" x86_64 qemu
	fake_rustc "$T/two" 1.93.0
	fails 1 "$KR" config x86_64 qemu
	has "was installed for rustc 1.91.0 (fake), but $T/two/bin/rustc is now rustc 1.93.0 (fake)"
	has "run 'kraft-rust install x86_64 qemu --rustc $T/two/bin/rustc'"
}

@test "config: a clash names the table and its line, and changes nothing" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir .cargo
	printf '[net]\n\n[build]\njobs = 2\n' >"$CONFIG"
	fails 3 "$KR" config x86_64 qemu
	has "kraft-rust: $CONFIG:3: the table [build] clashes with [build] in the block of kraft-rust"
	has "'kraft-rust config x86_64 qemu --print'"
	[ "$(cat "$CONFIG")" = "$(printf '[net]\n\n[build]\njobs = 2')" ]
	# The way out works beside it.
	run "$KR" config x86_64 qemu --print
	[ "$status" -eq 0 ]
}

@test "config: the old file name without .toml" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir .cargo
	echo '[net]' >.cargo/config
	fails 3 "$KR" config x86_64 qemu
	has "run 'mv $T/work/.cargo/config $CONFIG' and try again"
	[ ! -e "$CONFIG" ]
}

@test "config: cargo has the last word" {
	needs_cargo
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir .cargo
	# A value that we do not judge.
	printf '[net]\nretry = 1.2.3\n' >"$CONFIG"
	fails 6 "$KR" config x86_64 qemu
	has "cargo refuses the new $CONFIG, so it was not written: "
	has "TOML parse error at line 2"
	[ "$(cat "$CONFIG")" = "$(printf '[net]\nretry = 1.2.3')" ]
	[ "$(ls -A .cargo)" = config.toml ]
}

@test "config: an include beside the file does not disturb the check" {
	needs_cargo
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir .cargo
	printf 'include = ["more.toml"]\n' >"$CONFIG"
	printf '[net]\nretry = 1\n' >.cargo/more.toml
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
}

@test "config: below a folder that has a block too, or flags of the user's" {
	needs_cargo
	dir=$(fake_install "$T/one/bin/rustc" x86_64 qemu)
	mkdir -p inner/.cargo
	"$KR" config x86_64 qemu
	"$KR" config x86_64 qemu -C inner
	export RUSTC_BOOTSTRAP=1
	cd inner
	run cargo -Zunstable-options config get "target.$TARGET.rustflags"
	[ "$output" = "target.$TARGET.rustflags = \"-Cpanic=unwind --sysroot=$dir\"" ]
	printf '[target.%s]\nrustflags = ["--cfg=mine"]\n' "$TARGET" >"$CONFIG"
	echo >.cargo/config.toml
	run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	grep -qxF "rustflags = [\"-Cpanic=unwind\", \"--sysroot=$dir\"]" .cargo/config.toml
	run cargo -Zunstable-options config get "target.$TARGET.rustflags"
	has '"--cfg=mine"'
	has "\"--sysroot=$dir\""
	run "$KR" config x86_64 qemu
	has "up to date"
	[ "$(ls -A .cargo)" = config.toml ]
}

@test "config: cargo agrees about what clashes and what does not" {
	needs_cargo
	local text
	fake_install "$T/one/bin/rustc" x86_64 qemu
	"$KR" config x86_64 qemu --print >block
	mkdir .cargo
	for text in '[build]' 'build.jobs = 2' 'build = { jobs = 2 }' '["build"]' "[target.$TARGET]" \
		"[target]\n$TARGET.runner = 'x'" "[target]\n$TARGET = {}" 'env = { A = "b" }' \
		'[env]\nKRAFTKIT_PLAT = "fc"' '[env]\nKRAFTKIT_PLAT.value = "fc"' '[build.target]' \
		'["b\\u0075ild"]' "[target.$TARGET.linker]"; do
		printf "$text\n" >"$CONFIG"
		fails 3 "$KR" config x86_64 qemu
		printf "$text\n" | cat - block >"$CONFIG"
		(cd "$T" && ! cargo --config "$CONFIG" version) || { echo "cargo takes: $text" >&2; false; }
	done
	for text in '[env]\nA = "b"' 'env.A = "b"' '[target]\nfoo.linker = "x"' \
		'target.foo.linker = "x"' '[env.A]\nvalue = "b"' 'a = """\n[build]\n"""' \
		"[target.$TARGET.somelib]\nrustc-link-lib = []" '[net] # [build]' \
		"a = '''\n[build]\n''''" 'a = [\n# ]\n"]",\n[1]\n]' '\xef\xbb\xbf[net]' \
		'[net]\r\nretry = 1\r\n' '[build.other]'; do
		printf "$text\n" >"$CONFIG"
		"$KR" config x86_64 qemu
		(cd "$T" && cargo --config "$CONFIG" version)
	done
}

@test "config: warns when the environment's flags hide those of the block" {
	dir=$(fake_install "$T/one/bin/rustc" x86_64 qemu)
	RUSTFLAGS= run "$KR" config x86_64 qemu
	[ "$status" -eq 0 ]
	has "kraft-rust: warning: RUSTFLAGS is set: while it is, cargo ignores the rustflags in config.toml; unset it, or add to it: -Cpanic=unwind --sysroot=$dir"
	CARGO_ENCODED_RUSTFLAGS=-O run "$KR" config x86_64 qemu
	has "warning: CARGO_ENCODED_RUSTFLAGS is set"
	run "$KR" config x86_64 qemu
	lacks warning
}

@test "config: --panic says how panics end" {
	dir=$(fake_install "$T/one/bin/rustc" x86_64 qemu)
	run "$KR" config x86_64 qemu --print --panic unwind
	has "rustflags = \"-Cpanic=unwind --sysroot=$dir\""
	run "$KR" config x86_64 qemu --print --panic abort
	has "rustflags = \"--sysroot=$dir\""
	fails 2 "$KR" config x86_64 qemu --panic exit
	has "--panic is unwind or abort, not 'exit'"
}

@test "config: warns in the home folder" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	unset CARGO_HOME
	run "$KR" config x86_64 qemu -C "$HOME"
	[ "$status" -eq 0 ]
	has "warning: $HOME/.cargo/config.toml is cargo's configuration of all your projects"
}

@test "config: odd folders" {
	local odd=$'a "b" \\ \n\xc3\xa9'
	export KRAFT_RUST_HOME=$T/$odd/kraft
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir -p "$T/$odd/p"
	run "$KR" config x86_64 qemu -C "$T/$odd/p"
	[ "$status" -eq 0 ]
	grep -qF 'value = "'"$T"'/a \"b\" \\ \né/kraft"' "$T/$odd/p/.cargo/config.toml"
	export KRAFT_RUST_HOME=$T/$'\xff'/kraft
	fake_install "$T/one/bin/rustc" x86_64 qemu
	fails 1 "$KR" config x86_64 qemu
	has "this path is not UTF-8, so cargo's config.toml cannot name it"
	[ ! -e .cargo ]
}

@test "config: bad command lines" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	fails 2 "$KR" config
	fails 2 "$KR" config x86_64
	fails 2 "$KR" config x86_64 nope
	fails 2 "$KR" config x86_64 qemu more
	fails 1 "$KR" config x86_64 qemu -C missing
	has "missing"
	touch file
	fails 2 "$KR" config x86_64 qemu -C file
	has "file: is not a folder"
}

@test "config: a file that is no text, a folder or unwritable" {
	fake_install "$T/one/bin/rustc" x86_64 qemu
	mkdir -p .cargo
	printf 'a = "\xff"\n' >"$CONFIG"
	fails 3 "$KR" config x86_64 qemu
	has "$CONFIG:1: is not UTF-8 text (byte 0xff), so it is not TOML"
	rm "$CONFIG"
	mkdir "$CONFIG"
	fails 3 "$KR" config x86_64 qemu
	has "$CONFIG: is not a regular file"
	rm -r .cargo
	touch .cargo
	fails 1 "$KR" config x86_64 qemu
	has ".cargo"
}
