#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraftld: the program, with GNU ld and a kit of a few lines.

load helper
load kraftld

setup() {
	fresh_home
	need_native
	make_kit
	combination host "kit = $KIT"
}

@test "kraftld: silent when the link works, and the program runs" {
	program hello
	run "$LD" -m64 hello.o -lgcc_s -lc -nodefaultlibs -no-pie -o hello
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(./hello)" = hello ]
	assert_swept .
}

@test "kraftld: -### shows the plan, the reasons and the command, and runs nothing" {
	program hello
	run --separate-stderr "$LD" '-###' -m64 hello.o -lc -o hello
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	output=$stderr
	has "combination: host/x86_64"
	has "target: $TARGET"
	has "back end: kit"
	has "output: $PWD/hello"
	has "left out: -lc: the kit has it"
	has "left out: -m64: the kit knows its machine"
	[ ! -e hello ]
	# The command is one to paste.
	eval "${stderr_lines[-1]}"
	[ "$(./hello)" = hello ]
}

@test "kraftld: -v shows the commands as they run" {
	program hello
	run "$LD" -v hello.o -o hello
	[ "$status" -eq 0 ]
	has "-nostdlib -m elf_x86_64 -static $KIT/start.o $PWD/hello.o -o $PWD/hello"
	[ "$(./hello)" = hello ]
}

