#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Rows of a user's own in the matrix: an architecture and a platform that kraft-rust has
# never heard of go through every command.

load helper
load toolchain

RISCV=riscv64gc-unikraft-linux-musl

setup() {
	fresh_home
	command -v jq >/dev/null || skip "no jq: apt install jq"
	need_rustc
	mkdir -p "$XDG_CONFIG_HOME/kraft-rust/targets"
	cat >"$XDG_CONFIG_HOME/kraft-rust/targets/mine.yaml" <<-EOF
		architectures:
		  riscv64:
		    aliases: [riscv]
		    target: $RISCV
		    base: riscv64gc-unknown-linux-musl
		    machine: 243
		    ld: [riscv64-linux-gnu-ld]
		platforms:
		  kraftcloud:
		    kraft: kraftcloud
		    summary: Firecracker in somebody's data centre
		combinations:
		  riscv64: [qemu, kraftcloud]
		  x86_64: [kraftcloud]
	EOF
}

@test "rows: list shows them beside the others" {
	run "$KR" list --rustc "$REAL_RUSTC"
	[ "$status" -eq 0 ]
	[[ $output =~ riscv64\ +qemu\ +$RISCV\ +JSON ]]
	[[ $output =~ x86_64\ +kraftcloud\ +x86_64-unikraft-linux-musl\ +built\ in ]]
	"$KR" list --json --rustc "$REAL_RUSTC" | jq -e '[.combinations[] | .id] |
		contains(["qemu-riscv64", "kraftcloud-riscv64", "kraftcloud-x86_64", "fc-x86_64"])'
}

@test "rows: spec and generate" {
	mkdir named
	"$KR" spec riscv kraftcloud --rustc "$REAL_RUSTC" -o named/$RISCV.json
	jq -e '.vendor == "unikraft" and .linker == "kraftld" and .["llvm-abiname"] == "lp64d" and
		.["link-env"] == ["KRAFTKIT_ARCH=riscv64", "KRAFTKIT_PLAT=kraftcloud"]' named/$RISCV.json
	RUSTC_BOOTSTRAP=1 RUST_TARGET_PATH=named "$REAL_RUSTC" -Zunstable-options --print cfg \
		--target $RISCV >cfg
	grep -qx 'target_arch="riscv64"' cfg
	grep -qx 'target_vendor="unikraft"' cfg
	"$KR" generate --all -o all --rustc "$REAL_RUSTC"
	[ -f all/kraftcloud-riscv64/$RISCV.json ] && [ -f all/kraftcloud-x86_64.conf ]
	# What its platforms share, they share here too.
	[ "$(jq '[.combinations[] | select(.architecture == "riscv64") | .std] | unique | length' \
		all/index.json)" = 1 ]
}

@test "rows: generate leaves out what the compiler does not know the base of" {
	sed -i 's/base: riscv64gc-unknown-linux-musl/base: riscv64-from-the-future/' \
		"$XDG_CONFIG_HOME/kraft-rust/targets/mine.yaml"
	run "$KR" generate --all -o some --rustc "$REAL_RUSTC"
	[ "$status" -eq 0 ]
	has "riscv64 qemu is left out"
	[ ! -e some/qemu-riscv64 ] && [ -e some/kraftcloud-x86_64.conf ]
	[ "$(jq '[.combinations[] | select(.architecture == "riscv64")] | length' some/index.json)" = 0 ]
	run "$KR" generate riscv64 qemu -o one --rustc "$REAL_RUSTC"
	[ "$status" -eq 6 ]
	has "does not know riscv64-from-the-future"
	[ ! -e one ]
}

