# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# Programs with std, built by cargo as a user's are.

# new NAME: a project for $arch in $T/NAME; go there.
new() {
	cd "$T" && rm -rf "$1"
	capture kraft-rust new "$1" --arch "$arch" --plat qemu --rustc "$RUSTC" -q
	if ! ended 0; then
		fail "new $1"
		return 1
	fi
	cd "$1" || return
}

image() {
	echo "target/$target/$1/$2"
}

check_hello() {
	new hello || return 0
	capture cargo run -q
	check "hello: new, cargo run" ended 0 'Hello, world!'
	capture cargo run -q --release
	check "hello: cargo run --release" ended 0 'Hello, world!'
}

# One build of the proof: what holds for each profile.
check_profile() {
	local profile=$1 image
	image=$(image "${2:-$profile}" proof)
	build "$profile" || { fail "build, $profile"; return; }
	vm "$image"
	check "$profile: hello" ended 0 'Hello, world!'
	vm "$image" panic
	check "$profile: a panic unwinds, 101" said 101 dropped
	check "$profile: its message" has "thread 'main' (0) panicked at src/main.rs:"
	vm "$image" caught
	check "$profile: a caught panic" said 0 'caught true'
	vm "$image" joined
	check "$profile: a thread's panic" said 0 'joined true'
}

check_exit() {
	local n
	for n in 0 1 3 41 42 101 127 255; do
		vm "$proof" exit $n
		check "exit status $n" ended $n ''
	done
	vm "$proof" abort
	check "abort()" ended 134 ''
	LIMIT=2 vm "$proof" loop
	check "a program that does not end, --timeout" ended 124 ''
}

# echoed: what the program read is what it wrote.
echoed() {
	cmp -s "$T/in" "$T/out" && [ "$status" -eq 0 ]
}

check_runtime() {
	vm --mem 1024 "$proof" threads 200
	check "200 threads" ended 0 'sum 19900'
	vm "$proof" sleep
	check "sleep" ended 0 'slept 500'
	vm "$proof" files
	check "files" ended 0 'Ok("data")
"/a/b"'
	printf 'l1\nl2\004\026x' >"$T/in"
	vm "$proof" echo
	check "standard input" echoed
	mkdir -p "$T/root/etc"
	echo 'from initrd' >"$T/root/etc/hello.txt"
	(cd "$T/root" && find . | cpio -o -H newc >"$T/initrd" 2>/dev/null)
	vm --initrd "$T/initrd" "$proof" cat /etc/hello.txt
	check "a file from an initrd" ended 0 'from initrd'
}

check_abort() {
	capture kraft-rust config "$arch" qemu --panic abort --rustc "$RUSTC"
	for profile in dev fat; do
		build $profile || { fail "build, $profile, --panic abort"; return; }
		vm "$(image "${profile/dev/debug}" proof)" panic
		check "$profile, --panic abort: 134" said 134 'on purpose'
	done
}

check_proof() {
	new proof || return 0
	cp "$PROGRAMS/proof.rs" src/main.rs
	printf '[profile.fat]\ninherits = "release"\nlto = "fat"\n' >>Cargo.toml
	check_profile dev debug
	check_profile release
	check_profile fat
	proof=$(image release proof)
	[ -f "$proof" ] || return 0
	check_exit
	check_runtime
	[[ " $PRESETS " != *" net "* ]] || check_serve
	check_abort
}

check_tour() {
	local more=()
	new tour || return 0
	cp "$PROGRAMS"/tour/*.rs src/
	build release || { fail "build, tour"; return; }
	[[ " $PRESETS " != *" net "* ]] || more=(--env TOUR_NET=1 --net user)
	printf 'first\nsecond \004\026\303\251' >"$T/in"
	vm --env 'TOUR=a b="c"' "${more[@]}" "$(image release tour)" $'\377\376'
	check "tour: $(grep -c ^ok "$T/out") pieces of std" ended 0
	check "tour: another boot, other random numbers" differs \
		--env TOUR_RANDOM=1 "$(image release tour)" x process::random
}

# differs ...: two runs of the same write something else.
differs() {
	local first
	vm "$@"
	first=$(cat "$T/out")
	vm "$@"
	[[ $first == random* ]] && [ "$(cat "$T/out")" != "$first" ]
}

# counted PASSED FAILED IGNORED: the results of one test binary.
counted() {
	has "$1 passed; $2 failed; $3 ignored"
}

check_tests() {
	new tested || return 0
	cp -R "$PROGRAMS/tested/tests" .
	cp "$PROGRAMS"/tested/*.rs src/
	capture cargo test --no-fail-fast
	check "cargo test: a failure is a failure" test "$status" -eq 101
	check "cargo test: 2 passed, 1 failed" counted 2 1 0
	check "cargo test: #[should_panic]" has 'tests::panics - should panic ... ok'
	check "cargo test: the failure's message" has 'left: 2'
	check "cargo test: its output is shown" has 'before the failure'
	check "cargo test: other output is not" eval '! has "nobody sees this"'
	check "cargo test: a test file, one ignored" counted 1 0 1
	check "cargo test: a program's own" has 'test in_the_program ... ok'
	check "cargo test: a documentation test" has 'test src/lib.rs - (line 4) ... ok'
	capture cargo test -q --lib --bins --tests -- --skip fails
	check "cargo test: all passed" ended 0
}
