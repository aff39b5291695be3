#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust install and uninstall, with a cargo that has std ready. That real ones
# work is for the end-to-end tests to show.

load helper
load toolchain

setup() {
	fresh_home
	need_rustc
	replay_toolchain "$T/one"
	ONE=$T/one/bin/rustc
	PATH=$BUILD:$PATH
}

# Every file below the test's homes.
files() {
	find "$HOME" "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" \
		-mindepth 1 2>/dev/null || true
}

installed() {
	"$KR" install x86_64 "$1" --rustc "${2:-$ONE}" -q
}

need_host() {
	"$KR" install x86_64 host --rustc "$ONE" --dry-run >/dev/null 2>"$T/why" ||
		skip "$(head -n 1 "$T/why")"
}

@test "install: std is built, stored and published, and three lines say what is next" {
	run --separate-stderr "$KR" install x86_64 qemu --rustc "$ONE"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	output=$stderr
	has "building std for $TARGET"
	has "[3] std"
	has "x86_64 qemu is installed for $("$ONE" -V)"
	has "kraft-rust new hello --arch x86_64 --plat qemu"
	has "kraft-rust config x86_64 qemu"
	lib=$(echo "$KRAFT_RUST_HOME"/sysroots/*/qemu-x86_64/lib/rustlib/$TARGET/lib)
	for crate in core alloc std; do
		cmp "$T/one/rlibs/lib$crate-0123456789abcdef.rlib" "$lib/lib$crate-0123456789abcdef.rlib"
	done
	assert_whole
	[ -z "$(scratch)" ]
	[ -f "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf" ]
	# The compiler's own sysroot is none of ours.
	[ "$(ls "$T/one/lib/rustlib")" = src ]
}

@test "install: -q says nothing" {
	run "$KR" install x86_64 qemu --rustc "$ONE" -q
	[ "$status" -eq 0 ]
	lacks "building"
	lacks "installed for"
}

@test "install: host makes the kit of this machine's musl" {
	need_host
	installed host
	kit=$(echo "$KRAFT_RUST_HOME"/kits/host-x86_64/*)
	[ -f "$kit/kit.conf" ]
	grep -qF "$kit" "$KRAFT_RUST_HOME/linkers/host-x86_64.conf"
	for file in crt1.o crti.o crtn.o libc.a libgcc.a libgcc_eh.a glue.o; do
		[ -s "$kit/$file" ]
	done
}

@test "install: a second platform uses the std that is there" {
	installed qemu
	run "$KR" install x86_64 fc --rustc "$ONE"
	[ "$status" -eq 0 ]
	lacks "building"
	[ "$(builds "$T/one")" = 1 ]
	[ "$(ls "$KRAFT_RUST_HOME/std" | wc -l)" = 1 ]
}

@test "install: again is done at once, and starts nothing" {
	installed qemu
	before=$(files | xargs -d '\n' stat -c '%n %i %y' | grep -v linkers/qemu-x86_64.conf)
	run "$KR" install x86_64 qemu --rustc "$ONE"
	[ "$status" -eq 0 ]
	has "x86_64 qemu is already installed for"
	[ "$(builds "$T/one")" = 1 ]
	[ "$before" = "$(files | xargs -d '\n' stat -c '%n %i %y' | grep -v linkers/qemu-x86_64.conf)" ]
	need_strace
	strace -f -qq -o "$T/trace" -e trace=execve,execveat,fork,vfork,clone,clone3 \
		"$KR" install x86_64 qemu --rustc "$ONE"
	[ "$(grep -c exec "$T/trace")" = 1 ]
	! grep -E 'fork|clone' "$T/trace" || false
}

@test "install: what is damaged is made again" {
	installed qemu
	echo more >>"$(echo "$KRAFT_RUST_HOME"/std/*/lib/libstd-*)"
	run "$KR" install x86_64 qemu --rustc "$ONE"
	[ "$status" -eq 0 ]
	has "building std"
	assert_whole
	rm "$KRAFT_RUST_HOME"/std/*/lib/libcore-*
	installed qemu
	assert_whole
	rm "$KRAFT_RUST_HOME"/linkers/*.conf
	installed qemu
	[ -f "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf" ]
	[ "$(builds "$T/one")" = 3 ]
}

@test "install: a compiler that was replaced gets a std of its own" {
	installed qemu
	replay_toolchain "$T/one" newer
	run "$KR" install x86_64 qemu --rustc "$ONE"
	[ "$status" -eq 0 ]
	has "building std"
	has "(newer)"
	[ "$(ls "$KRAFT_RUST_HOME/std" | wc -l)" = 2 ]
}

@test "install: --dry-run prints the plan and writes nothing" {
	# What asking the compiler costs may be kept.
	run --separate-stderr "$KR" install x86_64 qemu --rustc "$ONE" --dry-run
	[ "$status" -eq 0 ]
	has "build std for $TARGET with $("$ONE" -V)"
	has "from $T/one/lib/rustlib/src/rust/library into $KRAFT_RUST_HOME/std/"
	has "write the wrapper config $KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	has "publish the sysroot $KRAFT_RUST_HOME/sysroots/"
	[ ! -e "$KRAFT_RUST_HOME" ]
	[ -z "$(find "$HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" -type f 2>/dev/null)" ]
	[ -z "$(find "$XDG_CACHE_HOME" -type f ! -path '*/kraft-rust/rustc/*')" ]
	[ "$(builds "$T/one")" = "" ]
	installed qemu
	run "$KR" install x86_64 qemu --rustc "$ONE" -n
	[ "$output" = "nothing to do" ]
}

@test "install: without sources, what was looked for and every way out" {
	replay_toolchain "$T/two" other
	rm -r "$T/two/lib/rustlib/src"
	export PATH=$T/one/bin:$PATH
	fails 1 "$KR" install x86_64 qemu --offline --rustc "$T/two/bin/rustc"
	has "kraft-rust: the sources of std for $("$T/two/bin/rustc" -vV | head -n 1) are not here"
	has "looked in $T/two/lib/rustlib/src/rust/library"
	has "put the rust-src of exactly this compiler there"
	has "or use a compiler that has its sources: 'kraft-rust install x86_64 qemu --rustc $ONE'"
	[ ! -e "$KRAFT_RUST_HOME" ]
}

@test "install: --offline with a rustup toolchain names the component" {
	toolchain=
	for dir in "$RUSTUP_HOME"/toolchains/*; do
		if [ -x "$dir/bin/rustc" ] && [ ! -e "$dir/lib/rustlib/src" ] &&
			"$dir/bin/rustc" --print target-list | grep -qx $TARGET; then
			toolchain=$(basename "$dir")
		fi
	done
	[ -n "$toolchain" ] || skip "rustup has no toolchain without rust-src"
	fails 1 "$KR" install x86_64 qemu --offline --toolchain "$toolchain"
	has "looked in $RUSTUP_HOME/toolchains/"
	has "get them: 'rustup component add rust-src --toolchain $toolchain'"
}

@test "install: sources of another version do not count" {
	echo 1.2.3 >"$T/one/lib/rustlib/src/rust/version"
	mkdir "$T/one/lib/rustlib/src/rust/src"
	mv "$T/one/lib/rustlib/src/rust/version" "$T/one/lib/rustlib/src/rust/src"
	fails 1 "$KR" install x86_64 qemu --rustc "$ONE" --offline
	has "are not here"
}

@test "install: a build that fails shows cargo's error and names the log" {
	echo 'echo "   Compiling core v0.0.0" >&2; echo "error[E0001]: it broke" >&2; exit 101' >"$T/one/hook"
	fails 6 "$KR" install x86_64 qemu --rustc "$ONE"
	has "cargo could not build std for $TARGET"
	has "error[E0001]: it broke"
	has "the whole log is in "
	log=$(sed -n 's/.*the whole log is in //p' <<<"$output")
	grep -q 'Compiling core' "$log"
	[ ! -e "$KRAFT_RUST_HOME" ] || [ -z "$(find "$KRAFT_RUST_HOME" -type f ! -name lock)" ]
	[ -z "$(scratch)" ]
	rm "$T/one/hook"
	installed qemu
}

@test "install: no cargo" {
	mkdir "$T/bin"
	ln -s "$(command -v sed)" /bin/sh "$T/bin"
	rm "$T/one/bin/cargo"
	PATH=$T/bin fails 6 "$KR" install x86_64 qemu --rustc "$ONE"
	has "building std needs cargo"
}

@test "install: what cargo is told" {
	export RUSTFLAGS=-Cbad CARGO_BUILD_TARGET=bad CARGO_PROFILE_RELEASE_LTO=bad RUSTC_WRAPPER=bad \
		CARGO_TARGET_DIR=bad
	cat >"$T/one/hook" <<-EOF
		env >'$T/env'
		cp "\$(dirname "\${out:-\$(echo "\$*" | sed 's/.*--manifest-path=\([^ ]*\).*/\1/')}")"/Cargo.* '$T'
	EOF
	installed qemu
	grep -q '^RUSTC_BOOTSTRAP=1$' "$T/env"
	grep -qx "RUSTC=$ONE" "$T/env"
	! grep -E '=bad$|=-Cbad$' "$T/env" || false
	grep -q -- '--offline' "$T/one/calls"
	cmp "$T/Cargo.lock" "$T/one/lib/rustlib/src/rust/library/Cargo.lock"
	grep -qF "path = \"$T/one/lib/rustlib/src/rust/library/std\"" "$T/Cargo.toml"
}

