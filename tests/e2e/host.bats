#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Programs for x86_64 host that really run: a stable compiler, no flag, no Unikraft.
# The teardown looks at every call of the compiler for an unstable flag.

load e2e

@test "the compiler is a stable one" {
	[[ $(rustc -V) =~ ^rustc\ 1\.[0-9]+\.[0-9]+\ \( ]]
	[[ $(rustc -V) != *nightly* && $(rustc -V) != *-dev* ]]
}

@test "new, then cargo run" {
	kraft-rust new hello --arch x86_64 --plat host
	cd hello
	run --separate-stderr cargo run
	[ "$status" -eq 0 ]
	[ "$output" = "Hello, world!" ]
	assert_static "$(image hello)"
	# Silent linker: rustc shows what a linker prints as a warning.
	[[ $stderr != *warning* ]]
	run --separate-stderr cargo run --release
	[ "$output" = "Hello, world!" ]
	[[ $stderr != *warning* ]]
	assert_static "$(image hello release)"
}

@test "config in a project of cargo's own" {
	cargo init -q --vcs none --name plain plain
	cd plain
	kraft-rust config x86_64 host
	[ "$(cargo run -q)" = "Hello, world!" ]
	assert_static "$(image plain)"
}

# tour PROFILE: std at work, as the profile builds it.
tour() {
	TOUR=set TMPDIR=$T cargo run -q --profile "$1" -- one "two words" "" >out
	diff "$P/tour.out" out
}

@test "threads, channels, maps, files, environment, arguments, TCP: debug" {
	project tour
	tour dev
	assert_static "$(image tour)"
}

@test "threads, channels, maps, files, environment, arguments, TCP: release" {
	project tour
	tour release
	assert_static "$(image tour release)"
}

@test "threads, channels, maps, files, environment, arguments, TCP: lto fat and thin" {
	project tour
	for lto in fat thin; do
		printf '[profile.%s]\ninherits = "release"\nlto = "%s"\n' $lto $lto >>Cargo.toml
		tour $lto
		assert_static "$(image tour $lto)"
	done
}

@test "process::exit: the status arrives, and what was printed before" {
	project exit
	run cargo run -q -- 7
	[ "$status" -eq 7 ]
	[[ $output == leaving* ]]
	run cargo run -q -- 255
	[ "$status" -eq 255 ]
	run cargo run -q -- 0
	[ "$status" -eq 0 ]
}

@test "config --panic abort: an uncaught panic is status 134, with its message" {
	project panics
	kraft-rust config x86_64 host --panic abort
	cat >src/main.rs <<-EOF
		fn main() {
		    let number: u32 = "none".parse().unwrap_or(3);
		    assert_eq!(number, 4, "no such number");
		}
	EOF
	cargo build -q
	run kraft-rust run "$(image panics)"
	[ "$status" -eq 134 ]
	has "no such number"
	has "src/main.rs:3:5"
	cargo build -q --release
	run kraft-rust run "$(image panics release)"
	[ "$status" -eq 134 ]
}

@test "config --panic abort: a panic on another thread ends the program too" {
	project panics
	kraft-rust config x86_64 host --panic abort
	cat >src/main.rs <<-EOF
		fn main() {
		    let joined = std::thread::spawn(|| panic!("on a thread")).join();
		    println!("joined: {}", joined.is_err());
		}
	EOF
	cargo build -q
	run "$(image panics)"
	[ "$status" -eq 134 ]
	has "on a thread"
	lacks "joined"
}

@test "panics are caught, threads with a panic are joined, the rest is status 101" {
	project panics
	cat >want <<-EOF
		dropped guard
		caught: Some("number 1")
		through std: true
		joined: Some("in a thread")
		resumed: Some(42)
	EOF
	printf '[profile.fat]\ninherits = "release"\nlto = "fat"\n' >>Cargo.toml
	for profile in dev release fat; do
		cargo run -q --profile $profile >out 2>err || { cat err >&2; return 1; }
		diff want out
		grep -q 'in a thread' err
		# As any Rust program that unwinds out of main.
		run cargo run -q --profile $profile -- uncaught
		[ "$status" -eq 101 ]
		has "the last one"
	done
	assert_static "$(image panics)"
	assert_static "$(image panics fat)"
}

@test "a backtrace names the functions" {
	project panics
	cat >src/main.rs <<-EOF
		#[inline(never)]
		fn fails() {
		    panic!("look back");
		}
		fn main() {
		    fails()
		}
	EOF
	cargo build -q
	RUST_BACKTRACE=1 run "$(image panics)"
	[ "$status" -eq 101 ]
	has "panics::fails"
	has "panics::main"
	has "src/main.rs:3"
}

# A library with tests.
tested() {
	project tested
	mv src/main.rs src/lib.rs
}

@test "cargo test: passed and failed are counted, messages shown" {
	tested
	run cargo test --lib
	[ "$status" -eq 0 ]
	has "test tests::panics - should panic ... ok"
	has "3 passed; 0 failed"
	for profile in dev release; do
		TOUR=1 run cargo test --lib --profile $profile
		[ "$status" -eq 101 ]
		has "test tests::may_fail ... FAILED"
		has "test tests::passes ... ok"
		has "test tests::panics - should panic ... ok"
		has "looking at TOUR"
		has "TOUR is set"
		has "2 passed; 1 failed"
	done
}

@test "cargo test with --panic abort: a failing test ends the run" {
	tested
	kraft-rust config x86_64 host --panic abort
	run cargo test --lib passes
	[ "$status" -eq 0 ]
	has "1 passed; 0 failed"
	TOUR=1 run cargo test --lib may_fail -- --nocapture
	[ "$status" -eq 101 ]
	has "TOUR is set"
	has "SIGABRT"
}

@test "a profile with panic = \"abort\" builds and runs" {
	project tour
	printf '[profile.%s]\npanic = "abort"\n' dev release >>Cargo.toml
	tour dev
	tour release
	kraft-rust config x86_64 host --panic abort
	tour dev
	tour release
}

@test "cargo test --doc" {
	tested
	unset RUSTC_WRAPPER
	run cargo test --doc
	[ "$status" -eq 0 ]
	has "1 passed; 0 failed"
}

@test "cargo check and cargo doc" {
	tested
	cargo check -q
	unset RUSTC_WRAPPER
	cargo doc -q
	[ -f "target/$TARGET/doc/tested/fn.double.html" ]
}

@test "build scripts and proc macros still are the machine's own" {
	project tour mixed
	cat >build.rs <<-EOF
		fn main() {
		    assert!(std::env::var_os("RUSTC_BOOTSTRAP").is_none());
		    assert_eq!(std::env::var("TARGET").unwrap(), "$TARGET");
		    println!("cargo:rustc-env=BUILT_ON={}", std::env::var("HOST").unwrap());
		}
	EOF
	mkdir -p answer/src
	printf '[package]\nname = "answer"\nversion = "0.1.0"\nedition = "2021"\n[lib]\nproc-macro = true\n' \
		>answer/Cargo.toml
	cat >answer/src/lib.rs <<-EOF
		use proc_macro::TokenStream;
		#[proc_macro]
		pub fn answer(_: TokenStream) -> TokenStream {
		    "42".parse().unwrap()
		}
	EOF
	echo 'answer = { path = "answer" }' >>Cargo.toml
	echo 'fn main() { println!("{} {}", answer::answer!(), env!("BUILT_ON")); }' >src/main.rs
	[ "$(cargo run -q)" = "42 x86_64-unknown-linux-gnu" ]
}

@test "#![feature] stays an error: nothing made the compiler a nightly" {
	project tour featured
	sed -i '1i #![feature(never_type)]' src/main.rs
	run cargo build
	[ "$status" -eq 101 ]
	has E0554
}

@test "two binaries linked at once, paths with spaces, and a long command line" {
	kraft-rust new "$T/with space/many" --arch x86_64 --plat host
	cd "$T/with space/many"
	mkdir src/bin
	for n in 1 2 3 4 5 6; do
		echo "fn main() { println!(\"I am $n\"); }" >src/bin/b$n.rs
	done
	cargo build -q --bins
	for n in 1 2 3 4 5 6; do
		[ "$("$(image b$n)")" = "I am $n" ]
	done
	# Past the kernel's limit for a command line, rustc writes it into a file.
	name=$(printf 'x%.0s' $(seq 200))
	for n in $(seq 12000); do
		echo "-Clink-arg=-L/nonexistent/a folder/$name/$n"
	done >arguments
	cargo rustc -q --bin b1 -- "@$PWD/arguments"
	[ "$("$(image b1)")" = "I am 1" ]
}
