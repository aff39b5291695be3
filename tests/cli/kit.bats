# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust kit: taking a kit out of a build, with a make tree of our own.

load helper

TREE=$BATS_TEST_DIRNAME/faketree

build() {
	"$KR" kit build x86_64 qemu --unikraft "$TREE" "$@"
}

kit() {
	"$KR" kit list --json | jq -r '.[] | select(.platform == "qemu" and .used).directory'
}

@test "a kit is built, stored by content, shown and linked with" {
	run build
	[ "$status" -eq 0 ]
	first=$(kit)
	[ -d "$first" ]
	run "$KR" kit show x86_64 qemu
	has 'made from:  Unikraft 9.8.7'
	has 'presets:    base'
	has $'step:       strip'
	lacks 'as recorded'
	# Without debug information, and without the build's paths.
	run readelf -SW "$first/objects/kernel.o"
	lacks .debug_line
	run grep -r "$XDG_CACHE_HOME" "$first"
	[ "$status" -eq 1 ]
	as --64 --defsym MODE=0 --defsym STATUS=5 -o m.o "$ROOT/tests/vm/machine.s"
	sed -i '/kernel.o/d' "$first/kit.conf"
	"$BUILD/kraftld" m.o -o m
	strip -s m.dbg -o want
	cmp m want
}

@test "the same sources make the same kit, and the tree stays untouched" {
	before=$(cd "$TREE" && find . -type f -exec sha256sum {} + | sort)
	build
	first=$(kit)
	build
	[ "$(kit)" = "$first" ]
	[ "$(cd "$TREE" && find . -type f -exec sha256sum {} + | sort)" = "$before" ]
	[ ! -e "$XDG_CACHE_HOME/kraft-rust/unikraft/qemu-x86_64" ]
}

@test "a step that is not known is kept with its script" {
	FAKE=script run build
	[ "$status" -eq 0 ]
	has 'note: the step finish.sh of this Unikraft is kept as it was run'
	run "$KR" kit show x86_64 qemu
	has 'step:       {kit}/tools/finish.sh {output}  (as recorded)'
	has 'step:       strip -s {debug} -o {output}  (as recorded)'
}

@test "a step that cannot be understood is named" {
	FAKE=opaque run build
	[ "$status" -eq 1 ]
	has 'this version does not understand a step of this Unikraft: for f in '
	[ -z "$(kit)" ]
}

@test "a build that fails is explained, and leaves its log" {
	FAKE=fail run build
	[ "$status" -eq 6 ]
	has 'kernel.c:1: error: of our own'
	has "the whole log is in $XDG_CACHE_HOME/kraft-rust/logs/kit-qemu-x86_64.log"
}

@test "what a preset needs and Unikraft leaves out is named" {
	FAKE_DROPS=CONFIG_LIBLWIP= run build --preset net
	[ "$status" -eq 1 ]
	has 'Unikraft does not take CONFIG_LIBLWIP, which the preset net needs'
	has "give lib-lwip's source tree with --lib DIR"
	echo CONFIG_MINE=y >own
	FAKE_DROPS=CONFIG_MINE run build --kconfig own
	[ "$status" -eq 0 ]
	has 'note: Unikraft left out CONFIG_MINE'
}

@test "bad input is refused" {
	run -2 build --preset nett
	has "no preset 'nett'; there is debug, fs, net"
	run -3 "$KR" kit build x86_64 qemu --unikraft .
	has "there is no version.mk in it, so it is not Unikraft's source tree"
	run -3 build --lib .
	has "there is no Makefile.uk in it, so it is not a library's source tree"
	run -2 "$KR" kit build x86_64 host --unikraft "$TREE"
	has 'the kit of x86_64 host is not built from Unikraft'
	UK_ROOT='' run -2 "$KR" kit build x86_64 qemu
	has 'building a kit needs Unikraft'
	mkdir 'a b' && cp "$TREE/version.mk" 'a b'
	run -2 "$KR" kit build x86_64 qemu --unikraft 'a b'
	has "Unikraft's build cannot work in a path with ' ' in it"
	run -1 "$KR" kit show x86_64 qemu
	has 'there is no kit for x86_64 qemu'
}

@test "offline, Unikraft's rules find nobody to download from" {
	https_proxy=http://proxy.example FAKE=download run -6 build --offline
	has 'download through http://127.0.0.1:9 failed'
	https_proxy=http://proxy.example FAKE=download run -6 build
	has 'download through http://proxy.example failed'
}