@test "install: arm64 brings its spec, in a sysroot of its own for each platform" {
	local name=aarch64-unikraft-linux-musl plat dir
	for plat in qemu host; do
		[ $plat = qemu ] || [ -f /usr/lib/aarch64-linux-musl/libc.a ] || continue
		"$KR" install arm64 $plat --rustc "$ONE"
		dir=$(echo "$KRAFT_RUST_HOME"/sysroots/*/$plat-arm64/lib/rustlib/$name)
		"$KR" spec arm64 $plat --rustc "$ONE" | diff - "$dir/target.json"
		jq -e --arg plat "KRAFTKIT_PLAT=$plat" '."link-env"[1] == $plat' "$dir/target.json"
		[ -f "$dir"/lib/libstd-*.rlib ]
	done
	[ "$(builds "$T/one")" = 1 ]
	assert_whole
	# Without the spec a link in the toolchain would be of no use.
	[ ! -e "$T/one/lib/rustlib/$name" ]
}

@test "install: a compiler that is too old" {
	fake_rustc "$T/old" 1.60.0
	sed -i "s/echo $TARGET/echo x86_64-unknown-linux-gnu/" "$T/old/bin/rustc"
	fails 1 "$KR" install x86_64 qemu --rustc "$T/old/bin/rustc"
	has "knows neither $TARGET nor x86_64-unknown-linux-musl, from which a spec of it could be made"
}

@test "install: usage errors do nothing" {
	fails 2 "$KR" install
	fails 2 "$KR" install x86_64
	fails 2 "$KR" install x86_64 nowhere
	fails 2 "$KR" install x86_64 qemu --from nowhere
	fails 2 "$KR" install x86_64 qemu fc
	fails 2 "$KR" install x86_64 qemu --no-such-option
	[ -z "$(files)" ]
}

# mounted OPTIONS: the home is a small file system of its own.
mounted() {
	mkdir "$KRAFT_RUST_HOME"
	mount -t tmpfs -o "$1" tmpfs "$KRAFT_RUST_HOME" 2>/dev/null ||
		skip "this machine lets nothing be mounted"
	echo "$KRAFT_RUST_HOME" >"$T/mounted"
}

teardown() {
	[ ! -e "$T/mounted" ] || umount "$(cat "$T/mounted")"
}

@test "install: a home that cannot be written" {
	if [ "$(id -u)" -eq 0 ]; then
		mounted ro
		why="Read-only file system"
	else
		mkdir -m 555 "$KRAFT_RUST_HOME"
		why="Permission denied"
	fi
	fails 1 "$KR" install x86_64 qemu --rustc "$ONE"
	has "$KRAFT_RUST_HOME"
	has "$why"
	[ -z "$(scratch)" ]
}

@test "install: a home that is a file" {
	echo text >"$KRAFT_RUST_HOME"
	fails 1 "$KR" install x86_64 qemu --rustc "$ONE"
	has "$KRAFT_RUST_HOME"
	has "Not a directory"
}

@test "install: a home with spaces and quotes in its name" {
	export KRAFT_RUST_HOME="$T/a home \"of\" 'mine'"
	installed qemu
	assert_whole
	[ -f "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf" ]
	"$KR" uninstall --all -q
	[ ! -e "$KRAFT_RUST_HOME" ]
}

@test "install: a full disk is said, the previous state stands" {
	[ "$(id -u)" -eq 0 ] || skip "only root may mount a small disk"
	mounted size=256k
	installed qemu
	before=$(tree "$KRAFT_RUST_HOME")
	replay_toolchain "$T/two" other
	head -c 500000 /dev/urandom >"$T/two/rlibs/liblarge-0123456789abcdef.rlib"
	fails 1 "$KR" install x86_64 qemu --rustc "$T/two/bin/rustc"
	has "No space left on device"
	has "$KRAFT_RUST_HOME/std/"
	[ "$(tree "$KRAFT_RUST_HOME")" = "$before" ]
	[ -z "$(scratch)" ]
	rm "$T/two/rlibs/liblarge-0123456789abcdef.rlib"
	installed qemu "$T/two/bin/rustc"
}

# Started in the background, all at once; waits for all.
together() {
	local pid pids=() status=0
	for plat; do
		"$KR" install x86_64 "$plat" --rustc "$ONE" >"$T/said-$plat-$BASHPID" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	[ $status -eq 0 ] || cat "$T"/said-* >&2
	return $status
}

@test "install: several at once, of one and of several platforms: std is built once" {
	echo 'sleep 0.5' >"$T/one/hook"
	together qemu fc qemu xen fc
	[ "$(builds "$T/one")" = 1 ]
	[ "$(ls "$KRAFT_RUST_HOME/std" | wc -l)" = 1 ]
	[ "$(ls -d "$KRAFT_RUST_HOME"/sysroots/*/*-x86_64/install.json | wc -l)" = 3 ]
	assert_whole
	[ -z "$(scratch)" ]
	for plat in qemu fc xen; do
		run "$KR" install x86_64 $plat --rustc "$ONE" --dry-run
		[ "$output" = "nothing to do" ]
	done
}

