# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust run shows backtraces with names and lines: the machine of tests/vm prints what
# std prints in an image, and the image with symbols lies beside it.

load helper
load ../vm/kit

setup() {
	fresh_home
	unset RUST_BACKTRACE
	machine_kit
	program
}

# link SYMBOL...: the image ./m of the machine that writes its input back, with the
# functions of program.s, at addresses that depend on SYMBOL.
link() {
	as --64 --defsym MODE=3 --defsym STATUS=101 -o m.o "$ROOT/tests/vm/machine.s"
	as --64 "$@" -o p.o "$ROOT/tests/vm/program.s"
	"$BUILD/kraftld" m.o p.o -o m
}

# The image, and the backtrace that std prints in it, in ./frames.
program() {
	local name number=0
	link
	echo 'stack backtrace:' >frames
	for name in handler outer main begin; do
		printf '%4d: %18s - <unknown>\n' $((number++)) \
			"$(nm m.dbg | sed -n "s/^0*\(.*\) t ${name}_next/0x\1/p")" >>frames
	done
}

# shown IMAGE [OPTION...]: what the program writes, which is its input, into ./out.
shown() {
	local image=$1 status=0
	shift
	"$KR" run --accel tcg --timeout 60 "$@" "$image" <"${IN:-frames}" >all 2>err || status=$?
	[ "$status" -eq 101 ] || { cat err >&2; return 1; }
	tail -n +2 all >out
	sed -i '/^kraft-rust: KVM does not work/d' err
}

brief() {
	cat <<-'EOT'
		stack backtrace:
		   0: mine::inner
		             at /home/me/src/main.rs:7
		   1: mine::outer
		             at /home/me/src/main.rs:8
		   2: mine::main
		             at /home/me/src/main.rs:3
		note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
	EOT
}

@test "brief: the program's own frames, with their lines" {
	shown m --env RUST_BACKTRACE=1
	diff <(brief) out
	[ ! -s err ]
}

@test "full: every frame, with its address" {
	shown m --env RUST_BACKTRACE=full
	sed 's/^ *[0-9]*: *0x1000[0-9a-f]* - //; s/^  *at/at/' out >seen
	diff - seen <<-'EOT'
		stack backtrace:
		std::__rust_end_short_backtrace::<i32>
		at /src/panic.rs:10
		mine::inner
		at /home/me/src/main.rs:7
		mine::outer
		at /home/me/src/main.rs:8
		mine::main
		at /home/me/src/main.rs:3
		std::__rust_begin_short_backtrace::<i32>
		at /src/panic.rs:20
	EOT
	[ "$(grep -c '^   [0-4]:           0x1000' out)" -eq 5 ]
	# So does a program that asks for it itself.
	cp out want
	shown m
	diff want out
}

@test "all other output is as it was" {
	# What the machine, or its console, would take for something else is left out.
	head -c 3000 /bin/sh | tr -d '\004\026\035\r' >noise
	lookalikes() {
		printf '   0: 0x1 - <unknown>\nstack backtrace:\n   0: 0x1 - <unknown>\n'
		sed 's/^stack/ stack/' frames
		printf 'end'
	}
	{ cat noise; echo; cat frames noise; lookalikes; } >in
	{ cat noise; echo; brief; cat noise; lookalikes; } >want
	IN=in shown m --env RUST_BACKTRACE=1
	cmp want out
}

