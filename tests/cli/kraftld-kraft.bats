#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraftld's back end kraft, with a stand-in for kraft around the machine's musl.

load helper
load kraftld

setup() {
	fresh_home
	need_native
	[ -f /usr/lib/x86_64-linux-musl/libc.a ] || skip "no static musl: apt install musl-dev"
	export T ROOT
	mkdir -p "$T/bin" "ws/member/src"
	cp "$BATS_TEST_DIRNAME/kraft-standin" "$T/bin/kraft"
	PATH=$T/bin:$PATH
	combination qemu 'kraft = qemu/x86_64' 'alias = kvm'
	printf 'spec: v0.6\nname: app\ntargets:\n- qemu/x86_64\n- fc/x86_64\n' >ws/Kraftfile
	export CARGO_MANIFEST_DIR=$PWD/ws/member
}

@test "kraft: the program runs, with its symbols beside it, in silence" {
	c_program hello
	run "$LD" -m64 hello.o -lgcc_s -lc -nodefaultlibs -o hello
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(./hello)" = hello ]
	[[ "$(nm hello.dbg)" == *" T main"* ]]
	assert_swept .
	[ "$(cat "$T/kraft-args")" = "--no-update
--kraftfile=$PWD/ws/Kraftfile
--target=app
--plat=qemu
--arch=x86_64
$PWD/ws" ]
	[ "$(cat "$T/kraft-env")" = "KRAFTKIT_LOG_TYPE=basic
KRAFTKIT_NO_CHECK_UPDATES=true
KRAFTKIT_NO_PROMPT=true
KRAFTKIT_NO_WARN_SUDO=true
LC_ALL=C
UK_LDEPS=${UK_LDEPS-$(sed -n 's/^UK_LDEPS=//p' "$T/kraft-env")}
UK_LDFLAGS=-Wl,@$(sed -n 's/^UK_LDEPS=//p' "$T/kraft-env")" ]
}

@test "kraft: configured already, it is not asked again; a changed Kraftfile configures" {
	c_program hello
	"$LD" hello.o -o hello
	config=ws/.config.app_qemu-x86_64
	[ -s $config ]
	"$LD" hello.o -o hello
	grep -qx -- --no-configure "$T/kraft-args"
	sleep 0.02
	touch ws/Kraftfile
	"$LD" hello.o -o hello
	! grep -qx -- --no-configure "$T/kraft-args" || false
	[ -s $config.old ]
	"$LD" hello.o -o hello
	grep -qx -- --no-configure "$T/kraft-args"
	[ "$(./hello)" = hello ]
}

@test "kraft: an older object does not leave the previous program in the image" {
	c_program one
	c_program two
	touch -d '2 hours ago' one.o two.o
	"$LD" one.o -o out
	"$LD" two.o -o out
	[ "$(./out)" = two ]
	"$LD" one.o -o out
	[ "$(./out)" = one ]
}

@test "kraft: which target of the Kraftfile" {
	c_program hello
	printf 'targets:\n- kvm/x86_64\n' >ws/Kraftfile
	"$LD" hello.o -o hello
	grep -qx -- --target=ws "$T/kraft-args"
	printf 'targets:\n- name: a\n  plat: qemu\n  arch: x86_64\n- name: b\n  plat: qemu/x86_64\n' \
		>ws/Kraftfile
	run "$LD" hello.o -o hello
	[ "$status" -eq 3 ]
	has "Kraftfile: has several targets for qemu/x86_64: a, b"
	has "KRAFTKIT_TARGET"
	KRAFTKIT_TARGET=b "$LD" hello.o -o hello
	grep -qx -- --target=b "$T/kraft-args"
	KRAFTKIT_TARGET=c run "$LD" hello.o -o hello
	[ "$status" -eq 3 ]
	has "has no target 'c' for qemu/x86_64; it has: qemu/x86_64 a, qemu/x86_64 b"
	printf 'targets:\n- xen/x86_64\n' >ws/Kraftfile
	run "$LD" hello.o -o hello
	[ "$status" -eq 3 ]
	has "has no target for qemu/x86_64; it has: xen/x86_64 ws"
	printf 'targets: nonsense\n' >ws/Kraftfile
	run "$LD" hello.o -o hello
	[ "$status" -eq 3 ]
	has "Kraftfile:1:10: targets is not a list"
	# What only kraft can read is no hindrance for a target that is named.
	printf 'x: &a 1\ntargets:\n- qemu/x86_64\n' >ws/Kraftfile
	run "$LD" hello.o -o hello
	[ "$status" -eq 3 ]
	KRAFTKIT_TARGET=named "$LD" hello.o -o hello
	[ "$(./hello)" = hello ]
}

@test "kraft: the Kraftfile is found from the package's folder upwards" {
	c_program hello
	mkdir elsewhere
	cd elsewhere
	"$LD" ../hello.o -o hello
	grep -q "/ws/Kraftfile$" "$T/kraft-args"
	echo 'targets: [qemu/x86_64]' >"$CARGO_MANIFEST_DIR/kraft.yaml"
	"$LD" ../hello.o -o hello
	grep -q "/ws/member/kraft.yaml$" "$T/kraft-args"
	# Without cargo it is the working directory.
	unset CARGO_MANIFEST_DIR
	run "$LD" ../hello.o -o hello
	[ "$status" -eq 1 ]
	has "no Kraftfile in $PWD or above it"
	cd ../ws/member
	"$LD" ../../hello.o -o hello
	[ "$(./hello)" = hello ]
}

@test "kraft: it fails: its errors, without the chatter, and where the log is" {
	c_program hello
	"$LD" hello.o -o hello
	KRAFT_DOES=fail run "$LD" hello.o -o hello
	[ "$status" -eq 6 ]
	has "undefined reference to \`bind'"
	has " E  could not build"
	lacks "chatter"
	has "the whole log is in $PWD/ws/.unikraft/kraftld.log"
	has "  bind: the network, lib-lwip"
	grep -q chatter ws/.unikraft/kraftld.log
	[ "$(./hello)" = hello ]
	"$LD" hello.o -o hello
	[ ! -e ws/.unikraft/kraftld.log ]
}

@test "kraft: it prompts: there is nobody to answer, and no terminal" {
	c_program hello
	for with in '' "script -qec"; do
		command="KRAFT_DOES=prompt '$LD' hello.o -o hello"
		if [ "$with" ]; then
			run timeout 20 script -qec "$command" /dev/null </dev/null
		else
			run timeout 20 sh -c "$command" </dev/null
		fi
		[ "$status" -eq 6 ]
		has " E  no answer"
		[ ! -e hello ]
	done
}

@test "kraft: it writes nothing, or another file too" {
	c_program hello
	"$LD" hello.o -o hello
	KRAFT_DOES=nothing run "$LD" hello.o -o hello
	[ "$status" -eq 6 ]
	has "kraft made no image $PWD/ws/.unikraft/build/app_qemu-x86_64"
	[ "$(./hello)" = hello ]
	KRAFT_DOES=two "$LD" hello.o -o hello2
	[ "$(./hello2)" = hello ]
}

@test "kraft: it hangs: a signal ends it and its children" {
	c_program hello
	KRAFT_DOES=hang run "$BATS_TEST_DIRNAME/signal-when" "$T/hanging" TERM "$LD" hello.o -o hello
	[ "$output" = "signal 15" ]
	! kill -0 "$(cat "$T/hanging")" 2>/dev/null || false
	assert_swept .
	"$LD" hello.o -o hello # the lock is free again
	[ "$(./hello)" = hello ]
}

@test "kraft: paths that make and a shell would see" {
	c_program hello
	odd="a b'c\"d\$e#f:g%h,i;ä@("
	mkdir "$odd"
	mv hello.o "$odd/$odd.o"
	printf 'spec: v0.6\nname: app\ntargets:\n- qemu/x86_64\n' >"$odd/Kraftfile"
	"$LD" "$odd/$odd.o" -o "$odd/out $odd"
	[ "$("./$odd/out $odd")" = hello ]
	# A project in such a folder: the stand-in's make fails as Unikraft's would, which is said.
	mkdir "$T/run"
	XDG_RUNTIME_DIR=$T/run CARGO_MANIFEST_DIR=$PWD/$odd run "$LD" "$odd/$odd.o" -o out
	[ "$status" -eq 6 ]
	has "Unikraft's build cannot work in a path with ' ' in it"
	grep -q "^UK_LDEPS=$T/run/kraftld-.*/kraftld-args$" "$T/kraft-env"
	[ -z "$(ls "$T/run")" ]
}

@test "kraft: cargo's jobserver and library path stay outside" {
	c_program hello
	MAKEFLAGS='-j --jobserver-auth=3,4' CARGO_MAKEFLAGS='-j --jobserver-fds=8,9 --jobserver-auth=8,9' \
		LD_LIBRARY_PATH=/nowhere MAKELEVEL=3 run "$LD" hello.o -o hello
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(./hello)" = hello ]
	! grep -qE 'MAKEFLAGS|LD_LIBRARY' "$T/kraft-env" || false
}

@test "kraft: -### shows the command and does nothing" {
	c_program hello
	run "$LD" '-###' hello.o -o hello
	[ "$status" -eq 0 ]
	has "back end: kraft"
	has " kraft build --no-update --kraftfile=$PWD/ws/Kraftfile --target=app --plat=qemu --arch=x86_64"
	[ ! -e ws/.unikraft ]
}

@test "kraft: not chosen without kraft, nor for the host" {
	c_program hello
	mkdir "$T/few"
	for program in env sed; do ln -s "$(type -P $program)" "$T/few/"; done
	PATH=$T/few run "$LD" hello.o -o hello
	[ "$status" -eq 1 ]
	has "nothing to link with for qemu/x86_64"
	has "  kit: no kit is installed for qemu/x86_64"
	has "  kraft: there is $PWD/ws/Kraftfile, but kraft is not on PATH: https://unikraft.org/docs/cli/install"
	has "  make: no Unikraft tree is named: set UK_ROOT, or write 'unikraft = DIR' into $KRAFT_RUST_HOME/linkers/qemu-x86_64.local"
	make_kit
	combination host "kit = $KIT"
	program hello
	KRAFTKIT_PLAT=host "$LD" hello.o -o hello
	[ "$(./hello)" = hello ]
	[ ! -e "$T/kraft-args" ]
}

# The smallest kraft: everything happens under names that all links share.
quick_kraft() {
	make_kit
	cat >"$T/bin/kraft" <<-EOF
		#!/bin/sh
		set -e
		cd "\$CARGO_MANIFEST_DIR/../.unikraft"
		mkdir -p build
		cp "\$UK_LDEPS" build/arguments
		ld '$KIT/start.o' @build/arguments -o build/program
		mv build/program build/app_qemu-x86_64
	EOF
}

@test "kraft: 16 links at once into one build folder, 50 times: every image is its own" {
	quick_kraft
	for i in {1..16}; do program "p$i"; done
	export KRAFTKIT_TARGET=app
	for round in {1..50}; do
		for i in {1..16}; do "$LD" "p$i.o" -o "out$i" & done
		wait
		for i in {1..16}; do [ "$("./out$i")" = "p$i" ] || return 1; done
		rm out*
	done
	assert_swept .
}

@test "kraft: 10,000 objects" {
	quick_kraft
	program hello
	mkdir many
	echo 'static int unused;' | cc -c -x c -o many/0.o -
	(cd many && seq -f '%0150.0f.o' 10000 | xargs -n 1000 sh -c 'for f; do ln 0.o "$f"; done' sh)
	{
		echo "$PWD/hello.o"
		seq -f "$PWD/many/%0150.0f.o" 10000
		printf '%s\n' -o big
	} >linker-arguments
	"$LD" @linker-arguments
	[ "$(./big)" = hello ]
}
