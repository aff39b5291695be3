#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Sources of std for compilers of Rust's own, from a dist server in a folder.

load helper
load toolchain

setup() {
	fresh_home
	need_rustc
	command -v xz >/dev/null || skip "no xz: apt install xz-utils"
	export RUSTUP_DIST_SERVER=file://$T/rust
}

# published RELEASE DATE: a compiler of Rust's own, without sources, whose cargo builds
# nothing.
published() {
	COMMIT=0123456789abcdef0123456789abcdef01234567
	mkdir -p "$T/own/bin" "$T/own/lib/rustlib"
	cat >"$T/own/bin/rustc" <<-END
		#!/bin/sh
		case " \$* " in
		*" -vV "*) '$REAL_RUSTC' "\$@" | sed -e '1s/.*/rustc $1 (012345678 $2)/' \\
			-e 's/^release: .*/release: $1/' -e 's/^commit-hash: .*/commit-hash: $COMMIT/' ;;
		*" --print=sysroot "*) '$REAL_RUSTC' "\$@" | sed '1s,.*,$T/own,' ;;
		*) exec '$REAL_RUSTC' "\$@" ;;
		esac
	END
	printf '#!/bin/sh\necho "error: this cargo builds nothing" >&2\nexit 101\n' >"$T/own/bin/cargo"
	chmod +x "$T/own/bin/"*
}

# tarball PATH: of the sources, in the server's folder.
tarball() {
	local top=$T/rust-src library=$T/rust-src/rust-src/lib/rustlib/src/rust/library
	mkdir -p "$library/std" "$(dirname "$T/rust/$1")"
	echo rust-src >"$top/components"
	echo 3 >"$top/rust-installer-version"
	echo "$COMMIT" >"$top/git-commit-hash"
	echo '[package]' >"$library/std/Cargo.toml"
	echo 'version = 4' >"$library/Cargo.lock"
	(cd "$top/rust-src" && find lib -type f | sed 's/^/file:/' >manifest.in)
	tar -C "$T" --format=gnu -cJf "$T/rust/$1" rust-src
}

# manifest PATH URL HASH: a channel manifest, in the server's folder.
manifest() {
	mkdir -p "$(dirname "$T/rust/$1")"
	cat >"$T/rust/$1" <<-END
		manifest-version = "2"
		[pkg.rust-docs.target.x86_64-unknown-linux-gnu]
		xz_url = "https://static.rust-lang.org/wrong"
		xz_hash = "0000000000000000000000000000000000000000000000000000000000000000"

		[pkg.rust-src]
		version = "$COMMIT"

		[pkg.rust-src.target."*"]
		available = true
		url = "https://static.rust-lang.org/dist/rust-src.tar.gz"
		hash = "1111111111111111111111111111111111111111111111111111111111111111"
		${2:+xz_url = \"$2\"}
		${3:+xz_hash = \"$3\"}

		[pkg.rust-std.target.x86_64-unknown-linux-gnu]
		xz_url = "https://static.rust-lang.org/wrong"
		xz_hash = "2222222222222222222222222222222222222222222222222222222222222222"
	END
}

hash_of() {
	sha256sum "$T/rust/$1" | cut -d ' ' -f 1
}

mine() {
	"$KR" install x86_64 qemu --rustc "$T/own/bin/rustc" --from source "$@"
}

# Everything but building them.
fetched() {
	fails 6 mine
	has "fetching the sources of std from file://$T/rust/$1"
	has "this cargo builds nothing"
	[ -f "$(echo "$XDG_CACHE_HOME"/kraft-rust/src/*/library/std/Cargo.toml)" ]
}

# release [COMMIT]: a compiler, its sources, or those of another commit, and the manifest
# that has them.
release() {
	local path=dist/rust-src-1.100.0.tar.xz
	published 1.100.0 2026-10-17
	COMMIT=${1:-$COMMIT} tarball $path
	manifest dist/channel-rust-1.100.0.toml "https://static.rust-lang.org/$path" "$(hash_of $path)"
}

@test "sources: a release's, fetched once, until gc" {
	release
	fails 1 mine --offline
	has "the sources of std for rustc 1.100.0"
	fetched dist/rust-src-1.100.0.tar.xz
	rm -r "$T/rust"
	fails 6 mine --offline
	has "this cargo builds nothing"
	"$KR" gc -q
	[ ! -e "$XDG_CACHE_HOME/kraft-rust/src" ]
}

@test "sources: of another commit, or changed on the way, are refused" {
	release 9876543210987654321098765432109876543210
	fails 5 mine
	has "the sources are of commit 9876543210987654321098765432109876543210"
	[ -z "$(ls -A "$XDG_CACHE_HOME/kraft-rust/src" | grep -v lock)" ]
	echo x >>"$T/rust/dist/rust-src-1.100.0.tar.xz"
	rm -r "$XDG_CACHE_HOME"
	fails 5 mine
	has "has the SHA-256"
}

@test "sources: a beta's, by the channel manifest of its version" {
	published 1.100.0-beta.7 2026-10-17
	tarball dist/2026-10-18/rust-src-beta.tar.xz
	manifest dist/channel-rust-1.100.0-beta.7.toml \
		https://static.rust-lang.org/dist/2026-10-18/rust-src-beta.tar.xz \
		"$(hash_of dist/2026-10-18/rust-src-beta.tar.xz)"
	fails 0 mine --dry-run
	has "fetch the sources of std from the Rust dist server"
	fetched dist/2026-10-18/rust-src-beta.tar.xz
}

@test "sources: a nightly's, by the channel manifest of the day after its commit" {
	published 1.101.0-nightly 2026-02-28
	tarball dist/2026-03-01/rust-src-nightly.tar.xz
	manifest dist/2026-03-01/channel-rust-nightly.toml \
		https://static.rust-lang.org/dist/2026-03-01/rust-src-nightly.tar.xz \
		"$(hash_of dist/2026-03-01/rust-src-nightly.tar.xz)"
	fetched dist/2026-03-01/rust-src-nightly.tar.xz
}

@test "sources: a manifest may name another place" {
	published 1.100.0-beta.7 2026-10-17
	tarball other/src.tar.xz
	manifest dist/channel-rust-1.100.0-beta.7.toml "file://$T/rust/other/src.tar.xz" \
		"$(hash_of other/src.tar.xz)"
	fetched other/src.tar.xz
}

@test "sources: a manifest without them, and none at all" {
	published 1.100.0-beta.7 2026-10-17
	manifest dist/channel-rust-1.100.0-beta.7.toml https://static.rust-lang.org/dist/src.tar.xz ""
	fails 5 mine
	has "file://$T/rust/dist/channel-rust-1.100.0-beta.7.toml: has no sources with a SHA-256"
	manifest dist/channel-rust-1.100.0-beta.7.toml "" \
		3333333333333333333333333333333333333333333333333333333333333333
	fails 5 mine
	has "has no sources with a SHA-256"
	rm -r "$T/rust"
	fails 4 mine
	has "the sources of std for rustc 1.100.0-beta.7 (012345678 2026-10-17) are not here"
	has "fetching them failed: file://$T/rust/dist/channel-rust-1.100.0-beta.7.toml: cannot be read"
}

@test "sources: of a compiler that somebody else built, none are fetched" {
	published 1.100.0-dev 2026-10-17
	fails 1 mine
	has "the sources of std for rustc 1.100.0-dev (012345678 2026-10-17) are not here"
	has "put the rust-src of exactly this compiler there"
}