@test "rows: install, config, uninstall" {
	TARGET=$RISCV
	replay_toolchain "$T/tool"
	for plat in qemu kraftcloud; do
		"$KR" install riscv64 $plat --rustc "$T/tool/bin/rustc" --offline
	done
	[ "$(builds "$T/tool")" = 1 ]
	assert_whole
	mkdir project
	RUSTC=$T/tool/bin/rustc run "$KR" config riscv64 kraftcloud riscv64 qemu -C project
	[ "$status" -eq 0 ]
	grep -q "^target = \"$RISCV\"\$" project/.cargo/config.toml
	grep -q '^riscv64-qemu = \[$' project/.cargo/config.toml
	grep -A1 'env.KRAFTKIT_PLAT' project/.cargo/config.toml | grep -q kraftcloud
	grep -q "target = $RISCV" "$KRAFT_RUST_HOME/linkers/kraftcloud-riscv64.conf"
	grep -q "machine = 243" "$KRAFT_RUST_HOME/linkers/kraftcloud-riscv64.conf"
	"$KR" list --json --rustc "$T/tool/bin/rustc" |
		jq -e '.combinations[] | select(.id == "kraftcloud-riscv64") | .std'
	for plat in qemu kraftcloud; do
		"$KR" uninstall riscv64 $plat
	done
	[ ! -d "$KRAFT_RUST_HOME/std" ]
}

@test "rows: on a stable compiler config brings kraft-rustc, on a nightly the flag" {
	local target=$TARGET n=0 marker config
	TARGET=$RISCV
	for REAL_RUSTC in $(every_rustc); do
		"$REAL_RUSTC" --print target-list | grep -qx "$target" || continue
		n=$((n + 1))
		replay_toolchain "$T/tool$n"
		"$KR" install riscv64 qemu --rustc "$T/tool$n/bin/rustc" --offline
		mkdir project$n
		RUSTC=$T/tool$n/bin/rustc "$KR" config riscv64 qemu -C project$n
		config=project$n/.cargo/config.toml
		marker=$(sed -n 's/^rustflags = .*--sysroot=\([^ "]*\).*/\1/p' $config)/lib/rustlib/$RISCV/unstable
		case $("$REAL_RUSTC" -V) in
		*" 1.9"[0-4]* | *" 1."[0-8]*)
			[ ! -e "$marker" ]
			! grep -qE 'kraft-rust(c|doc)|-Zunstable' $config || false
			;;
		*-nightly*)
			[ "$(cat "$marker")" = nightly ]
			! grep -q kraft-rustc $config || false
			grep -q '^rustdoc = ".*kraft-rustdoc"' $config
			grep -q 'rustflags = ".*-Zunstable-options"' $config
			grep -q 'rustdocflags = ".*-Zunstable-options"' $config
			;;
		*)
			[ "$(cat "$marker")" = stable ]
			grep -q '^rustc-wrapper = ".*kraft-rustc"' $config
			grep -q '^rustdoc = ".*kraft-rustdoc"' $config
			! grep -q -- -Z $config || false
			;;
		esac
		echo "# $("$REAL_RUSTC" -V)" >&3
	done
}

@test "rows: a platform of its own for the built-in target shares std with the others" {
	replay_toolchain "$T/tool"
	"$KR" install x86_64 qemu --rustc "$T/tool/bin/rustc" --offline
	"$KR" install x86_64 kraftcloud --rustc "$T/tool/bin/rustc" --offline
	[ "$(builds "$T/tool")" = 1 ]
}

@test "rows: the CI matrix of docs/ci.md" {
	program=$(sed -n "s/.*jq -c '\(\[.combinations\[\].*\)')\$/\1/p" "$ROOT/docs/ci.md")
	[ -n "$program" ]
	"$KR" list --json --rustc "$REAL_RUSTC" | jq -c "$program" >matrix
	# One line, as an output of a step has to be.
	[ "$(wc -l <matrix)" = 1 ]
	jq -e 'length == 11 and all(.architecture and .platform and .target)' matrix
	program=$(sed -n "s/.*jq -c '\(\[.combinations | group_by.*\)' specs.*/\1/p" "$ROOT/docs/ci.md")
	[ -n "$program" ]
	"$KR" generate --all -o specs --rustc "$REAL_RUSTC"
	jq -c "$program" specs/index.json | jq -e 'length == 3 and all(.std | length == 32)'
}