@test "install: several at once for different compilers" {
	replay_toolchain "$T/two" other
	"$KR" install x86_64 qemu --rustc "$ONE" -q 3>&- &
	"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc" -q 3>&-
	wait $!
	[ "$(ls "$KRAFT_RUST_HOME/std" | wc -l)" = 2 ]
	assert_whole
}

@test "uninstall: one platform of two" {
	installed qemu
	before=$(tree "$KRAFT_RUST_HOME")
	installed fc
	"$KR" uninstall x86_64 fc -q
	[ "$(tree "$KRAFT_RUST_HOME")" = "$before" ]
}

@test "uninstall: one compiler of two" {
	replay_toolchain "$T/two" other
	installed qemu
	before=$(tree "$KRAFT_RUST_HOME")
	installed qemu "$T/two/bin/rustc"
	"$KR" uninstall x86_64 qemu --rustc "$T/two/bin/rustc" -q
	[ "$(tree "$KRAFT_RUST_HOME")" = "$before" ]
}

@test "uninstall: the last one leaves nothing in the data home" {
	installed qemu
	run "$KR" uninstall x86_64 qemu
	[ "$status" -eq 0 ]
	has "removing $KRAFT_RUST_HOME/"
	[ ! -e "$KRAFT_RUST_HOME" ]
}

