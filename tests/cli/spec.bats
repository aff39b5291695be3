#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust spec and generate, held against every compiler of this machine.

load helper
load toolchain

setup() {
	fresh_home
	mapfile -t RUSTCS < <(every_rustc)
	[ "${#RUSTCS[@]}" -gt 0 ] || skip "no rustc in /usr/bin, /usr/local/bin or $RUSTUP_HOME"
	command -v jq >/dev/null || skip "no jq: apt install jq"
}

# own_spec RUSTC TARGET: what the compiler itself has.
own_spec() {
	RUSTC_BOOTSTRAP=1 "$1" -Zunstable-options --print target-spec-json --target "$2"
}

knows() {
	"$1" --print target-list | grep -qx "$2"
}

# loads RUSTC DIR TARGET: by its name, from a folder.
loads() {
	RUSTC_BOOTSTRAP=1 RUST_TARGET_PATH=$2 "$1" -Zunstable-options --print cfg --target "$3"
}

@test "spec: x86_64 equals the built-in target, field for field" {
	compared=0
	for rustc in "${RUSTCS[@]}"; do
		knows "$rustc" $TARGET || continue
		own_spec "$rustc" $TARGET | jq -S 'del(."link-env", ."is-builtin")' >want
		for plat in qemu fc xen host; do
			"$KR" spec x86_64 $plat --rustc "$rustc" >spec.json
			jq -S 'del(."link-env", ."is-builtin")' spec.json | diff want -
			jq -e --arg plat "KRAFTKIT_PLAT=$plat" \
				'."link-env" == ["KRAFTKIT_ARCH=x86_64", $plat]' spec.json
		done
		compared=$((compared + 1))
		echo "# equal for $("$rustc" -V)" >&3
	done
	[ "$compared" -gt 0 ] || skip "no compiler here has $TARGET built in"
}

@test "spec: arm64 is aarch64-unknown-linux-musl for Unikraft" {
	for rustc in "${RUSTCS[@]}"; do
		knows "$rustc" $TARGET || continue
		own_spec "$rustc" aarch64-unknown-linux-musl >base.json
		own_spec "$rustc" $TARGET >x86_64.json
		"$KR" spec arm64 qemu --rustc "$rustc" >spec.json
		for field in arch data-layout llvm-target features max-atomic-width stack-probes \
			target-pointer-width target-mcount; do
			[ "$(jq -S ".\"$field\"" spec.json)" = "$(jq -S ".\"$field\"" base.json)" ]
		done
		for field in os vendor env target-family linker linker-flavor panic-strategy relocation-model \
			has-thread-local crt-static-default position-independent-executables; do
			[ "$(jq -S ".\"$field\"" spec.json)" = "$(jq -S ".\"$field\"" x86_64.json)" ]
		done
		jq -e '."link-env" == ["KRAFTKIT_ARCH=arm64", "KRAFTKIT_PLAT=qemu"]' spec.json
	done
}

