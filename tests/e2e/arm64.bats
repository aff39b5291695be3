#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Programs for arm64 host that really run, under qemu-user: the stable compiler, a target
# that is not built into it, and no variable or flag set by hand. The teardown looks at
# every call of the compiler: ours alone were opened.

load e2e

ARCH=arm64
TARGET=aarch64-unikraft-linux-musl
HOST=x86_64-unknown-linux-gnu

setup() {
	e2e_home
	# The recorder stands where a user's sccache would.
	unset RUSTC_WRAPPER
	export KRAFT_RUSTC_WRAPPER=$ROOT/tests/e2e/record-rustc
}

teardown() {
	assert_scoped
}

# What was compiled for the target was opened for JSON targets and closed for features;
# what was compiled for the machine was left alone.
assert_scoped() {
	local record
	for record in "${RUSTC_RECORD:-/nonexistent}"/*; do
		[ -f "$record" ] || continue
		if sed '/^$/q' "$record" | grep -qx -- "$TARGET"; then
			grep -qx -- '-Zunstable-options' "$record" &&
				grep -qx -- '-Zallow-features=' "$record" &&
				grep -qx 'RUSTC_BOOTSTRAP=1' "$record"
		else
			! grep -qE '^(-Z|RUSTC_BOOTSTRAP=)' "$record" || false
		fi || { echo "not as it should be:" >&2; sed '/^$/q' "$record" >&2; return 1; }
	done
}

assert_arm64() {
	assert_static "$1"
	[[ $(readelf -h "$1") == *"Machine:"*AArch64* ]]
}

@test "arm64: new, then cargo run" {
	kraft-rust new hello --arch arm64 --plat host
	cd hello
	run --separate-stderr cargo run
	[ "$status" -eq 0 ]
	[ "$output" = "Hello, world!" ]
	[[ $stderr != *warning* ]]
	assert_arm64 "$(image hello)"
	[ -n "$(ls "$RUSTC_RECORD")" ]
	cargo run -q --release
	assert_arm64 "$(image hello release)"
}

@test "arm64: threads, channels, maps, files, environment, arguments, TCP" {
	project tour
	for lto in fat thin; do
		printf '[profile.%s]\ninherits = "release"\nlto = "%s"\n' $lto $lto >>Cargo.toml
	done
	for profile in dev release fat thin; do
		TOUR=set TMPDIR=$T cargo run -q --profile $profile -- one "two words" "" >out
		diff "$P/tour.out" out
	done
	assert_arm64 "$(image tour fat)"
}

@test "arm64: exit status, panics caught and uncaught" {
	project exit
	run cargo run -q -- 7
	[ "$status" -eq 7 ]
	cd ..
	project panics
	for profile in dev release; do
		cargo run -q --profile $profile >out 2>err || { cat err >&2; return 1; }
		grep -q 'caught: Some("number 1")' out
		grep -q 'joined: Some("in a thread")' out
		run cargo run -q --profile $profile -- uncaught
		[ "$status" -eq 101 ]
		has "the last one"
	done
}

@test "arm64: cargo test counts what passed and failed; check, doc" {
	project tested
	mv src/main.rs src/lib.rs
	run cargo test --lib
	[ "$status" -eq 0 ]
	has "3 passed; 0 failed"
	TOUR=1 run cargo test --lib
	[ "$status" -eq 101 ]
	has "2 passed; 1 failed"
	cargo check -q
	cargo doc -q
	[ -f "target/$TARGET/doc/tested/fn.double.html" ]
}

@test "arm64: cargo test --doc" {
	cargo init -q --vcs none --lib --name documented documented
	cd documented
	kraft-rust config arm64 host
	cat >src/lib.rs <<-'EOF'
		//! ```
		//! assert_eq!(std::env::consts::ARCH, "aarch64");
		//! assert!(std::env::var_os("RUSTC_BOOTSTRAP").is_none());
		//! assert_eq!(documented::double(4), 8);
		//! ```
		/// ```should_panic
		/// documented::double(i32::MAX);
		/// ```
		///
		/// ```compile_fail,E0308
		/// documented::double("");
		/// ```
		///
		/// ```no_run
		/// loop { documented::double(1); }
		/// ```
		///
		/// ```ignore
		/// nothing
		/// ```
		pub fn double(n: i32) -> i32 {
		    2 * n
		}
	EOF
	run cargo test --doc
	[ "$status" -eq 0 ]
	has "running 5 tests"
	has "test src/lib.rs - (line 1) ... ok"
	has "... ignored"
	has "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out"
	run cargo test --doc -- double
	has "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 1 filtered out"
	printf '/// ```\n/// assert_eq!(documented::double(4), 9, "no");\n/// ```\npub fn wrong() {}\n' >>src/lib.rs
	printf '/// ```\n/// #![feature(never_type)]\n/// ```\npub fn featured() {}\n' >>src/lib.rs
	printf '/// ```compile_fail,E0001\n/// documented::double("");\n/// ```\npub fn code() {}\n' >>src/lib.rs
	run cargo test
	[ "$status" -eq 101 ]
	has "test src/lib.rs - wrong (line 24) ... FAILED"
	has "left: 8"
	has E0725
	has "4 passed; 3 failed; 1 ignored"
}

# A crate with a build script and a proc macro that look for what must not reach them.
leaky() {
	project tour leaky
	cat >build.rs <<-EOF
		fn main() {
		    assert!(std::env::var_os("RUSTC_BOOTSTRAP").is_none());
		    for (name, value) in std::env::vars() {
		        assert!(!value.contains("-Zunstable-options"), "{name}");
		    }
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
		    assert!(option_env!("RUSTC_BOOTSTRAP").is_none());
		    "42".parse().unwrap()
		}
	EOF
	echo 'answer = { path = "answer" }' >>Cargo.toml
	echo 'fn main() { println!("{} {}", answer::answer!(), env!("BUILT_ON")); }' >src/main.rs
}

@test "arm64: build scripts and proc macros are compiled and built as ever" {
	leaky
	[ "$(cargo run -q)" = "42 $HOST" ]
	[ "$(grep -lx -- "--crate-name" "$RUSTC_RECORD"/* | wc -l)" -ge 3 ]
}

# feature_in FILE WANT: with #![feature] in that file, cargo build fails with WANT.
feature_in() {
	sed -i '1i #![feature(never_type)]' "$1"
	run cargo build
	sed -i 1d "$1"
	[ "$status" -eq 101 ]
	has "$2"
}

@test "arm64: #![feature] stays an error, in build scripts, proc macros and the program" {
	leaky
	feature_in build.rs E0554
	feature_in answer/src/lib.rs E0554
	feature_in src/main.rs E0725
	# As with any stable compiler, who asks for it gets it.
	cd ..
	project tour asking
	sed -i '1i #![feature(never_type)]' src/main.rs
	RUSTC_BOOTSTRAP=asking cargo build -q
	rm -r "$RUSTC_RECORD"
}

@test "arm64: a crate that tries out what the compiler can do sees a stable one" {
	project tour probing
	cat >build.rs <<-'EOF'
		use std::{env, io::Write, process::*};
		// As the build scripts of anyhow and proc-macro2 do.
		fn compiles(text: &str) -> bool {
		    let rustc = env::var("RUSTC").unwrap();
		    let mut cmd = match env::var("RUSTC_WRAPPER") {
		        Ok(w) if !w.is_empty() => { let mut c = Command::new(w); c.arg(rustc); c }
		        _ => Command::new(rustc),
		    };
		    let mut child = cmd.args(["--crate-name", "probe", "--crate-type", "lib", "--emit", "metadata"])
		        .args(["-o", &format!("{}/probe", env::var("OUT_DIR").unwrap())])
		        .args(["--target", &env::var("TARGET").unwrap()])
		        .args(env::var("CARGO_ENCODED_RUSTFLAGS").unwrap().split('\x1f'))
		        .arg("-").stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
		    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
		    child.wait().unwrap().success()
		}
		fn main() {
		    println!("cargo:rustc-env=STABLE={}", compiles("pub fn f() {}"));
		    println!("cargo:rustc-env=NIGHTLY={}", compiles("#![feature(never_type)] pub fn f() {}"));
		}
	EOF
	echo 'fn main() { println!("{} {}", env!("STABLE"), env!("NIGHTLY")); }' >src/main.rs
	[ "$(cargo run -q)" = "true false" ]
}

@test "arm64: a wrapper in a config above stays in use" {
	unset KRAFT_RUSTC_WRAPPER
	mkdir .cargo
	printf '[build]\nrustc-wrapper = "%s"\n' "$ROOT/tests/e2e/record-rustc" >.cargo/config.toml
	project exit
	grep -A1 'env.KRAFT_RUSTC_WRAPPER' .cargo/config.toml | grep -q record-rustc
	run cargo run -q -- 3
	[ "$status" -eq 3 ]
	[ -n "$(ls "$RUSTC_RECORD")" ]
	# The block is the same when it is written again.
	run kraft-rust config arm64 host
	has "is up to date"
	# A path is one from the folder of the file that names it.
	cd ..
	mkdir tools
	ln -s "$ROOT/tests/e2e/record-rustc" tools/wrap
	printf '[build]\nrustc-wrapper = "tools/wrap"\n' >.cargo/config.toml
	project exit again
	grep -A1 'env.KRAFT_RUSTC_WRAPPER' .cargo/config.toml | grep -qF "\"$T/work/tools/wrap\""
	cargo check -q
}

@test "arm64: RUSTC_WRAPPER in the environment would hide kraft-rustc, which is said" {
	for name in RUSTC_WRAPPER CARGO_BUILD_RUSTC_WRAPPER; do
		run env $name=sccache kraft-rust new shadowed-$name --arch arm64 --plat host
		[ "$status" -eq 0 ]
		has "$name is set"
		has "set KRAFT_RUSTC_WRAPPER instead"
		! grep -q sccache shadowed-$name/.cargo/config.toml || false
	done
}

@test "arm64: sccache" {
	command -v sccache >/dev/null || skip "no sccache: apt install sccache"
	project exit
	export KRAFT_RUSTC_WRAPPER=sccache SCCACHE_DIR=$T/sccache SCCACHE_SERVER_PORT=4239
	run cargo run -q -- 3
	sccache --stop-server >/dev/null 2>&1 3>&- || true
	[ "$status" -eq 3 ]
}

@test "arm64: two platforms share one std, and both compile" {
	export KRAFT_RUST_HOME=$T/two
	mkdir -p "$T/two"
	cp -r "$E2E/kraft/std" "$T/two/"
	before=$(find "$T/two/std" | sort)
	for plat in host qemu; do
		kraft-rust install arm64 $plat --offline
	done
	[ "$(find "$T/two/std" | sort)" = "$before" ]
	kraft-rust new both --arch arm64 --plat qemu
	cd both
	kraft-rust config arm64 qemu arm64 host
	cargo check -q
	[ "$(cargo arm64-host run -q)" = "Hello, world!" ]
	# A spec each, that names its platform; the std is the same folder.
	for plat in host qemu; do
		grep -q "KRAFTKIT_PLAT=$plat" "$T"/two/sysroots/*/$plat-arm64/lib/rustlib/$TARGET/target.json
		realpath "$T"/two/sysroots/*/$plat-arm64/lib/rustlib/$TARGET/lib
	done | uniq | wc -l | grep -qx 1
}

@test "several combinations in one project: the first is the default, the others are aliases" {
	"$ROOT/tests/e2e/prepare" x86_64 || skip "x86_64 host is not to be had"
	cargo init -q --vcs none --name several several
	cd several
	run kraft-rust config x86_64 host arm64 host
	[ "$status" -eq 0 ]
	has "for arm64 host: cargo arm64-host run"
	echo 'fn main() { println!("{} {}", std::env::consts::ARCH, env!("KRAFTKIT_ARCH")); }' >src/main.rs
	[ "$(cargo run -q)" = "x86_64 x86_64" ]
	[ "$(cargo arm64-host run -q)" = "aarch64 arm64" ]
	[ "$(cargo run -q)" = "x86_64 x86_64" ]
	[ "$(cd src && cargo arm64-host run -q)" = "aarch64 arm64" ]
	echo 'fn main() { println!("{}", std::env::consts::ARCH); }' >src/main.rs
	[ "$(cargo run -q --target $TARGET)" = aarch64 ]
	# The built-in target next to it goes without any flag.
	TARGET=x86_64-unikraft-linux-musl
	! grep -lx -- "$TARGET" "$RUSTC_RECORD"/* | xargs grep -lx -- '-Zunstable-options' || false
	TARGET=aarch64-unikraft-linux-musl
}

@test "arm64: without an emulator, run says what is missing" {
	project exit
	cargo build -q
	mkdir bin
	ln -s "$BUILD/kraft-rust" bin/
	PATH=$PWD/bin run kraft-rust run "$(image exit)"
	[ "$status" -eq 3 ]
	has "this machine cannot execute it (it is for arm64)"
	has "qemu-user"
}
