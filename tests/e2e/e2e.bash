# SPDX-License-Identifier: BSD-3-Clause
# Common to the end-to-end tests: "load e2e" gives each test a fresh machine, as in
# ../cli/helper.bash, on which x86_64 host (or $ARCH host) is installed for Debian's compiler.
#
#   $E2E      where it is installed
#   $P        the programs of these tests

load ../cli/helper

P=$ROOT/tests/e2e/programs
E2E=$BUILD/e2e-home

setup_file() {
	prepare_std
}

# The reason travels to the tests in a variable.
prepare_std() {
	local status=0 said
	said=$("$ROOT/tests/e2e/prepare" "${ARCH:-x86_64}" 2>"$BATS_FILE_TMPDIR/prepare") || status=$?
	case $status in
	0) export E2E_CANNOT= ;;
	77) export E2E_CANNOT=$said ;;
	*) cat "$BATS_FILE_TMPDIR/prepare" >&2; return 1 ;;
	esac
}

setup() {
	e2e_home
}

e2e_home() {
	[ -z "$E2E_CANNOT" ] || skip "$E2E_CANNOT"
	fresh_home
	export KRAFT_RUST_HOME=$E2E/kraft
	# A machine without rustup, where "rustc" is Debian's.
	export PATH=$BUILD:/usr/bin:/bin
	export CARGO_TERM_COLOR=never CARGO_NET_OFFLINE=true
	unset RUSTC_BOOTSTRAP RUST_BACKTRACE
	export RUSTC_WRAPPER=$ROOT/tests/e2e/record-rustc RUSTC_RECORD=$T/record
	mkdir -p "$RUSTC_RECORD"
}

# The folder of the shared std for $TARGET; those of other targets may lie beside it.
shared_std() {
	dirname "$(grep -l "\"target\": \"$TARGET\"" "$E2E"/kraft/std/*/std.json)"
}

teardown() {
	assert_stable
}

# Whatever a test compiled, it was by the stable compiler alone.
assert_stable() {
	[ -n "$(ls -A "${RUSTC_RECORD:-/nonexistent}" 2>/dev/null)" ] || return 0
	if grep -rnE '^(-Z|RUSTC_BOOTSTRAP=|\+nightly)' "$RUSTC_RECORD"; then
		echo "an unstable flag reached the compiler" >&2
		return 1
	fi
	grep -rq -- "^$TARGET$" "$RUSTC_RECORD" || {
		echo "nothing was compiled for $TARGET" >&2
		return 1
	}
}

# project PROGRAM [NAME]: a new project around one of the programs; go there.
project() {
	kraft-rust new "${2:-$1}" --arch "${ARCH:-x86_64}" --plat host
	cp "$P/$1.rs" "${2:-$1}/src/main.rs"
	cd "${2:-$1}" || return 1
}

# image NAME [PROFILE]: where cargo puts it.
image() {
	echo "target/$TARGET/${2:-debug}/$1"
}

# A static program for this target: no interpreter, nothing dynamic.
assert_static() {
	local all
	all=$(readelf -WhlS "$1")
	[[ $all == *"EXEC (Executable file)"* ]] &&
		[[ $all != *INTERP* && $all != *DYNAMIC* && $all != *.interp* && $all != *.dynamic* ]] ||
		{ echo "$1 is not static:" >&2; echo "$all" >&2; return 1; }
}

# What a program needs of a std is there and whole.
assert_std_works() {
	local out
	rm -rf "$T/works"
	kraft-rust new "$T/works" --arch x86_64 --plat host "$@" || return 1
	out=$(cd "$T/works" && cargo run -q) || return 1
	[ "$out" = "Hello, world!" ]
}
