#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust install with Unikraft's sources: std and kit in one go.

load helper
load toolchain

TREE=$BATS_TEST_DIRNAME/faketree

setup() {
	fresh_home
	need_rustc
	replay_toolchain "$T/one"
	PATH=$BUILD:$PATH
}

# A last --rustc wins.
install() {
	run "$KR" install x86_64 qemu --rustc "$T/one/bin/rustc" "$@"
}

kits() {
	"$KR" kit list --json | jq -r '.[] | select(.platform == "qemu").directory'
}

@test "install --unikraft builds the kit, and kraftld links with it" {
	install --unikraft "$TREE" --preset fs
	[ "$status" -eq 0 ]
	has 'building Unikraft for x86_64 qemu'
	has "building std for $TARGET"
	has 'x86_64 qemu is installed for'
	lacks 'there is no kit'
	kit=$(kits)
	[ -d "$kit" ]
	grep -q "$kit" "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	run "$KR" kit show x86_64 qemu
	has 'presets:    base fs'
	# Again, with std there: the kit is built anew, and is the same one.
	install --unikraft "$TREE" --preset fs
	[ "$status" -eq 0 ]
	has 'building Unikraft for x86_64 qemu'
	lacks 'building std'
	[ "$(kits)" = "$kit" ]
	# Without the sources the kit stays.
	install
	[ "$status" -eq 0 ]
	has 'x86_64 qemu is already installed'
	[ "$(kits)" = "$kit" ]
}

@test "install --unikraft --dry-run says so and does nothing" {
	install --unikraft "$TREE" --dry-run
	[ "$status" -eq 0 ]
	has "build the kit of x86_64 qemu from $TREE"
	has "build std for $TARGET"
	[ -z "$(kits)" ]
}

@test "a kit that cannot be built fails the install before std is built" {
	FAKE=fail install --unikraft "$TREE"
	[ "$status" -eq 6 ]
	has 'build the kit of x86_64 qemu'
	has 'kernel.c:1: error: of our own'
	lacks 'building std'
	[ ! -e "$KRAFT_RUST_HOME/std" ]
}

@test "a kit's options need sources, and a platform with Unikraft in it" {
	UK_ROOT='' install --lib "$TREE"
	[ "$status" -eq 2 ]
	has "building a kit needs Unikraft's source tree"
	UK_ROOT=$TREE install --preset net --dry-run
	[ "$status" -eq 0 ]
	has "build the kit of x86_64 qemu from $TREE"
	# The variable alone asks for nothing.
	UK_ROOT=$TREE install --dry-run
	lacks 'build the kit'
	run "$KR" install x86_64 host --rustc "$T/one/bin/rustc" --unikraft "$TREE"
	[ "$status" -eq 2 ]
	has '--unikraft: the kit of x86_64 host is not built from Unikraft'
	has "leave it out: that kit is made from this machine's musl"
}