@test "where cargo has the image, and one that was copied" {
	mkdir -p target/deps target/examples away
	mv m target/deps/my_app-0123456789abcdef
	mv m.dbg target/deps/my_app-0123456789abcdef.dbg
	ln target/deps/my_app-0123456789abcdef target/my-app
	shown target/my-app --env RUST_BACKTRACE=1
	diff <(brief) out
	shown target/deps/my_app-0123456789abcdef --env RUST_BACKTRACE=1
	diff <(brief) out
	# What cannot be linked is copied.
	cp target/my-app copy && mv copy target/my-app
	shown target/my-app --env RUST_BACKTRACE=1
	diff <(brief) out
	ln -s "$PWD/target/my-app" link
	shown link --env RUST_BACKTRACE=1
	diff <(brief) out
	cp target/deps/* target/examples
	ln target/examples/my_app-0123456789abcdef target/examples/my-app
	shown target/examples/my-app --env RUST_BACKTRACE=1
	diff <(brief) out
	cp target/my-app away/prog
	shown away/prog --env RUST_BACKTRACE=1
	diff frames out
	grep -Fx "note: the backtrace has addresses only: there is no $PWD/away/prog.dbg, which kraftld wrote beside the image" err
	cp target/deps/*.dbg away/prog.dbg
	shown away/prog --env RUST_BACKTRACE=1
	diff <(brief) out
}

@test "symbols of another build are not used" {
	mkdir old
	cp m old/m
	mv frames old
	link --defsym OTHER=1
	cp m.dbg old/m.dbg
	cd old
	shown m --env RUST_BACKTRACE=1
	diff frames out
	grep -Fx "note: the backtrace has addresses only: $PWD/m.dbg is of another build than the image" err
	[ "$(wc -l <err)" -eq 1 ]
	echo text >m.dbg
	shown m --env RUST_BACKTRACE=1
	diff frames out
}

# only PROGRAM...: a PATH with these alone.
only() {
	local name
	mkdir -p only
	for name; do
		ln -sf "$(type -P "$name")" only/
	done
}

@test "without addr2line the frames stay as they are, and that is said once" {
	only qemu-system-x86_64
	cat frames frames >in
	status=0
	PATH=$PWD/only "$KR" run --accel tcg --env RUST_BACKTRACE=1 m <in >all 2>err || status=$?
	[ "$status" -eq 101 ]
	diff in <(tail -n +2 all)
	[ "$(grep -c '^note: the backtrace has addresses only: no addr2line is on PATH' err)" -eq 1 ]
	grep binutils err
}

# resolved_by PROGRAM: where there is no other.
resolved_by() {
	type -P "$1" >/dev/null || skip "no $1 is here"
	only qemu-system-x86_64 "$1"
	PATH=$PWD/only "$KR" run --accel tcg --env RUST_BACKTRACE=1 m <frames >all 2>err || true
	diff <(brief) <(tail -n +2 all)
}

@test "LLVM's addr2line is used where binutils' is missing" {
	resolved_by llvm-addr2line
}

@test "LLVM's symbolizer is used where there is no addr2line" {
	resolved_by llvm-symbolizer
}

@test "an addr2line that fails or hangs is given up" {
	only qemu-system-x86_64 sleep
	printf '#!/bin/sh\nexit 1\n' >only/addr2line
	chmod +x only/addr2line
	PATH=$PWD/only "$KR" run --accel tcg --env RUST_BACKTRACE=1 m <frames >all 2>err || true
	diff frames <(tail -n +2 all)
	grep "addr2line ended without a word about $PWD/m.dbg" err
	printf '#!/bin/sh\necho $$ >%s/pid\nexec sleep 1000\n' "$PWD" >only/addr2line
	PATH=$PWD/only "$KR" run --accel tcg --env RUST_BACKTRACE=1 m <frames >all 2>err || true
	diff frames <(tail -n +2 all)
	grep "addr2line gave no answer in 10 seconds about $PWD/m.dbg" err
	run -1 kill -0 "$(cat pid)"
}

@test "an addr2line that says too much is given up" {
	local say
	only qemu-system-x86_64 sleep bash
	for say in 'echo f; echo f.c:1' 'echo "??"; echo "??:0"' 'echo 0x1' 'printf x'; do
		printf '#!%s/only/bash\nwhile :; do %s; done\n' "$PWD" "$say" >only/addr2line
		chmod +x only/addr2line
		status=0
		PATH=$PWD/only "$(type -P timeout)" 60 "$KR" run --accel tcg --env RUST_BACKTRACE=1 m <frames >all 2>err || status=$?
		[ "$status" -eq 101 ]
		diff frames <(tail -n +2 all)
		grep -E "addr2line (says too much|gave no answer in 10 seconds) about $PWD/m.dbg" err
	done
}

@test "Ctrl-C while addr2line hangs" {
	only qemu-system-x86_64 sleep
	printf '#!/bin/sh\necho $$ >%s/pid\nexec sleep 1000\n' "$PWD" >only/addr2line
	chmod +x only/addr2line
	PATH=$PWD/only run "$BATS_TEST_DIRNAME/signal-when" "$PWD/pid" INT "$KR" run \
		--accel tcg --env RUST_BACKTRACE=1 m <frames
	has 'signal 2'
	run -1 kill -0 "$(cat pid)"
}
