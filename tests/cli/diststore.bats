#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What is fetched, in the store and in the cache: several commands at once, killed ones,
# kraft-rust gc, and kits.

load helper
load ../dist/served

@test "parallel: eight installs at once, one download" {
	fault "zst 0 drip 400000"
	for i in 1 2 3 4 5 6 7 8; do
		use $([ $((i % 2)) = 0 ] && echo a || echo b)
		install --from dist >"$T/out-$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6 7 8; do
		wait "${pids[i - 1]}" || { cat "$T/out-$i" >&2; return 1; }
	done
	whole "$KEY_A"
	whole "$KEY_B"
	[ "$(grep -c "$(std_url "$KEY_A")" "$T/state/log")" -eq 1 ]
	[ "$(grep -c "$(std_url "$KEY_B")" "$T/state/log")" -eq 1 ]
}

# fake_kit [PLAT]: a kit for x86_64 qemu, or another, in the store, as small as one can be.
fake_kit() {
	local plat=${1:-qemu}
	local dir=$KRAFT_RUST_HOME/kits/$plat-x86_64/0123456789abcdef
	mkdir -p "$dir/objects"
	head -c 100000 /dev/urandom >"$dir/objects/libkvmplat.o"
	echo '{"unikraft": "0.20.0"}' >"$dir/kit.json"
	cat >"$dir/kit.conf" <<-END
		format = 1
		architecture = x86_64
		platform = $plat
		target = $TARGET
		machine = 62
		arg = {kit}/objects/libkvmplat.o
		arg = {inputs}
		arg = -o
		arg = {output}
	END
	echo "kit = $dir" >>"$KRAFT_RUST_HOME/linkers/$plat-x86_64.conf"
}

@test "parallel: eight installs of different combinations, one download of each file" {
	local plat plats=(qemu fc xen)
	for plat in "${plats[@]}"; do
		"$KR" install x86_64 "$plat" --rustc "$RUSTC_HERE" -q
		fake_kit "$plat"
		"$KR" dist pack x86_64 "$plat" --rustc "$RUSTC_HERE" -o "$T/tree" -q
	done
	"$KR" dist index "$T/tree" -q
	mv "$KRAFT_RUST_HOME" "$T/maker"
	rm -rf "$XDG_CACHE_HOME" "$T/state"
	serve "$T/tree"
	fault "zst 0 drip 300000"
	for i in 1 2 3 4 5 6 7 8; do
		plat=$(cut -d ' ' -f $((i % 4 + 1)) <<<"qemu fc xen host")
		"$KR" install x86_64 "$plat" --rustc "$RUSTC_HERE" --from dist >"$T/out-$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6 7 8; do
		wait "${pids[i - 1]}" || { cat "$T/out-$i" >&2; return 1; }
	done
	for path in $(jq -r '.items[].files.zst.path' "$T/tree/index.json"); do
		[ "$(grep -c "$path" "$T/state/log")" -eq 1 ] || { cat "$T/state/log" >&2; return 1; }
	done
	[ "$(jq '.items | length' "$T/tree/index.json")" -eq 4 ]
	whole "$KEY_A"
	for plat in "${plats[@]}"; do
		diff -r "$(sed -n 's/^kit = //p' "$KRAFT_RUST_HOME/linkers/$plat-x86_64.conf")" \
			"$T/maker/kits/$plat-x86_64/0123456789abcdef"
		fails 0 "$KR" install x86_64 "$plat" --rustc "$RUSTC_HERE" --offline
		has "already installed"
	done
	# The cache has it all.
	stop_servers
	rm -rf "$KRAFT_RUST_HOME"
	for plat in "${plats[@]}"; do
		fails 0 "$KR" install x86_64 "$plat" --rustc "$RUSTC_HERE" --offline
		lacks "there is no kit"
		[ -d "$(sed -n 's/^kit = //p' "$KRAFT_RUST_HOME/linkers/$plat-x86_64.conf")" ]
	done
	whole "$KEY_A"
}

