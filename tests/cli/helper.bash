# SPDX-License-Identifier: BSD-3-Clause
# Common to the command line's tests: "load helper" gives each test a machine of its
# own, on which nothing is installed, and the names below.
#
#   $KR          kraft-rust, from $BUILD (default: build/)
#   $T           the test's own folder, removed afterwards
#   $HOME, XDG_*, KRAFT_RUST_HOME, CARGO_HOME   below it

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=$(cd "${BUILD:-$ROOT/build}" && pwd)
KR=$BUILD/kraft-rust
TARGET=x86_64-unikraft-linux-musl

fresh_home() {
	T=$BATS_TEST_TMPDIR
	# rustup's proxies still have to find the machine's own toolchains.
	export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
	export HOME=$T/home CARGO_HOME=$T/cargo KRAFT_RUST_HOME=$T/kraft
	export XDG_DATA_HOME=$T/data XDG_CACHE_HOME=$T/cache XDG_CONFIG_HOME=$T/config
	export KRAFT_RUST_SHARE=$ROOT
	export LC_ALL=C.UTF-8
	# No test depends on a server: this one answers nobody.
	export RUSTUP_DIST_SERVER=http://127.0.0.1:9
	unset RUSTC RUSTFLAGS CARGO_ENCODED_RUSTFLAGS RUSTUP_TOOLCHAIN CARGO_BUILD_TARGET NO_COLOR
	unset KRAFTKIT_PLAT KRAFTKIT_ARCH KRAFTKIT_TARGET KRAFTLD_BACKEND MAKEFLAGS BASH_ENV
	mkdir -p "$HOME" "$CARGO_HOME" "$T/work"
	cd "$T/work" || return 1
}

setup() {
	fresh_home
}

# fails STATUS COMMAND...: "run", and the command ends with that status.
fails() {
	local want=$1
	shift
	run "$@"
	[ "$status" -eq "$want" ] || { echo "status $status: $output" >&2; return 1; }
}

# The last run's output, standard error included, has or lacks a text.
has() {
	[[ $output == *"$1"* ]] || {
		printf 'not in the output: %s\n--- output:\n%s\n' "$1" "$output" >&2
		return 1
	}
}

lacks() {
	[[ $output != *"$1"* ]] || {
		printf 'must not be in the output: %s\n--- output:\n%s\n' "$1" "$output" >&2
		return 1
	}
}

# fake_rustc FOLDER VERSION: FOLDER/bin/rustc answers the questions that probing asks,
# so that a test needs no compiler.
fake_rustc() {
	mkdir -p "$1/bin" "$1/lib/rustlib"
	cat >"$1/bin/rustc" <<-EOF
		#!/bin/sh
		for a; do
			case \$a in
			-vV) printf 'rustc $2 (fake)\nbinary: rustc\ncommit-hash: unknown\nhost: x86_64-unknown-linux-gnu\nrelease: $2\n' ;;
			--print=sysroot) echo '$1' ;;
			--print=target-list) echo $TARGET ;;
			esac
		done
	EOF
	printf '#!/bin/sh\n' >"$1/bin/rustdoc"
	chmod +x "$1/bin/rustc" "$1/bin/rustdoc"
}

# rustc_id RUSTC: the name of its records.
rustc_id() {
	local verbose release
	verbose=$("$1" -vV; echo .)
	release=$(sed -n 's/^release: //p' <<<"$verbose")
	printf '%s-%.8s' "$release" "$(printf '%s' "${verbose%.}" | sha256sum)"
}

# fake_install RUSTC ARCH PLAT [LINK]: what an install leaves behind, std itself apart.
fake_install() {
	local id dir
	id=$(rustc_id "$1")
	dir=$KRAFT_RUST_HOME/sysroots/$id/$3-$2
	mkdir -p "$dir" "$KRAFT_RUST_HOME/linkers"
	cat >"$dir/install.json" <<-EOF
		{
		  "combination": "$3-$2",
		  "format": 1,
		  "link": ${4:+\"}${4:-null}${4:+\"},
		  "rustc": {
		    "id": "$id",
		    "path": "$1",
		    "toolchain": null,
		    "version": "$("$1" -vV | head -n 1)"
		  },
		  "std": "0123456789abcdef",
		  "target": "$TARGET"
		}
	EOF
	cat >"$KRAFT_RUST_HOME/linkers/$3-$2.conf" <<-EOF
		format = 1
		architecture = $2
		platform = $3
		target = $TARGET
		machine = 62
		ld = ld
		install = kraft-rust install $2 $3
	EOF
	echo "$dir"
}
