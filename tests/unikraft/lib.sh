# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# Common to the parts: counting, and looking at what a program did.

passed=0 failed=0

pass() {
	passed=$((passed + 1))
	echo "ok    $arch: $1"
}

# fail NAME: what the program wrote is in $T/out and $T/err.
fail() {
	failed=$((failed + 1))
	echo "FAIL  $arch: $1"
	head -n 40 "$T/out" "$T/err" 2>/dev/null | sed 's/^/      /'
}

skip() {
	echo "skip  $1"
}

# check NAME COMMAND...: the command's status decides.
check() {
	local name=$1
	shift
	if "$@"; then
		pass "$name"
	else
		fail "$name"
	fi
}

# capture COMMAND...: into $T/out, $T/err and $status; input is $T/in, or nothing.
capture() {
	local input=/dev/null
	[ ! -f "$T/in" ] || input=$T/in
	status=0
	"$@" <"$input" >"$T/out" 2>"$T/err" || status=$?
	rm -f "$T/in"
}

# ended STATUS [OUTPUT]: what was captured ended so; OUTPUT is all of it, without the last
# line's end.
ended() {
	[ "$status" -eq "$1" ] || {
		echo "status $status, not $1" >>"$T/err"
		return 1
	}
	[ $# -lt 2 ] || [ "$(cat "$T/out")" = "$2" ]
}

# has TEXT: it is somewhere in what was captured. A machine has one console, so that what a
# program writes to its standard error is in its output.
has() {
	grep -qF -- "$1" "$T/out" "$T/err"
}

said() {
	ended "$1" && has "$2"
}

# vm [OPTION...] IMAGE [ARG...]: the program in a machine, which does not stay for ever.
vm() {
	capture kraft-rust run --timeout "$LIMIT" "$@"
}

# build PROFILE [ARG...]: cargo build, whose own words only count when it fails.
build() {
	local profile=$1
	shift
	cargo build -q --profile "$profile" "$@" >"$T/out" 2>"$T/err"
}