@test "killed at any moment: the previous state stays, and the next run works" {
	install --from dist -q
	snapshot >"$T/before"
	use b
	fault "zst 0 drip 200000"
	for delay in 0.05 0.1 0.2 0.4 0.8 1.2 1.6; do
		install --from dist -q 3>&- &
		pid=$!
		sleep $delay
		kill -KILL $pid 2>/dev/null || break
		wait $pid || true
		(snapshot | grep -v stage; cat "$T/before") | sort | uniq -u >"$T/difference"
		[ ! -s "$T/difference" ] || [ -e "$KRAFT_RUST_HOME/std/$KEY_B/std.json" ]
	done
	fault
	fails 0 install --from dist
	whole "$KEY_B"
	fails 0 install --from dist
	has "already installed"
}

@test "gc: drops what nothing installed uses, and nothing else" {
	install --from dist -q
	use b
	install --from dist -q
	"$KR" gc -q
	whole "$KEY_A"
	whole "$KEY_B"
	[ "$(find "$XDG_CACHE_HOME/kraft-rust/downloads" -type f | wc -l)" -eq 2 ]
	fails 0 "$KR" gc
	has "everything that is here is used"
	# Without its record nothing needs the std, its tarball and what killed runs left.
	rm -r "$KRAFT_RUST_HOME/sysroots/"*"-${KEY_A:0:8}"
	mkdir -p "$KRAFT_RUST_HOME/std/.stage-x" "$KRAFT_RUST_HOME/kits/host-x86_64/unused" \
		"$XDG_CACHE_HOME/kraft-rust/build/x/.stage-y" "$XDG_CACHE_HOME/kraft-rust/src/1.0-x"
	echo x >"$XDG_CACHE_HOME/kraft-rust/downloads/$(std_sha "$KEY_B").partial"
	snapshot >"$T/before"
	fails 0 "$KR" gc --dry-run
	has "would remove $KRAFT_RUST_HOME/std/$KEY_A"
	has "would remove $KRAFT_RUST_HOME/kits/host-x86_64/unused"
	snapshot | diff "$T/before" -
	fails 0 "$KR" gc
	has "removing $KRAFT_RUST_HOME/std/$KEY_A"
	has "removing $XDG_CACHE_HOME/kraft-rust/downloads/$(std_sha "$KEY_A")"
	has "are free"
	[ ! -e "$KRAFT_RUST_HOME/std/$KEY_A" ]
	[ ! -e "$KRAFT_RUST_HOME/kits/host-x86_64/unused" ]
	[ ! -e "$XDG_CACHE_HOME/kraft-rust/src/1.0-x" ]
	[ "$(ls "$XDG_CACHE_HOME/kraft-rust/downloads")" = "$(std_sha "$KEY_B")" ]
	whole "$KEY_B"
	"$KR" gc --all -q
	[ -z "$(ls "$XDG_CACHE_HOME/kraft-rust/downloads")" ]
	fails 0 install --from dist
	has "already installed"
}

@test "gc: leaves alone what a running command has" {
	fault "zst 0 drip 150000"
	install --from dist -q 3>&- &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		ls "$XDG_CACHE_HOME/kraft-rust/downloads/"*.partial >/dev/null 2>&1 && break
		sleep 0.02
	done
	for i in 1 2 3 4 5; do
		"$KR" gc --all -q
		sleep 0.1
	done
	wait $pid
	whole "$KEY_A"
	[ "$(grep -c zst "$T/state/log")" -eq 1 ]
}

