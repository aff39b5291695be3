#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# install, interrupted: the previous state stands, nothing is left running, and the
# next run works.

load helper
load toolchain

setup() {
	fresh_home
	need_rustc
	replay_toolchain "$T/one"
	replay_toolchain "$T/two" other
	PATH=$BUILD:$PATH
}

# The state that an interrupted install of "two" must leave alone.
install_one() {
	"$KR" install x86_64 qemu --rustc "$T/one/bin/rustc"
	before=$(tree "$KRAFT_RUST_HOME/std" "$KRAFT_RUST_HOME/sysroots" "$KRAFT_RUST_HOME/linkers")
}

# Everything of it is there as it was, whatever else has come.
assert_one_stands() {
	local after
	after=$(tree "$KRAFT_RUST_HOME/std" "$KRAFT_RUST_HOME/sysroots" "$KRAFT_RUST_HOME/linkers")
	[ -z "$(comm -23 <(echo "$before") <(echo "$after"))" ] || {
		echo "gone or changed:" >&2
		comm -23 <(echo "$before") <(echo "$after") >&2
		return 1
	}
}

assert_same() {
	assert_one_stands
	[ "$(tree "$KRAFT_RUST_HOME/std" "$KRAFT_RUST_HOME/sysroots" "$KRAFT_RUST_HOME/linkers")" = \
		"$before" ]
}

# The next run works, and both are there.
assert_next_works() {
	"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc" 2>"$T/next" || {
		cat "$T/next" >&2
		return 1
	}
	assert_one_stands && assert_whole
	[ "$(ls -d "$KRAFT_RUST_HOME"/sysroots/*/qemu-x86_64/install.json | wc -l)" = 2 ]
	run "$KR" install x86_64 qemu --dry-run --rustc "$T/two/bin/rustc"
	[ "$output" = "nothing to do" ]
}

# cargo with a compiler below it, both of which take long.
slow_cargo() {
	cat >"$T/two/hook" <<-EOF
		sh -c 'trap "" INT; sleep 60' &
		echo \$\$ \$! >'$T/started'
		wait
	EOF
}

assert_none_running() {
	local pid
	for pid in $(cat "$T/started"); do
		[ ! -d "/proc/$pid" ] || [ "$(cut -d ' ' -f 3 "/proc/$pid/stat")" = Z ] || {
			echo "process $pid is still there" >&2
			return 1
		}
	done
}

@test "SIGINT, SIGTERM, SIGHUP: ends by the signal, nothing runs on, nothing is left" {
	install_one
	for signal in INT:2 TERM:15 HUP:1; do
		rm -f "$T/started"
		slow_cargo
		run "$ROOT/tests/cli/signal-when" "$T/started" "${signal%:*}" \
			"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc"
		[ "${lines[-1]}" = "signal ${signal#*:}" ]
		lacks "log is in"
		assert_none_running
		assert_same
		[ -z "$(scratch)" ]
		rm "$T/two/hook"
	done
	assert_next_works
}

@test "SIGKILL while cargo builds: nothing runs on, the next run works" {
	install_one
	slow_cargo
	run "$ROOT/tests/cli/signal-when" "$T/started" KILL \
		"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc"
	[ "${lines[-1]}" = "signal 9" ]
	assert_same
	# cargo itself goes with kraft-rust.
	for _ in $(seq 40); do
		[ -d "/proc/$(cut -d ' ' -f 1 "$T/started")" ] || break
		sleep 0.05
	done
	[ ! -d "/proc/$(cut -d ' ' -f 1 "$T/started")" ]
	kill "$(cut -d ' ' -f 2 "$T/started")" 2>/dev/null || true
	rm "$T/two/hook"
	assert_next_works
	[ -z "$(scratch)" ]
}

@test "SIGINT while another install holds the lock" {
	slow_cargo
	"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc" 2>"$T/first" 3>&- &
	first=$!
	for _ in $(seq 100); do
		[ -s "$T/started" ] && break
		sleep 0.05
	done
	run "$ROOT/tests/cli/signal-when" "$T/second" INT sh -c \
		"exec '$KR' install x86_64 fc --rustc '$T/two/bin/rustc' 2>'$T/second'"
	[ "${lines[-1]}" = "signal 2" ]
	grep -q 'waiting for another kraft-rust' "$T/second"
	kill -0 $first
	kill -TERM $first
	wait $first || true
	assert_none_running
}

# injected CALL N WHAT: install "two" with the Nth system call of that name made to
# fail, or to kill. Sets $status; 1 when the install never got that far.
injected() {
	status=0
	strace -qq -o "$T/trace" -e trace="$1" -e inject="$1:$3:when=$2" \
		"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc" >"$T/said" 2>&1 || status=$?
	case $3 in
	signal=*) [ "$status" -ge 128 ] ;;
	*) grep -q '(INJECTED)' "$T/trace" ;;
	esac
}

# effective CALL: which calls of that name change something, by their number.
effective() {
	strace -qq -o "$T/trace" -e trace="$1" \
		"$KR" install x86_64 qemu --rustc "$T/two/bin/rustc" -q 3>&-
	forget_two
	awk '/^[a-z0-9_]+\(/ { n++; if (!/ = -1 /) print n }' "$T/trace"
}

forget_two() {
	"$KR" uninstall x86_64 qemu --rustc "$T/two/bin/rustc" -q
	rm -rf "$XDG_CACHE_HOME"
}

# These are all the calls by which an install changes files.
CHANGES="mkdir rename renameat2 symlink fsync unlink rmdir write copy_file_range chmod fchmod"

@test "SIGKILL at every call that changes a file: the next run works" {
	need_strace
	install_one
	for call in $CHANGES; do
		for n in $(effective "$call"); do
			injected "$call" "$n" signal=KILL
			assert_one_stands || { echo "killed at $call $n" >&2; return 1; }
			assert_next_works || { echo "killed at $call $n" >&2; return 1; }
			forget_two
		done
	done
	"$KR" uninstall --all -q
	[ -z "$(find "$HOME" "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" -type f 2>/dev/null)" ]
}

@test "a full disk at every call that writes: said clearly, the next run works" {
	need_strace
	install_one
	for call in mkdir write copy_file_range fsync symlink; do
		for n in $(effective "$call"); do
			injected "$call" "$n" error=ENOSPC
			# What only saves time may be missing.
			if [ "$status" -ne 0 ]; then
				grep -q 'No space left on device' "$T/said" ||
					{ echo "$call $n:" >&2; cat "$T/said" >&2; return 1; }
				assert_one_stands || { echo "full at $call $n" >&2; return 1; }
				[ -z "$(scratch)" ] || { echo "$call $n left:" >&2; scratch >&2; return 1; }
			fi
			assert_next_works || { echo "full at $call $n" >&2; return 1; }
			forget_two
		done
	done
}