@test "kraftld: questions are answered on standard output" {
	[ "$("$LD" --version)" = "$("$LD" -v)" ]
	[[ "$("$LD" --version)" == "kraftld (kraft-rust) "* ]]
	[[ "$("$LD" -Wl,--version)" == "GNU ld"* ]]
	[ "$("$LD" -dumpmachine)" = "$TARGET" ]
	[ "$("$LD" -print-file-name=start.o)" = "$KIT/start.o" ]
	[ "$("$LD" -print-file-name=none.o)" = none.o ]
	[[ "$("$LD" --help)" == *-###* ]]
	run --separate-stderr "$LD" --version
	[ -z "$stderr" ]
}

@test "kraftld: exit statuses" {
	program hello
	run "$LD"
	[ "$status" -eq 2 ]
	[ "$output" = "kraftld: no input files" ]
	run "$LD" -shared hello.o -o x
	[ "$status" -eq 2 ]
	has "kraftld: -shared: a unikernel cannot be a shared library"
	run "$LD" @missing
	[ "$status" -eq 3 ]
	KRAFTLD_BACKEND=lld run "$LD" hello.o -o x
	[ "$status" -eq 2 ]
	has "there is auto, kraft, kit, make"
	KRAFTKIT_PLAT=fc run "$LD" hello.o -o x
	[ "$status" -eq 1 ]
	has "nothing that is installed is for platform fc ELF machine 62"
	run "$LD" none.o -o x
	[ "$status" -eq 1 ] || [ "$status" -eq 6 ]
	rm "$KIT/kit.conf"
	run "$LD" hello.o -o x
	[ "$status" -eq 1 ]
	has "run 'kraft-rust install x86_64 host'"
	[ ! -e x ]
}

@test "kraftld: the linker's own words, the exact command, and the old image stays" {
	program hello
	"$LD" hello.o -o hello
	echo 'int f(void); int main(void) { return f(); }' | cc -c -x c -fno-pie -o bad.o -
	run "$LD" bad.o -o hello
	[ "$status" -eq 6 ]
	has "undefined reference to \`f'"
	has "ended with status 1; the command was: "
	lacks "usually comes from"
	[ "$(./hello)" = hello ]
	assert_swept .
	# What is shown fails in the same way.
	command=${output##*the command was: }
	run sh -c "$command"
	[ "$status" -eq 1 ]
	has "undefined reference to \`f'"
}

@test "kraftld: undefined symbols, and what provides them" {
	combination qemu "kit = $KIT" "kraft = qemu/x86_64"
	sed -i 's/platform = host/platform = qemu/' "$KIT/kit.conf"
	echo 'int bind(void), socket(void), epoll_create1(void), _Unwind_Resume(void), mine(void);
		int main(void) { return bind() + socket() + epoll_create1() + _Unwind_Resume() + mine(); }' |
		cc -c -x c -fno-pie -o bad.o -
	KRAFTKIT_PLAT=qemu run "$LD" bad.o -o x
	[ "$status" -eq 6 ]
	has "kraftld: what is undefined usually comes from:"
	has "  bind, socket: the network, lib-lwip"
	has "  epoll_create1: LIBPOSIX_POLL"
	has "  _Unwind_Resume: librust"
	lacks "mine: "
	# musl has the network; only what the kit lacks is spoken of.
	KRAFTKIT_PLAT=host run "$LD" bad.o -o x
	lacks "lwip"
	has "  _Unwind_Resume: the kit's libgcc_eh.a"
	# Without the table nothing is added.
	KRAFT_RUST_SHARE=$T/nowhere KRAFTKIT_PLAT=host run "$LD" bad.o -o x
	[ "$status" -eq 6 ]
	lacks "usually comes from"
}

@test "kraftld: paths with spaces, quotes, dollars, colons and more" {
	odd="a b'c\"d\$e#f:g%h,i;ä@("
	mkdir "$odd"
	cd "$odd"
	program hello
	mv hello.o "@x $odd.o"
	ar rcs "lib$odd.a" "@x $odd.o"
	"$LD" "./@x $odd.o" -o "out $odd"
	[ "$("./out $odd")" = hello ]
	"$LD" -L . -u main "-l:lib$odd.a" -o "lib $odd"
	[ "$("./lib $odd")" = hello ]
	printf '%s\n' "$PWD/@x $odd.o" -o two | sed 's/[ \\]/\\&/g' >linker-arguments
	"$LD" @linker-arguments
	[ "$(./two)" = hello ]
}

@test "kraftld: 10,000 objects and 2 MB of command line" {
	program hello
	long=$(printf '%0150d' 0)
	mkdir "$long"
	echo 'static int unused;' | cc -c -x c -o "$long/0.o" -
	(
		cd "$long"
		seq -f '%040.0f.o' 10000 | xargs -n 1000 sh -c 'for f; do ln 0.o "$f"; done' sh
	)
	{
		echo "$PWD/hello.o"
		seq -f "$PWD/$long/%040.0f.o" 10000
		printf '%s\n' -o many
	} >linker-arguments
	[ "$(stat -c %s linker-arguments)" -gt 2000000 ]
	run "$LD" @linker-arguments
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(./many)" = hello ]
	# The failing command of that length is kept in a file.
	echo "$PWD/none.o" >>linker-arguments
	run "$LD" @linker-arguments
	[ "$status" -ne 0 ]
	[ ${#output} -lt 10000 ]
	has "@$PWD/many.kraftld-args"
	[ "$(./many)" = hello ]
}

@test "kraftld: 16 links at once, 50 times: every image is its own program" {
	for i in {1..16}; do program "p$i"; done
	for round in {1..50}; do
		pids=()
		for i in {1..16}; do
			"$LD" "p$i.o" -o "out$i" &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do wait "$pid"; done
		for i in {1..16}; do [ "$("./out$i")" = "p$i" ] || return 1; done
		# And all of them over one output: it is one of them, never a mixture.
		if ((round % 10 == 0)); then
			for i in {1..16}; do "$LD" "p$i.o" -o one & done
			wait
			[[ "$(./one)" =~ ^p[0-9]+$ ]] || return 1
		fi
	done
	assert_swept .
}

@test "kraftld: killed at any moment, the old image stays and the next link sweeps" {
	program old
	program new
	for delay in 0 0.001 0.002 0.004 0.006 0.008 0.01 0.015 0.02 0.03; do
		"$LD" old.o -o out
		"$LD" new.o -o out &
		sleep "$delay"
		kill -KILL $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		[[ "$(./out)" =~ ^(old|new)$ ]] || return 1
	done
	# What was left is swept as soon as it is old enough to be nobody's.
	for dir in .kraftld-*/*; do [ ! -d "$dir" ] || touch -d '2 minutes ago' "$dir"; done
	"$LD" new.o -o out
	[ "$(./out)" = new ]
	assert_swept .
}

# A linker that takes its time, with a child.
slow_ld() {
	cat >"$T/slow-ld" <<-EOF
		#!/bin/sh
		sh -c 'trap "" INT; sleep 60' &
		echo \$\$ \$! >'$T/started'
		wait
	EOF
	chmod +x "$T/slow-ld"
	sed -i "s,^ld = x86.*,ld = $T/slow-ld," "$KRAFT_RUST_HOME/linkers/host-x86_64.conf"
}

@test "kraftld: a signal ends the children and leaves nothing behind" {
	program hello
	"$LD" hello.o -o out
	slow_ld
	for signal in INT TERM HUP; do
		rm -f "$T/started"
		run "$BATS_TEST_DIRNAME/signal-when" "$T/started" $signal "$LD" hello.o -o out
		[ "$output" = "signal $(kill -l $signal)" ]
		for pid in $(cat "$T/started"); do
			for _ in {1..40}; do
				kill -0 "$pid" 2>/dev/null || break
				sleep 0.05
			done
			! kill -0 "$pid" 2>/dev/null || false
		done
		assert_swept .
		[ "$(./out)" = hello ]
	done
}

@test "kraftld: a full disk" {
	program hello
	mkdir small
	cat >fill <<-EOF
		mount -t tmpfs -o size=64k none small || exit 77
		'$LD' hello.o -o small/out && ./small/out >first || exit 1
		cp small/out before
		dd if=/dev/zero of=small/fill bs=1k 2>dd
		'$LD' hello.o -o small/out 2>said
		echo \$? >status
		cmp before small/out && ls -A small >left
	EOF
	how=-rm
	[ "$(id -u)" -ne 0 ] || how=-m
	unshare $how true 2>/dev/null || skip "no mount namespaces here"
	run unshare $how sh fill
	[ "$status" -ne 77 ] || skip "tmpfs cannot be mounted here"
	[ "$status" -eq 0 ]
	[ "$(cat first)" = hello ]
	[ "$(cat status)" -ne 0 ]
	grep -qi 'no space left' said
	[ "$(cat left)" = "$(printf 'fill\nout')" ]
}

@test "kraftld: an output that cannot be written" {
	program hello
	mkdir dir
	run "$LD" hello.o -o dir
	[ "$status" -eq 1 ]
	has "dir: it is a directory"
	run "$LD" hello.o -o none/out
	[ "$status" -eq 1 ]
	has "No such file or directory"
	"$LD" hello.o -o /dev/null
	[ -c /dev/null ]
}

@test "kraftld: what is dynamic is never published" {
	program hello
	sed -i 's/arg = -static/arg = -pie\narg = --dynamic-linker=ld.so/' "$KIT/kit.conf"
	run "$LD" hello.o -o out
	[ "$status" -eq 6 ]
	has "cannot be used: it asks for "
	[ ! -e out ]
}

@test "kraftld: -r joins objects without any kit" {
	rm -r "$KIT"
	program hello
	"$LD" -r hello.o -o joined.o
	[[ "$(readelf -h joined.o)" == *"REL (Relocatable file)"* ]]
}

@test "kraftld: --dependency-file names the output" {
	program hello
	"$LD" hello.o -Wl,--dependency-file=deps -o out
	[[ "$(head -n 1 deps)" == "$PWD/out:"* ]]
	grep -q "$PWD/hello.o" deps
}
