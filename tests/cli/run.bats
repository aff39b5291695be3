#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust run: cargo's runner. The images here are the machine's own programs.

load helper

setup() {
	fresh_home
	fake_rustc "$T/one" 1.90.0
	fake_install "$T/one/bin/rustc" x86_64 host >/dev/null
	case $(uname -m) in
	x86_64) ;;
	*) sed -i 's/machine = 62/machine = 183/' "$KRAFT_RUST_HOME/linkers/host-x86_64.conf" ;;
	esac
	IMAGE=$(type -P env)
}

@test "run: arguments belong to the program, options too" {
	run "$KR" run "$(type -P printf)" '<%s>' --plat -h -- 'a b' ''
	[ "$status" -eq 0 ]
	[ "$output" = "<--plat><-h><--><a b><>" ]
}

@test "run: standard input and output are the program's" {
	[ "$(printf 'a\nb' | "$KR" run "$(type -P cat)")" = "$(printf 'a\nb')" ]
}

@test "run: the exit status, and a signal as a signal" {
	sh=$(type -P bash)
	fails 7 "$KR" run "$sh" -c 'exit 7'
	fails 143 "$KR" run "$sh" -c 'kill -TERM $$'
	# The program is this process: no child stands between.
	[ "$(bash -c 'echo $$; exec "$0" run "$1" -c "echo \$\$"' "$KR" "$sh" | uniq | wc -l)" = 1 ]
}

@test "run: signals are as they were" {
	want=$(grep -E '^Sig(Blk|Cgt)' /proc/self/status; grep ^SigIgn /proc/self/status)
	got=$("$KR" run "$(type -P grep)" -E '^Sig(Blk|Cgt)' /proc/self/status
		"$KR" run "$(type -P grep)" ^SigIgn /proc/self/status)
	[ "$got" = "$want" ]
	# nohup's: ignored stays ignored.
	[ "$(bash -c 'trap "" HUP INT; exec "$0" run "$1" -c "trap -p"' "$KR" "$(type -P bash)")" = \
		"$(bash -c 'trap "" HUP INT; exec "$0" -c "trap -p"' "$(type -P bash)")" ]
	run bash -c 'set -o pipefail; "$0" run "$1" y | head -n 1' "$KR" "$(type -P yes)"
	[ "$status" -eq 141 ]
}

@test "run: no file descriptor is left open" {
	[ "$("$KR" run "$(type -P ls)" /proc/self/fd | wc -l)" = "$(ls /proc/self/fd | wc -l)" ]
}

@test "run: the platform is the option's, the environment's, or the last installed one" {
	KRAFTKIT_PLAT=host run "$KR" run "$(type -P true)"
	[ "$status" -eq 0 ]
	KRAFTKIT_PLAT=firecracker PATH=$T fails 6 "$KR" run "$(type -P true)"
	KRAFTKIT_PLAT=firecracker run "$KR" run --plat host "$(type -P true)"
	[ "$status" -eq 0 ]
	KRAFTKIT_PLAT=nope fails 2 "$KR" run "$(type -P true)"
	has "unknown platform 'nope', named by KRAFTKIT_PLAT"
	fails 2 "$KR" run --plat nope "$(type -P true)"
	has "kraft-rust: unknown platform 'nope'
"
	rm "$KRAFT_RUST_HOME/linkers/host-x86_64.conf"
	fails 1 "$KR" run "$(type -P true)"
	has "nothing is installed to link with"
}

@test "run: a relative image needs no slash and is not searched on PATH" {
	cp "$(type -P true)" mine
	fails 0 "$KR" run mine
	fails 0 "$KR" run ./mine
	fails 1 "$KR" run true
	has "kraft-rust: true: No such file or directory"
}

@test "run: a platform of the user's own needs kraft, and the message tells the ways out" {
	local arch
	arch=$(uname -m | sed s/aarch64/arm64/)
	mkdir bin
	printf 'platforms:\n  solo5:\n    kraft: hvt\n    summary: Solo5\n' >rows.yaml
	PATH=$T/work/bin fails 1 "$KR" run --matrix rows.yaml --plat solo5 "$IMAGE"
	has "kraft-rust: $IMAGE: running an image for solo5 needs kraft"
	has "install kraft (https://unikraft.org/docs/cli/install)"
	has "'kraft-rust config $arch host'"
	printf '#!/bin/sh\n' >bin/kraft
	chmod +x bin/kraft
	PATH=$T/work/bin fails 1 "$KR" run --matrix rows.yaml --plat solo5 "$IMAGE"
	has "run 'kraft run --plat hvt --arch $arch' in the project's folder"
	lacks install
}

@test "run: images that cannot run" {
	fails 1 "$KR" run missing
	has "kraft-rust: missing: No such file or directory"
	mkdir folder
	fails 3 "$KR" run folder
	has "folder: is a folder, not an image"
	echo text >text
	fails 3 "$KR" run text
	has "text: is not an ELF image, so its platform is unknown"
	has "--plat PLAT"
	chmod +x text
	fails 3 "$KR" run --plat host text
	has "text: this machine cannot execute it, it is not a program for it"
	cp "$IMAGE" plain
	chmod -x plain
	fails 3 "$KR" run plain
	has "plain: is not executable"
	: >empty
	chmod +x empty
	fails 3 "$KR" run --plat host empty
	has "empty: this machine cannot execute it"
	fails 2 "$KR" run
}

@test "run: an image for another machine" {
	local other=183 name=arm64
	[ "$(uname -m)" = x86_64 ] || { other=62 name=x86_64; }
	cp "$IMAGE" image
	printf "\\x$(printf %x $other)" | dd of=image bs=1 seek=18 conv=notrunc status=none
	if ls /proc/sys/fs/binfmt_misc/qemu-* >/dev/null 2>&1; then skip "the kernel emulates it"; fi
	mkdir -p "$T/none" "$T/some"
	PATH=$T/none fails 3 "$KR" run --plat host image
	has "image: this machine cannot execute it (it is for $name)"
	has "qemu-user"
	# The emulator of the matrix takes it, with its arguments, and is the process then.
	printf '#!/bin/sh\necho "$$ <$*>"\nexit 9\n' >"$T/some/qemu-${name/arm64/aarch64}"
	chmod +x "$T/some"/*
	run env PATH="$T/some:/bin" bash -c 'echo $$; exec "$0" run --plat host image -h "a b"' "$KR"
	[ "$status" -eq 9 ]
	[ "${lines[1]}" = "${lines[0]} <image -h a b>" ]
	fails 1 "$KR" run image
	has "image: nothing that is installed is for ELF machine $other"
}

@test "run: an image that wants a dynamic loader which is not here" {
	cp "$IMAGE" image
	sed -i 's,/lib64/ld-linux,/lib64/xx-linux,; s,/lib/ld-linux,/lib/xx-linux,' image
	fails 3 "$KR" run --plat host image
	has "image: its dynamic loader is not on this machine, so kraftld did not link it"
}

@test "run: what a wrong value has in it does not reach the terminal raw" {
	run -2 "$KR" run --plat qemu --mem $'1\e[31m\b' /bin/true
	has "not '1?[31m?'"
}