@test "gc: in a loop, beside installs of everything" {
	fault "zst 0 drip 600000"
	while [ ! -e "$T/stop" ]; do "$KR" gc -q || touch "$T/gc-failed"; done 3>&- &
	loop=$!
	for i in 1 2 3 4 5 6; do
		use $([ $((i % 2)) = 0 ] && echo a || echo b)
		status=0
		install --from dist >"$T/out" 2>&1 || status=$?
		[ "$status" -eq 0 ] && key=KEY_$([ $((i % 2)) = 0 ] && echo A || echo B) &&
			cmp "$KRAFT_RUST_HOME/std/${!key}/lib/libstd-${!key}.rlib" \
				"$BATS_FILE_TMPDIR/maker/kraft/std/${!key}/lib/libstd-${!key}.rlib" || break
		# Gone the next time, and gc sees it first.
		"$KR" uninstall x86_64 host --rustc "$RUSTC_HERE" -q
		"$KR" gc -q
	done
	touch "$T/stop"
	wait $loop
	[ "$status" -eq 0 ] && [ "$i" -eq 6 ] || { cat "$T/out" >&2; return 1; }
	[ ! -e "$T/gc-failed" ]
}

@test "gc: a kit that a link has begun with stays until it is through" {
	mkdir -p "$KRAFT_RUST_HOME/linkers"
	fake_kit
	printf '.globl _start\n_start: ret\n' | cc -c -x assembler -o start.o -
	kit=$KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef
	cp start.o "$kit/objects/libkvmplat.o"
	cat >slow-ld <<-END
		#!/bin/sh
		case " \$* " in *libkvmplat*) touch '$T/begun' && while [ ! -e '$T/go' ]; do sleep 0.02; done ;; esac
		exec ld "\$@"
	END
	chmod +x slow-ld
	conf=$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf
	printf '%s\n' 'format = 1' 'architecture = x86_64' 'platform = qemu' "target = $TARGET" \
		'machine = 62' "ld = $PWD/slow-ld" 'install = kraft-rust install x86_64 qemu' >"$T/conf"
	{ cat "$T/conf"; echo "kit = $kit"; } >"$conf"
	printf '.text\n nop\n' | cc -c -x assembler -o main.o -
	KRAFTLD_BACKEND=kit "$BUILD/kraftld" -o image main.o >"$T/out" 2>&1 3>&- &
	link=$!
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$T/begun" ] || break
		sleep 0.02
	done
	[ -e "$T/begun" ] || { cat "$T/out"; return 1; }
	# Nothing names it any more.
	cp "$T/conf" "$conf"
	"$KR" gc -q
	[ -e "$kit/objects/libkvmplat.o" ]
	touch "$T/go"
	wait $link || { cat "$T/out"; return 1; }
	[ -s image ]
	"$KR" gc -q
	[ ! -e "$kit" ]
}

@test "gc: an empty machine, and a wrapper config that cannot be read" {
	fails 0 "$KR" gc
	has "everything that is here is used"
	[ ! -e "$KRAFT_RUST_HOME" ]
	install --from dist -q
	echo nonsense >"$KRAFT_RUST_HOME/linkers/host-x86_64.conf"
	snapshot >"$T/before"
	fails 3 "$KR" gc
	has "$KRAFT_RUST_HOME/linkers/host-x86_64.conf"
	snapshot | diff "$T/before" -
}

