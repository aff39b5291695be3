#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Specs on every compiler to be had: those of this machine, and those of Debian's archive,
# unpacked beside them. Each test says in its output which ones it was.

load helper
load toolchain

setup() {
	fresh_home
	command -v jq >/dev/null || skip "no jq: apt install jq"
}

# all_rustcs: an array, RUSTCS.
all_rustcs() {
	local package version
	mapfile -t RUSTCS < <(every_rustc)
	while read -r package version; do
		debian_rustc "$package" "$version"
		RUSTCS+=("$OLD_RUSTC")
	done < <(debian_rustcs)
	[ "${#RUSTCS[@]}" -gt 0 ] || skip "no rustc in /usr/bin, /usr/local/bin or $RUSTUP_HOME"
}

version() {
	"$1" -vV | sed -n 's/^release: //p'
}

minor() {
	version "$1" | cut -d . -f 2
}

# compiles RUSTC DIR TARGET: a crate that has nothing but what it declares itself.
compiles() {
	cat >core.rs <<-EOF
		#![feature(no_core, lang_items)]
		#![no_core]
	EOF
	if [ "$(minor "$1")" -ge 89 ]; then
		cat >>core.rs <<-EOF
			#[lang = "pointee_sized"]
			pub trait PointeeSized {}
			#[lang = "meta_sized"]
			pub trait MetaSized: PointeeSized {}
			#[lang = "sized"]
			pub trait Sized: MetaSized {}
		EOF
	else
		printf '#[lang = "sized"]\npub trait Sized {}\n' >>core.rs
	fi
	printf '#[no_mangle]\npub extern "C" fn answer() -> i32 { 42 }\n' >>core.rs
	rm -f core.o
	RUSTC_BOOTSTRAP=1 RUST_TARGET_PATH=$2 "$1" -Zunstable-options --crate-type lib --emit obj --cap-lints allow \
		-o core.o --target "$3" core.rs 2>said || { cat said >&2; return 1; }
	# What it does not understand of a spec, an older compiler only warns of.
	! grep -E 'warning|error' said || false
}

machine() {
	readelf -h core.o | sed -n 's/^ *Machine: *//p'
}

@test "every compiler: every spec loads by its name and compiles an object" {
	command -v readelf >/dev/null || skip "no readelf: apt install binutils"
	all_rustcs
	for rustc in "${RUSTCS[@]}"; do
		"$KR" generate --all -o "specs" --rustc "$rustc"
		compiles "$rustc" specs/fc-x86_64 x86_64-unikraft-linux-musl
		[[ $(machine) == *X86-64* ]]
		compiles "$rustc" specs/host-arm64 aarch64-unikraft-linux-musl
		[ "$(machine)" = AArch64 ]
		rm -r specs
		echo "# compiles with $("$rustc" -V)" >&3
	done
}

@test "every compiler: what the index says of it is true" {
	all_rustcs
	for rustc in "${RUSTCS[@]}"; do
		"$KR" generate -o specs --rustc "$rustc"
		for arch in x86_64 arm64; do
			entry=$(jq -c --arg id "qemu-$arch" '.combinations[] | select(.id == $id)' specs/index.json)
			target=$(jq -r .target <<<"$entry")
			builtin=false unstable=false
			"$rustc" --print target-list | grep -qx "$target" && builtin=true
			RUST_TARGET_PATH=specs/qemu-$arch "$rustc" --print cfg --target "$target" >/dev/null 2>&1 ||
				unstable=true
			[ "$(jq .builtin <<<"$entry")" = $builtin ]
			if $builtin; then
				RUSTC_BOOTSTRAP=1 "$rustc" -Zunstable-options --print target-spec-json \
					--target "$target" >own.json
				drop='."link-env", ."is-builtin"'
				# At first the metadata of many targets, this one too, were all null.
				! jq -e '.metadata | values | .tier == null' own.json >/dev/null ||
					drop="$drop, .metadata"
				jq -S "del($drop)" own.json >own
				jq -S "del($drop)" "specs/$(jq -r .spec <<<"$entry")" | diff own -
			fi
			[ "$(jq .unstable <<<"$entry")" = $unstable ]
			[ -f "specs/$(jq -r .spec <<<"$entry")" ]
			[ -f "specs/$(jq -r .config <<<"$entry")" ]
		done
		# One std for all platforms of an architecture.
		[ "$(jq '[.combinations[] | .std] | unique | length' specs/index.json)" = 2 ]
		[ "$(jq '[.combinations[] | .target] | unique | length' specs/index.json)" = 2 ]
		rm -r specs
		echo "# $("$rustc" -V): arm64 needs -Zunstable-options: $unstable" >&3
	done
}