@test "uninstall: --all leaves nothing anywhere" {
	before=$(files)
	installed qemu
	installed fc
	need_host
	installed host
	"$KR" uninstall --all -q
	[ "$(files)" = "$before" ] || { diff <(echo "$before") <(files) >&2; false; }
}

@test "uninstall: --dry-run names what would go and removes nothing" {
	installed qemu
	before=$(tree "$KRAFT_RUST_HOME")
	run "$KR" uninstall x86_64 qemu --dry-run
	[ "$status" -eq 0 ]
	has "remove $KRAFT_RUST_HOME/sysroots/"
	has "remove $KRAFT_RUST_HOME/std/"
	has "remove $KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	[ "$(tree "$KRAFT_RUST_HOME")" = "$before" ]
}

@test "uninstall: what is not there" {
	run "$KR" uninstall x86_64 qemu
	[ "$status" -eq 0 ]
	has "nothing to remove: it is not installed"
	fails 2 "$KR" uninstall
	fails 2 "$KR" uninstall x86_64 qemu --all
	installed qemu
	before=$(tree "$KRAFT_RUST_HOME")
	run "$KR" uninstall x86_64 fc
	has "nothing to remove"
	[ "$(tree "$KRAFT_RUST_HOME")" = "$before" ]
}

@test "uninstall: files that are not ours stay" {
	installed qemu
	mkdir -p "$KRAFT_RUST_HOME/mine"
	echo keep >"$KRAFT_RUST_HOME/mine/file"
	"$KR" uninstall --all -q
	[ "$(cat "$KRAFT_RUST_HOME/mine/file")" = keep ]
	[ "$(ls -A "$KRAFT_RUST_HOME" | grep -v '^lock$')" = mine ]
}
