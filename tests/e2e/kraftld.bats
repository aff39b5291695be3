#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraftld as cargo calls it: many links at once, edits, and what std needs.

load e2e

# say FILE TEXT: a program that prints it.
say() {
	printf 'fn main() { println!("%s"); }\n' "$2" >"$1"
}

@test "kraftld: the binaries of one crate, built at once" {
	project tour many
	mkdir src/bin
	for i in {1..6}; do say "src/bin/b$i.rs" "I am b$i"; done
	cargo build --bins -j8
	for i in {1..6}; do [ "$("$(image "b$i")")" = "I am b$i" ]; done
	assert_static "$(image b1)"
	assert_clean
}

# What a link needs for itself is gone.
assert_clean() {
	[ -z "$(find . -name '.kraftld-*' -o -name '*.kraftld-args')" ]
}

@test "kraftld: many test binaries at once" {
	project tour tested
	say src/main.rs main
	mkdir tests
	for i in {1..6}; do
		printf '#[test]\nfn only_t%s() { println!("t%s runs"); }\n' "$i" "$i" >"tests/t$i.rs"
	done
	run cargo test -j8 -- --nocapture
	[ "$status" -eq 0 ]
	for i in {1..6}; do
		[ "$(grep -c "^test only_t$i " <<<"$output")" = 1 ]
		has "t$i runs"
	done
	assert_clean
}

@test "kraftld: two projects share one kit at the same time" {
	for name in left right; do
		kraft-rust new "$name" --arch x86_64 --plat host
		say "$name/src/main.rs" "$name"
	done
	(cd left && cargo build) &
	(cd right && cargo build)
	wait $!
	for name in left right; do
		[ "$(cd "$name" && "$(image "$name")")" = "$name" ]
	done
}

@test "kraftld: an edit reaches the image, nothing changed links nothing" {
	project tour edited
	say src/main.rs first
	cargo build
	[ "$("$(image edited)")" = first ]
	before=$(stat -c '%i %Y' "$(image edited)")
	cargo build
	[ "$(stat -c '%i %Y' "$(image edited)")" = "$before" ]
	say src/main.rs second
	# A clock that stands still: cargo compares contents' times with its own records.
	touch -d '1 second' src/main.rs
	cargo build
	[ "$("$(image edited)")" = second ]
	# Linked again without any change, it is the same image.
	cp "$(image edited)" same
	touch -d '2 seconds' src/main.rs
	cargo build
	cmp "$(image edited)" same
}

@test "kraftld: a link that was killed half-way leaves nothing that cargo takes for done" {
	project tour killed
	say src/main.rs old
	cargo build
	# It tells whose child it is: kraftld's.
	cat >slow-ld <<-EOF
		#!/bin/sh
		echo \$PPID >"$T/linking"
		exec sleep 60
	EOF
	chmod +x slow-ld
	cp -r "$KRAFT_RUST_HOME" "$T/own"
	sed -i "s,^ld = x86.*,ld = $PWD/slow-ld," "$T/own/linkers/host-x86_64.conf"
	say src/main.rs new
	touch -d '1 second' src/main.rs
	KRAFT_RUST_HOME=$T/own cargo build &
	for _ in {1..400}; do
		[ ! -s "$T/linking" ] || break
		sleep 0.05
	done
	kill -KILL "$(cat "$T/linking")"
	! wait $! || false
	cargo build
	[ "$("$(image killed)")" = new ]
}

# What std's objects refer to and none of them has.
std_needs() {
	local listing
	listing=$(readelf -Ws "$(shared_std)"/lib/*.rlib 2>/dev/null)
	comm -23 <(awk '$7 == "UND" && $8 != "" { print $8 }' <<<"$listing" | sort -u) \
		<(awk '$5 != "LOCAL" && $7 != "UND" && $7 ~ /^[0-9A-Z]+$/ && $8 != "" { print $8 }' \
			<<<"$listing" | sort -u)
}

@test "kraftld: the table of symbols knows every one that std refers to" {
	local symbol pattern found unknown= n=0
	mapfile -t patterns < <(sed -n 's/^symbol = //p' "$ROOT/share/symbols.conf")
	for symbol in $(std_needs); do
		n=$((n + 1)) found=
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053
			[[ $symbol != $pattern ]] || { found=1; break; }
		done
		[ "$found" ] || unknown="$unknown $symbol"
	done
	[ "$n" -gt 100 ]
	[ -z "$unknown" ] || { echo "no line for:$unknown" >&2; return 1; }
}

@test "kraftld: an undefined symbol in a Rust program" {
	project tour undefined
	cat >src/main.rs <<-EOF
		extern "C" { fn __memcpy_chk(); fn mine(); }
		fn main() { unsafe { __memcpy_chk(); mine() } }
	EOF
	run cargo build
	[ "$status" -ne 0 ]
	has "undefined reference to \`mine'"
	has "__memcpy_chk: glibc, which the kit has not"
	lacks "mine: "
}
