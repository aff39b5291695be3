#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The power fails at every single change that an install makes (tests/dist/powercut.c):
# what was installed before is still there and whole, and the next run gets it done.

load helper
load ../dist/dist

setup_file() {
	make_tree
	! grep -q __asan_init "$KR" || export CANNOT="a sanitizer has to be the first library"
	"${CC:-cc}" -D_GNU_SOURCE -O1 -Wall -Wextra -shared -fPIC -o "$BATS_FILE_TMPDIR/powercut.so" \
		"$ROOT/tests/dist/powercut.c" "$ROOT/tests/dist/powercut_calls.c" -ldl
}

setup() {
	[ -z "${CANNOT-}" ] || skip "$CANNOT"
	fresh_home
	export KRAFT_RUST_DIST_SERVER=file://$TREE
	mkdir -p "$BATS_FILE_TMPDIR/graves/$BATS_TEST_NUMBER"
}

# failing MODE N COMMAND...: the power fails before the N-th change.
failing() {
	local mode=$1 at=$2
	shift 2
	# Bash has something to say about whoever is killed.
	{
		POWERCUT_DIR=$T POWERCUT_MODE=$mode POWERCUT_AT=$at \
			POWERCUT_GRAVE=$(mktemp -d "$BATS_FILE_TMPDIR/graves/$BATS_TEST_NUMBER/XXXXXX") \
			LD_PRELOAD=$BATS_FILE_TMPDIR/powercut.so "$@" >"$T/said" 2>&1 3>&-
	} 2>/dev/null
}

# at_each_change MODE COMMAND...: from the state in $T/start; after_cut checks what there
# is, and after_next what the same command makes of it.
at_each_change() {
	local mode=$1 n status
	shift
	for ((n = 1; ; n++)); do
		rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
		cp -a "$T/start/kraft" "$KRAFT_RUST_HOME"
		cp -a "$T/start/cache" "$XDG_CACHE_HOME"
		status=0
		failing "$mode" $n "$@" || status=$?
		[ "$status" -ne 0 ] || break
		[ "$status" -eq 137 ] || { cat "$T/said"; return 1; }
		after_cut || { cat "$T/said"; echo "^ $mode: not what there was"; return 1; }
		"$@" >"$T/next" 2>&1 || { cat "$T/said" "$T/next"; return 1; }
		after_next || { cat "$T/said"; echo "^ $mode: not what the next run makes"; return 1; }
	done
	[ "$n" -gt 20 ]
	after_next
}

start_here() {
	mkdir -p "$T/start" "$XDG_CACHE_HOME"
	cp -a "$KRAFT_RUST_HOME" "$T/start/kraft"
	cp -a "$XDG_CACHE_HOME" "$T/start/cache"
	snapshot >"$T/before"
}

# The std of that key is what was packed.
std_whole() {
	local name
	for name in core std; do
		cmp "$KRAFT_RUST_HOME/std/$1/lib/lib$name-$1.rlib" \
			"$BATS_FILE_TMPDIR/maker/kraft/std/$1/lib/lib$name-$1.rlib" || return 1
	done
}

# The lock of a download that was complete is nobody's business but gc's.
nothing_half_done() {
	local left
	left=$(find "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" -name '.stage-*' -o -name '*.partial')
	"$KR" gc -q || return 1
	left+=$(find "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" -name '*.lock')
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}

# A std from a server, beside another one.
std_from_server() {
	use a
	install --from dist -q
	start_here
	use b
	after_cut() {
		[ -z "$(snapshot | sort - "$T/before" "$T/before" | uniq -c | awk '$1 == 2')" ] || return 1
		# What is said to be installed is.
		[ -z "$(find "$KRAFT_RUST_HOME/sysroots" -path "*-${KEY_B:0:8}/host-x86_64/install.json")" ] ||
			std_whole "$KEY_B"
	}
	after_next() {
		nothing_half_done && std_whole "$KEY_A" && std_whole "$KEY_B"
	}
	at_each_change "$1" "$KR" install x86_64 host --rustc "$RUSTC_HERE" --from dist -q
}

@test "power cut: a std from a server, and the data comes last" {
	std_from_server data
}

@test "power cut: a std from a server, and files are cut" {
	std_from_server cut
}

@test "power cut: a std from a server, and names are lost" {
	std_from_server names
}

# A kit in place of another one.
kit_import() {
	local text
	for text in one two; do
		mkdir -p "$T/$text/objects"
		echo "$text" >"$T/$text/objects/x.o"
		echo '{"unikraft": "0.20.0"}' >"$T/$text/kit.json"
		cat >"$T/$text/kit.conf" <<-END
			format = 1
			architecture = x86_64
			platform = qemu
			target = $TARGET
			machine = 62
			arg = {kit}/objects/x.o
			arg = {inputs}
			arg = -o
			arg = {output}
		END
	done
	for text in one two; do
		export KRAFT_RUST_HOME=$T/maker-$text
		mkdir -p "$KRAFT_RUST_HOME/kits/qemu-x86_64" "$KRAFT_RUST_HOME/linkers"
		cp -R "$T/$text" "$KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef"
		cat >"$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf" <<-END
			format = 1
			architecture = x86_64
			platform = qemu
			target = $TARGET
			machine = 62
			ld = ld
			install = kraft-rust install x86_64 qemu
			kit = $KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef
		END
		"$KR" kit export x86_64 qemu -o "$T/$text.tar.zst" -q
	done
	export KRAFT_RUST_HOME=$T/kraft
	"$KR" kit import "$T/one.tar.zst" -q
	start_here
	kit_in_use() {
		sed -n 's/^kit = //p' "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	}
	after_cut() {
		diff -r "$(kit_in_use)" "$T/one" || diff -r "$(kit_in_use)" "$T/two"
	}
	after_next() {
		nothing_half_done && diff -r "$(kit_in_use)" "$T/two"
	}
	at_each_change "$1" "$KR" kit import "$T/two.tar.zst" -q
}

@test "power cut: a kit in place of another, and the data comes last" {
	kit_import data
}

@test "power cut: a kit in place of another, and files are cut" {
	kit_import cut
}

@test "power cut: a kit in place of another, and names are lost" {
	kit_import names
}