@test "spec --for: the newest compiler writes what each of the others loads" {
	command -v readelf >/dev/null || skip "no readelf: apt install binutils"
	all_rustcs
	newest=${RUSTCS[0]}
	for rustc in "${RUSTCS[@]}"; do
		[ "$(minor "$rustc")" -le "$(minor "$newest")" ] || newest=$rustc
	done
	for rustc in "${RUSTCS[@]}"; do
		for arch in x86_64 aarch64; do
			mkdir -p for
			"$KR" spec "${arch/aarch64/arm64}" qemu --rustc "$newest" \
				--for "$(version "$rustc")" -o for/$arch-unikraft-linux-musl.json 2>said
			grep -q "no compiler has loaded it" said
			compiles "$rustc" for $arch-unikraft-linux-musl
			# Apart from what only that compiler could know, it is its own spec.
			"$KR" spec "${arch/aarch64/arm64}" qemu --rustc "$rustc" >own.json
			jq -S 'del(."linker-flavor", ."stack-probes", .metadata)' own.json >own
			jq -S 'del(."linker-flavor", ."stack-probes", .metadata)' \
				for/$arch-unikraft-linux-musl.json | diff own -
		done
		echo "# for $(version "$rustc"), by $(version "$newest")" >&3
	done
}

@test "spec --for: what it had to assume, and what it refuses" {
	need_rustc
	run "$KR" spec arm64 qemu --rustc "$REAL_RUSTC" --for 1.70.0
	[ "$status" -eq 0 ]
	has "made for rustc 1.70.0 by rustc $(version "$REAL_RUSTC"); no compiler has loaded it"
	has "data-layout, features,"
	has "taken from rustc $(version "$REAL_RUSTC")"
	has "target-pointer-width is a string, as it was before rustc 1.91"
	has "https://github.com/rust-lang/rust/pull/144443"
	"$KR" spec arm64 qemu --rustc "$REAL_RUSTC" --for 1.70.0 -q 2>/dev/null >old.json
	jq -e '."target-pointer-width" == "64" and ."linker-flavor" == "gcc" and .metadata == null and
		."data-layout" == "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128"' old.json
	# The compiler at hand itself: nothing to convert.
	"$KR" spec arm64 qemu --rustc "$REAL_RUSTC" --for "$(version "$REAL_RUSTC")" 2>/dev/null >same.json
	"$KR" spec arm64 qemu --rustc "$REAL_RUSTC" | diff - same.json
	fails 2 "$KR" spec arm64 qemu --rustc "$REAL_RUSTC" --for new
	has "--for: 'new' is not a version such as 1.70.0"
	fails 2 "$KR" spec arm64 qemu --rustc "$REAL_RUSTC" --for 1.62.0
	has "the oldest dialect known is that of rustc 1.63"
}

# The oldest of Debian 12.
old_rustc() {
	local package version
	read -r package version < <(debian_rustcs | grep ' 1\.63\.') || true
	[ -n "$version" ] || skip "Debian's archive here has no rustc 1.63"
	debian_rustc "$package" "$version"
}

@test "rustc 1.63: both targets are JSON, and without sources install says so" {
	old_rustc
	run "$KR" list --rustc "$OLD_RUSTC"
	[ "$status" -eq 0 ]
	has "JSON"
	lacks "built in"
	fails 1 "$KR" install x86_64 qemu --rustc "$OLD_RUSTC"
	has "the sources of std for rustc 1.63.0 are not here"
}

@test "cargo 0.66: reads the configuration of several combinations, and uses their aliases" {
	mkdir -p cargo-deb
	(cd cargo-deb && apt-get download cargo=0.66*) >apt 2>&1 ||
		skip "apt cannot download cargo 0.66: $(tail -n 1 apt)"
	dpkg -x cargo-deb/*.deb cargo-deb
	old=$T/work/cargo-deb/usr/bin
	"$old/cargo" -V >/dev/null 2>&1 || skip "cargo 0.66 does not run here"
	need_rustc
	fake_rustc "$T/one" 1.90.0
	fake_install "$T/one/bin/rustc" x86_64 host >/dev/null
	fake_install "$T/one/bin/rustc" arm64 host >/dev/null
	mkdir -p project/src
	printf '[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n' >project/Cargo.toml
	echo 'fn main() { println!("{}", env!("KRAFTKIT_ARCH")); }' >project/src/main.rs
	PATH=$old:$T/one/bin:$PATH "$KR" config x86_64 host arm64 host -C project
	cd project
	grep -q '^arm64-host = \[$' .cargo/config.toml
	# An old cargo has no [target.T] rustdocflags.
	run -1 grep rustdocflags .cargo/config.toml
	# The alias comes before the command; what the machine itself builds shows its [env].
	run env PATH="$old:$PATH" RUSTC="$REAL_RUSTC" "$old/cargo" arm64-host run -q \
		--target "$("$REAL_RUSTC" -vV | sed -n 's/^host: //p')"
	has arm64
}
