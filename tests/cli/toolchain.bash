# SPDX-License-Identifier: BSD-3-Clause
# Common to the tests of install: compilers.

# every_rustc: each compiler of this machine, once, by its real path.
every_rustc() {
	local exe
	for exe in "$RUSTUP_HOME"/toolchains/*/bin/rustc /usr/bin/rustc /usr/local/bin/rustc; do
		[ -x "$exe" ] && realpath "$exe"
	done | sort -u
}

# need_rustc: one of them that has the target built in, as $REAL_RUSTC.
need_rustc() {
	local exe
	for exe in $(every_rustc); do
		if "$exe" --print target-list 2>/dev/null | grep -qx "$TARGET"; then
			REAL_RUSTC=$exe
			return 0
		fi
	done
	skip "no rustc 1.73 or newer in /usr/bin, /usr/local/bin or $RUSTUP_HOME"
}

# replay_toolchain DIR [NAME]: a compiler that answers what the real one does, with
# NAME in its version, and beside it a cargo that has std ready: everything of an
# install but the minute of compiling. DIR/calls tells how often cargo built;
# DIR/hook is run in cargo first.
replay_toolchain() {
	local rust=$1/lib/rustlib/src/rust crate
	mkdir -p "$1/bin" "$1/rlibs" "$rust/library/std" "$rust/library/vendor"
	echo '[package]' >"$rust/library/std/Cargo.toml"
	echo 'version = 4' >"$rust/library/Cargo.lock"
	for crate in core alloc std; do
		echo "$crate ${2-}" >"$1/rlibs/lib$crate-0123456789abcdef.rlib"
	done
	cat >"$1/bin/rustc" <<-EOF
		#!/bin/sh
		case " \$* " in
		*" --print=sysroot "*) '$REAL_RUSTC' "\$@" | sed '1s,.*,$1,' ;;
		*" -vV "*) '$REAL_RUSTC' "\$@" | sed '1s,\$,${2:+ ($2)},' ;;
		*) exec '$REAL_RUSTC' "\$@" ;;
		esac
	EOF
	cat >"$1/bin/cargo" <<-EOF
		#!/bin/sh
		case " \$* " in *" --unit-graph "*) exit 1 ;; esac
		echo "\$*" >>'$1/calls'
		if [ -f '$1/hook' ]; then . '$1/hook'; fi
		for arg; do
			case \$arg in --target-dir=*) dir=\${arg#*=} ;; esac
			[ "\$before" != --target ] || out=\$arg/release/deps
			before=\$arg
		done
		out=\$dir/\$out
		mkdir -p "\$out"
		cp '$1'/rlibs/*.rlib "\$out" || exit 101
		for file in "\$out"/*.rlib; do
			name=\${file##*/lib}
			printf '{"reason":"compiler-artifact","target":{"name":"%s"},"filenames":["%s"]}\n' \\
				"\${name%-*}" "\$file"
		done
	EOF
	chmod +x "$1/bin/rustc" "$1/bin/cargo"
}

# builds DIR: how often the cargo of a replay_toolchain built std.
builds() {
	[ ! -e "$1/calls" ] || wc -l <"$1/calls"
}

# tree DIR...: everything in there, and what it is.
tree() {
	local dir
	for dir; do
		[ ! -e "$dir" ] || find "$dir" \( -type f -printf '%p f ' -exec sha256sum {} \; \) -o \
			-printf '%p %y %l\n'
	done | sort
}

# scratch: what is left over in the places that installing writes to.
scratch() {
	find "$HOME" "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" \
		\( -name '.*' -o -path '*/build/*' \) 2>/dev/null
}

# assert_whole: each std that is there has all of its files as they were built.
assert_whole() {
	local json
	for json in "$KRAFT_RUST_HOME"/std/*/std.json; do
		jq -r '.files[] | .sha256 + "  " + .name' "$json" |
			(cd "${json%/*}/lib" && sha256sum -c --quiet) || return 1
	done
}

# Sanitizers cannot look for leaks in a process that is traced.
need_strace() {
	command -v strace >/dev/null || skip "no strace: apt install strace"
	strace -qq -o /dev/null true 2>/dev/null || skip "this machine lets no process be traced"
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
}

# debian_rustc PACKAGE VERSION: a compiler of Debian's archive, unpacked beside those that
# are installed, as $OLD_RUSTC. It is a script around the compiler, so that the libraries
# it needs are found by it alone. Skips when it cannot be had.
debian_rustc() {
	local dir=$BUILD/$1-$2 series std llvm
	OLD_RUSTC=$dir/rustc
	[ ! -x "$OLD_RUSTC" ] || return 0
	command -v dpkg >/dev/null && command -v apt-get >/dev/null || skip "apt is not here"
	series=$(cut -d . -f 1,2 <<<"$2")
	std=libstd-rust${1#rustc}-$series
	llvm=$(apt-cache depends "$std" | sed -n 's/.*Depends: \(libllvm[0-9]*\)/\1/p' | head -n 1)
	rm -rf "$dir" "$dir.new" && mkdir -p "$dir.new/debs"
	# shellcheck disable=SC2086
	(cd "$dir.new/debs" && apt-get download "$1=$2" $std $llvm libz3-4) >"$T/apt" 2>&1 ||
		skip "apt cannot download $1 $2: $(tail -n 1 "$T/apt")"
	for deb in "$dir.new"/debs/*.deb; do
		dpkg -x "$deb" "$dir.new"
	done
	cat >"$dir.new/rustc" <<-EOF
		#!/bin/sh
		LD_LIBRARY_PATH=$dir/usr/lib/$(uname -m)-linux-gnu exec $dir/usr/bin/rustc "\$@"
	EOF
	chmod +x "$dir.new/rustc"
	mv "$dir.new" "$dir"
	"$OLD_RUSTC" -V >/dev/null || skip "$1 $2 does not run here"
}

# debian_rustcs: a line "PACKAGE VERSION" for each compiler of Debian's archive that is
# not installed.
debian_rustcs() {
	local package version
	command -v apt-cache >/dev/null || return 0
	for package in rustc rustc-web; do
		apt-cache madison $package 2>/dev/null | awk -F ' *\\| *' '{ print $2 }' | sort -u |
			while read -r version; do
				[ "$(dpkg-query -W -f '${Version}' $package 2>/dev/null)" = "$version" ] ||
					echo "$package $version"
			done
	done
}