@test "kits: packed, indexed, fetched together with std, and used" {
	"$KR" install x86_64 qemu --rustc "$RUSTC_HERE" -q
	fake_kit
	"$KR" dist pack x86_64 qemu --rustc "$RUSTC_HERE" -o "$T/tree"
	"$KR" dist pack x86_64 qemu --rustc "$RUSTC_HERE" -o "$T/again" -q
	diff -r "$T/tree" "$T/again"
	"$KR" dist index "$T/tree"
	[ "$(jq -c '[.items[] | .kind, .unikraft]' "$T/tree/index.json")" = '["kit","0.20.0","std",null]' ]
	mv "$KRAFT_RUST_HOME" "$T/maker"
	rm -rf "$XDG_CACHE_HOME" "$T/state"
	serve "$T/tree"
	fails 0 "$KR" install x86_64 qemu --rustc "$RUSTC_HERE" --dry-run
	has "fetch the kit of x86_64 qemu from $SERVER/kits/qemu-x86_64/0123456789abcdef/"
	fault "zst 0 drip 200000"
	fails 0 "$KR" install x86_64 qemu --rustc "$RUSTC_HERE" --from dist
	lacks "there is no kit"
	# Both at the same time.
	[ "$(cat "$T/state/most")" -eq 2 ]
	kit=$(sed -n 's/^kit = //p' "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf")
	diff -r "$kit" "$T/maker/kits/qemu-x86_64/0123456789abcdef"
	[ "$(grep -c zst "$T/state/log")" -eq 2 ]
	fails 0 "$KR" install x86_64 qemu --rustc "$RUSTC_HERE"
	has "already installed"
	[ "$(grep -c zst "$T/state/log")" -eq 2 ]
	[ -z "$(find "$XDG_CACHE_HOME" -name '.stage-*' -o -name '*.lock' -o -name lock)" ]
}

@test "kits: wrong ones are refused, and an install without one is complete" {
	"$KR" install x86_64 qemu --rustc "$RUSTC_HERE" -q
	fake_kit
	echo 'arg = {kit}/objects/other.o' >>"$KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef/kit.conf"
	"$KR" dist pack x86_64 qemu --rustc "$RUSTC_HERE" -o "$T/tree" -q
	"$KR" dist index "$T/tree" -q
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	KRAFT_RUST_DIST_SERVER=file://$T/tree fails 5 "$KR" install x86_64 qemu --rustc "$RUSTC_HERE"
	has "which is not in the kit"
	[ ! -e "$KRAFT_RUST_HOME/kits/qemu-x86_64" ]
	fails 0 "$KR" install x86_64 qemu --rustc "$RUSTC_HERE" --from dist
	has "there is no kit for x86_64 qemu yet"
	has "'kraft-rust install x86_64 qemu --unikraft DIR --lib DIR' or 'kraft-rust kit import FILE'"
}

@test "kits: one that cannot be fetched leaves std, one that is wrong leaves nothing" {
	qemu() { "$KR" install x86_64 qemu --rustc "$RUSTC_HERE" "$@"; }
	qemu -q
	fake_kit
	"$KR" dist pack x86_64 qemu --rustc "$RUSTC_HERE" -o "$T/tree" -q
	"$KR" dist index "$T/tree" -q
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$T/state"
	serve "$T/tree"
	url=$SERVER/$(jq -r '.items[] | select(.kind == "kit") | .files.zst.path' "$T/tree/index.json")
	fault "kits/.*zst 0 status 404"
	# Who insists on a server's gets all or nothing.
	fails 4 qemu --from dist
	has "$url: the server answers 404"
	[ ! -e "$KRAFT_RUST_HOME/std" ]
	# Otherwise std is what counts, also quietly.
	fails 0 qemu -q
	has "the kit of x86_64 qemu could not be fetched: std is there and programs compile"
	has "run 'kraft-rust install x86_64 qemu' again"
	has "$url: the server answers 404"
	[ -e "$KRAFT_RUST_HOME"/std/*/std.json ]
	run -1 grep '^kit = ' "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	# Again, and it is complete: std was not fetched a second time.
	fault
	fails 0 qemu
	lacks "could not be fetched"
	grep -q '^kit = ' "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
	[ "$(grep -c '/std/.* 200$' "$T/state/log")" -eq 1 ]
	# Another server that has it is asked.
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	cp -R "$T/tree" "$T/partly"
	rm -r "$T/partly/kits"
	KRAFT_RUST_DIST_SERVER="file://$T/partly $SERVER" fails 0 qemu
	lacks "could not be fetched"
	has "cannot be read"
	# Wrong bytes are another matter.
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	fault "kits/.*zst 0 wrong"
	fails 5 qemu
	has "$url: has the SHA-256"
	[ ! -e "$KRAFT_RUST_HOME/std" ]
}