@test "generate: every spec loads by its name, and means the right thing" {
	for rustc in "${RUSTCS[@]}"; do
		rm -rf all
		"$KR" generate -o all --rustc "$rustc" || { "$rustc" -V >&2; return 1; }
		for arch in x86_64:x86_64 aarch64:arm64; do
			for plat in qemu fc xen host; do
				dir=all/$plat-${arch#*:}
				name=${arch%:*}-unikraft-linux-musl
				[ -f "$dir.conf" ] && [ -f "$dir/$name.json" ]
				loads "$rustc" "$dir" "$name" >cfg
				grep -qx "target_arch=\"${arch%:*}\"" cfg
				grep -qx 'target_os="linux"' cfg
				grep -qx 'target_env="musl"' cfg
				grep -qx 'target_vendor="unikraft"' cfg
				grep -qx 'target_pointer_width="64"' cfg
				grep -qx 'unix' cfg
			done
		done
		echo "# all load with $("$rustc" -V)" >&3
	done
}

@test "generate: an x86_64 spec under another name compiles what the built-in does" {
	for rustc in "${RUSTCS[@]}"; do
		knows "$rustc" $TARGET || continue
		mkdir -p named
		"$KR" spec x86_64 qemu --rustc "$rustc" -o named/x86_64-other-linux-musl.json
		loads "$rustc" named x86_64-other-linux-musl | sort >ours
		"$rustc" --print cfg --target $TARGET | sort >builtin
		# The unstable flag shows a few more lines.
		[ -z "$(comm -13 ours builtin)" ]
	done
}

@test "generate: the same bytes each time, and nothing is written twice" {
	"$KR" generate -o one --rustc "${RUSTCS[0]}"
	"$KR" generate -o two --rustc "${RUSTCS[0]}"
	diff -r one two
	rm -rf "$XDG_CACHE_HOME"
	before=$(find one -type f -printf '%p %i %T@\n' | sort)
	"$KR" generate -o one --rustc "${RUSTCS[0]}"
	[ "$before" = "$(find one -type f -printf '%p %i %T@\n' | sort)" ]
}

@test "generate: chosen combinations, and nothing when one of them is wrong" {
	"$KR" generate x86_64 qemu fc/arm64 -o some --rustc "${RUSTCS[0]}"
	[ "$(ls some | tr '\n' ' ')" = "fc-arm64 fc-arm64.conf index.json qemu-x86_64 qemu-x86_64.conf " ]
	fails 2 "$KR" generate x86_64 qemu x86_64 moon -o none --rustc "${RUSTCS[0]}"
	has "moon"
	[ ! -e none ]
	fails 2 "$KR" generate
	has "-o DIR"
	fails 2 "$KR" generate --all x86_64 qemu -o none --rustc "${RUSTCS[0]}"
	has "--all is every combination; no use for 'x86_64'"
	[ ! -e none ]
}

@test "spec: to standard output, to - and to a file" {
	rustc=${RUSTCS[0]}
	"$KR" spec x86_64 qemu --rustc "$rustc" >plain
	"$KR" spec qemu/x86_64 --rustc "$rustc" -o - >dash
	"$KR" spec amd64 kvm --rustc "$rustc" -o file
	cmp plain dash
	cmp plain file
	[ "$(jq . plain | head -c 1)" = "{" ]
	[ "$(tail -c 1 plain | od -An -c | tr -d ' ')" = '\n' ]
}

@test "spec: output that cannot be written" {
	rustc=${RUSTCS[0]}
	fails 1 "$KR" spec x86_64 qemu --rustc "$rustc" -o missing/file
	has "missing/file"
	has "No such file or directory"
	mkdir folder
	fails 1 "$KR" spec x86_64 qemu --rustc "$rustc" -o folder
	has folder
	[ -z "$(ls -A folder)" ]
	[ "$(ls -A)" = folder ]
	echo text >blocked
	fails 1 "$KR" generate -o blocked/all --rustc "$rustc"
	has blocked
	[ -c /dev/full ] || skip "no /dev/full"
	fails 1 sh -c "'$KR' spec x86_64 qemu --rustc '$rustc' >/dev/full"
	has "cannot write the results"
}

@test "spec: which compiler, which combination" {
	fails 2 "$KR" spec x86_64 moon --rustc "${RUSTCS[0]}"
	has moon
	fails 2 "$KR" spec
	fails 6 "$KR" spec x86_64 qemu --rustc "$T/none"
	has "$T/none"
	fails 6 "$KR" spec x86_64 qemu --rustc /bin/true
	has "is not a Rust compiler"
	fails 2 "$KR" spec x86_64 qemu --rustc "${RUSTCS[0]}" --toolchain stable
}

@test "spec: a second one asks the compiler nothing" {
	need_strace
	"$KR" spec x86_64 qemu --rustc "${RUSTCS[0]}" >one
	strace -f -qq -o trace -e trace=execve "$KR" spec x86_64 qemu --rustc "${RUSTCS[0]}" >two
	cmp one two
	[ "$(grep -c execve trace)" = 1 ]
}
