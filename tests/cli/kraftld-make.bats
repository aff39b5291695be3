#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraftld's back end make, with a small tree in place of Unikraft's.

load helper
load kraftld

setup() {
	fresh_home
	need_native
	[ -f /usr/lib/x86_64-linux-musl/libc.a ] || skip "no static musl: apt install musl-dev"
	mkdir "$T/preset" "$T/uk"
	cp "$BATS_TEST_DIRNAME/unikraft/Makefile" "$T/uk"
	echo CONFIG_A=y >"$T/preset/a"
	echo CONFIG_B=y >"$T/preset/b"
	combination qemu 'kraft = qemu/x86_64'
	LOCAL=$KRAFT_RUST_HOME/linkers/qemu-x86_64.local
	printf 'unikraft = %s\nlibrary = %s\nkconfig = %s\nkconfig = %s\n' "$T/uk" "$T/lib" \
		"$T/preset/a" "$T/preset/b" >"$LOCAL"
}

# What the tree's make has done, a word each.
done_so_far() {
	tr '\n' ' ' <"$(echo "$XDG_CACHE_HOME"/kraft-rust/make/*/out/log)"
}

@test "make: configured once, and the program runs in silence" {
	c_program one
	c_program two
	run "$LD" -m64 one.o -lgcc_s -lc -o out
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(./out)" = one ]
	[[ "$(nm out.dbg)" == *" T main"* ]]
	touch -d '2 hours ago' two.o
	"$LD" two.o -o out
	[ "$(./out)" = two ]
	"$LD" two.o -o out
	[ "$(done_so_far)" = "defconfig link link link " ]
	[ "$(cat "$XDG_CACHE_HOME"/kraft-rust/make/*/app/.config)" = "$(printf 'CONFIG_A=y\n\nCONFIG_B=y\n\n')" ]
	assert_swept .
}

@test "make: another preset configures again, another tree is another build" {
	c_program hello
	"$LD" hello.o -o out
	echo CONFIG_C=y >>"$T/preset/b"
	"$LD" hello.o -o out
	[ "$(done_so_far)" = "defconfig link clean defconfig link " ]
	grep -q CONFIG_C "$XDG_CACHE_HOME"/kraft-rust/make/*/app/.config
	cp -r "$T/uk" "$T/uk2"
	UK_ROOT=$T/uk2 "$LD" hello.o -o out
	[ "$(ls "$XDG_CACHE_HOME/kraft-rust/make" | wc -l)" = 2 ]
	[ "$(./out)" = hello ]
}

@test "make: a configuration that failed is done again" {
	c_program hello
	sed -i 's/^defconfig:/defconfig:\n\techo error: no >\&2; false\nother:/' "$T/uk/Makefile"
	run "$LD" hello.o -o out
	[ "$status" -eq 6 ]
	has "error: no"
	has "kraftld.log"
	sed -i 's/^other:/defconfig-too:/; s/^\techo error.*/\ttrue/' "$T/uk/Makefile"
	run "$LD" hello.o -o out
	[ "$status" -eq 6 ]
	has "'make defconfig' in Unikraft's tree made no "
	cp "$BATS_TEST_DIRNAME/unikraft/Makefile" "$T/uk"
	"$LD" hello.o -o out
	[ "$(./out)" = hello ]
}

@test "make: after a build that was killed nothing of it is believed" {
	c_program hello
	"$LD" hello.o -o out
	mkdir bin
	printf '#!/bin/sh\necho $PPID >"%s"\nexec sleep 60\n' "$T/running" >bin/make
	chmod +x bin/make
	PATH=$PWD/bin:$PATH "$LD" hello.o -o out &
	for _ in {1..200}; do
		[ ! -s "$T/running" ] || break
		sleep 0.05
	done
	kill -KILL "$(cat "$T/running")"
	! wait $! || false
	[ "$(./out)" = hello ]
	"$LD" hello.o -o out
	[ "$(done_so_far)" = "defconfig link clean link " ]
	"$LD" hello.o -o out
	[ "$(done_so_far)" = "defconfig link clean link link " ]
}

@test "make: what is missing or wrong" {
	c_program hello
	printf 'unikraft = %s\n' "$T/uk" >"$LOCAL"
	run "$LD" hello.o -o out
	[ "$status" -eq 3 ]
	has "no kconfig preset is named for qemu/x86_64"
	has "write 'kconfig = FILE' into $LOCAL"
	printf 'unikraft = %s\nkconfig = /none\n' "$T/uk" >"$LOCAL"
	run "$LD" hello.o -o out
	has "the kconfig preset: "
	has "/none: No such file or directory"
	UK_ROOT=$T/none run "$LD" hello.o -o out
	[ "$status" -eq 3 ]
	has "there is no Makefile in it, so it is not a Unikraft tree"
	has "it is named by UK_ROOT"
	UK_ROOT="$T/a b" run "$LD" hello.o -o out
	[ "$status" -eq 3 ]
	has "Unikraft's build cannot work in a path with ' ' in it"
	UK_ROOT=uk run "$LD" hello.o -o out
	has "the Unikraft tree is not an absolute path: uk"
	mkdir few
	PATH=$PWD/few run "$LD" hello.o -o out
	[ "$status" -eq 6 ]
	has "make, which builds Unikraft, is not on PATH"
	has "apt install make"
	echo 'kit = x' >"$LOCAL"
	run "$LD" hello.o -o out
	[ "$status" -eq 3 ]
	has "$LOCAL:1: 'kit' cannot be set here"
}

@test "make: another platform's image is none" {
	c_program hello
	sed -i 's/_qemu-x86_64/_fc-x86_64/' "$T/uk/Makefile"
	run "$LD" hello.o -o out
	[ "$status" -eq 6 ]
	has "make made no image"
	has "a build for another platform or architecture makes another file"
}

@test "make: a link that fails shows the linker's words alone" {
	echo 'int bind(void), nowhere(void); int main(void) { return nowhere(); }' |
		cc -c -x c -fno-pie -o bad.o -
	run "$LD" bad.o -o out
	[ "$status" -eq 6 ]
	has "undefined reference to \`nowhere'"
	has "the whole log is in "
	lacks "Entering directory"
	lacks "nowhere: "
	[ ! -e out ]
}

@test "make: the environment of other builds stays outside" {
	c_program hello
	MAKEFLAGS='-n' MAKELEVEL=2 LDFLAGS=-bad CFLAGS=-bad O=/nowhere A=/nowhere N=x C=/x L=/x \
		CARGO_MAKEFLAGS=-n "$LD" hello.o -o out
	[ "$(./out)" = hello ]
}

@test "make: paths that make and a shell would see" {
	c_program hello
	odd="a b'c\"d\$e#f:g%h,i;ä@("
	mkdir "$odd"
	mv hello.o "$odd/$odd.o"
	cd "$odd"
	"$LD" "$odd.o" -o "out $odd"
	[ "$("./out $odd")" = hello ]
}

@test "make: 16 links at once" {
	for i in {1..16}; do c_program "p$i"; done
	for i in {1..16}; do "$LD" "p$i.o" -o "out$i" & done
	wait
	for i in {1..16}; do [ "$("./out$i")" = "p$i" ]; done
	assert_swept .
}
