#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust dist and install --from: fetching from servers that work, and that do not.

load helper
load ../dist/dist

setup_file() {
	make_tree
}

setup() {
	fresh_home
	use a
	serve
	export KRAFT_RUST_NET_TIMEOUT=2
}

teardown() {
	stop_servers
}

# fails STATUS COMMAND...
fails() {
	local want=$1
	shift
	run "$@"
	[ "$status" -eq "$want" ] || { echo "status $status: $output" >&2; return 1; }
}

# The std that is installed is what was packed.
whole() {
	local name
	for name in core std; do
		cmp "$KRAFT_RUST_HOME/std/$1/lib/lib$name-$1.rlib" \
			"$BATS_FILE_TMPDIR/maker/kraft/std/$1/lib/lib$name-$1.rlib"
	done
	[ "$(jq -r .archive "$KRAFT_RUST_HOME/std/$1/std.json")" = "$(std_sha "$1")" ]
	# Nothing half-done stays.
	[ -z "$(find "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" -name '.stage-*' -o -name '*.partial' \
		-o -name '*.lock')" ]
}

# survives FAULT...: install succeeds all the same.
survives() {
	fault "$@"
	fails 0 install --from dist
	whole "$KEY_A"
}

# breaks STATUS FAULT...: install of another std fails, and what was installed stays.
breaks() {
	local want=$1
	shift
	fails 0 install --from dist
	snapshot >"$T/before"
	use b
	fault "$@"
	fails "$want" install --from dist
	snapshot >"$T/after"
	diff "$T/before" "$T/after"
	[ -z "$(find "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" -name '.stage-*' -o -name '*.lock')" ]
	# And afterwards it works.
	printf '%s\n' "$output" >"$T/said"
	fault
	install --from dist
	whole "$KEY_B"
	output=$(cat "$T/said")
}

@test "dist: pack gives the same bytes again" {
	HOME=$T/other KRAFT_RUST_HOME=$BATS_FILE_TMPDIR/maker/kraft \
		"$KR" dist pack x86_64 host --rustc "$RUSTC_HERE" -o "$T/again"
	diff -r "$TREE/std/$KEY_A" "$T/again/std/$KEY_A"
	[ "$(ls "$T/again/std/$KEY_A" | wc -l)" -eq 7 ]
	(cd "$T/again/std/$KEY_A" && sha256sum --quiet -c ./*.sha256)
}

@test "dist: the tarballs are Rust's components, in ustar, sorted, of nobody" {
	cd "$TREE/std/$KEY_A"
	top=rust-std-$("$RUSTC_HERE" -vV | sed -n 's/^release: //p')-$TARGET
	tar --utc -tvJf "$top.tar.xz" >"$T/xz"
	tar --utc -tvzf "$top.tar.gz" | cmp - "$T/xz"
	tar --utc --zstd -tvf "$top.tar.zst" | cmp - "$T/xz"
	! grep -v ' 0/0 .* 1970-01-01 00:00 ' "$T/xz"
	awk '{ print $NF }' "$T/xz" >"$T/names"
	cat >"$T/want" <<-END
		$top/
		$top/rust-std-$TARGET/
		$top/rust-std-$TARGET/lib/
		$top/rust-std-$TARGET/lib/rustlib/
		$top/rust-std-$TARGET/lib/rustlib/$TARGET/
		$top/rust-std-$TARGET/lib/rustlib/$TARGET/lib/
		$top/components
		$top/kraft-rust.json
		$top/rust-installer-version
		$top/rust-std-$TARGET/manifest.in
		$top/rust-std-$TARGET/lib/rustlib/$TARGET/lib/libcore-$KEY_A.rlib
		$top/rust-std-$TARGET/lib/rustlib/$TARGET/lib/libstd-$KEY_A.rlib
	END
	diff "$T/want" "$T/names"
	[ "$(tar -xOzf "$top.tar.gz" "$top/components")" = "rust-std-$TARGET" ]
	[ "$(tar -xOzf "$top.tar.gz" "$top/rust-installer-version")" = 3 ]
	[ "$(zcat "$top.tar.gz" | dd bs=1 skip=257 count=8 status=none | tr '\0' .)" = ustar.00 ]
	# gzip's header has no time and no name.
	[ "$(od -An -tx1 -N 8 "$top.tar.gz" | tr -d ' ')" = 1f8b080000000000 ]
}

@test "dist: pack refuses what is not installed, and what was changed" {
	fails 1 "$KR" dist pack x86_64 host --rustc "$RUSTC_HERE"
	has "std for $TARGET and $("$RUSTC_HERE" -V) is not installed"
	has "install it first: 'kraft-rust install x86_64 host'"
	cp -R "$BATS_FILE_TMPDIR/maker/kraft" "$T/copy"
	printf X | dd of="$T/copy/std/$KEY_A/lib/libstd-$KEY_A.rlib" conv=notrunc status=none
	KRAFT_RUST_HOME=$T/copy fails 5 "$KR" dist pack x86_64 host --rustc "$RUSTC_HERE"
	has "is not what was installed"
	fails 2 "$KR" dist pack x86_64 host --format rar
	has "--format is xz, zst or gz, not 'rar'"
}

@test "dist: trees of several machines merge, as folders or as indexes" {
	for name in a b; do
		key=KEY_${name^^}
		mkdir -p "$T/$name/std"
		cp -R "$TREE/std/${!key}" "$T/$name/std/"
		"$KR" dist index "$T/$name"
		[ "$(jq '.items | length' "$T/$name/index.json")" -eq 1 ]
	done
	"$KR" dist index "$T/all" "$T/a" "$T/b"
	jq .items "$T/all/index.json" | diff - <(jq .items "$TREE/index.json")
	diff -r "$TREE/std" "$T/all/std"
	# The index alone: the files are said to be elsewhere.
	fails 0 "$KR" dist index "$T/a" "$T/b/index.json"
	has "3 files are not in $T/a; they have to be on the server already"
	jq .items "$T/a/index.json" | diff - <(jq .items "$TREE/index.json")
}

@test "dist: index says what is wrong" {
	fails 3 "$KR" dist index "$T/none"
	has "$T/none: there is nothing to index"
	cp -R "$TREE" "$T/tree"
	fails 3 "$KR" dist index "$T/tree" "$T/work"
	has "there is nothing that 'kraft-rust dist pack' made"
	# Another std that says it is the same one.
	cp -R "$TREE" "$T/liar"
	jq '.unpacked += 1' "$TREE/std/$KEY_A/item.json" >"$T/liar/std/$KEY_A/item.json"
	fails 3 "$KR" dist index "$T/tree" "$T/liar"
	has "two different artifacts say they are the std $KEY_A"
	diff -r "$TREE" "$T/tree"
	printf x >>"$T/tree/$(std_url "$KEY_A")"
	fails 5 "$KR" dist index "$T/tree"
	has "not $(std_sha "$KEY_A")"
	echo '{' >"$T/tree/std/$KEY_B/item.json"
	fails 3 "$KR" dist index "$T/tree"
}

@test "dist: an index without a change stays, and a new one has a higher serial" {
	cp -R "$TREE" "$T/tree"
	fails 0 "$KR" dist index "$T/tree"
	has "is unchanged (2 items)"
	cmp "$TREE/index.json" "$T/tree/index.json"
	echo signature >"$T/tree/index.json.minisig"
	rm -r "$T/tree/std/$KEY_B"
	SOURCE_DATE_EPOCH=1 "$KR" dist index "$T/tree"
	[ "$(jq .serial "$T/tree/index.json")" -eq $(($(jq .serial "$TREE/index.json") + 1)) ]
	[ ! -e "$T/tree/index.json.minisig" ]
	SOURCE_DATE_EPOCH=5000000000 "$KR" dist index "$T/tree" --expires 2
	[ "$(jq -c '[.serial, .expires]' "$T/tree/index.json")" = '[5000000000,5000172800]' ]
	fails 2 "$KR" dist index "$T/tree" --expires 0
}

@test "install: from a server, and what the next install finds in the cache" {
	fails 0 install --from dist --dry-run
	has "fetch std for $TARGET from $SERVER/$(std_url "$KEY_A") into"
	[ ! -e "$KRAFT_RUST_HOME/std" ]
	fails 0 install
	has "fetching std for $TARGET"
	has "from $SERVER/$(std_url "$KEY_A")"
	whole "$KEY_A"
	[ "$(grep -c "$(std_url "$KEY_A")" "$T/state/log")" -eq 1 ]
	rm -rf "$KRAFT_RUST_HOME"
	stop_servers
	fails 0 install --offline
	lacks fetching
	whole "$KEY_A"
	# What was never fetched cannot be had offline.
	use b
	fails 4 install --offline --from dist
	has "is not in the cache, and --offline forbids to fetch it"
}

@test "install --offline: everything from the cache, without the network's code" {
	fails 0 install
	# One that cannot be loaded stands in for libcurl.
	mkdir "$T/lib"
	echo broken >"$T/lib/libcurl.so.4"
	export LD_LIBRARY_PATH=$T/lib
	rm -rf "$KRAFT_RUST_HOME"
	fails 1 install
	has "libcurl.so.4 cannot be loaded"
	fails 0 install --offline
	whole "$KEY_A"
	fails 0 install --offline
	has "already installed"
	# What is not in the cache is said to be missing, and by the same code.
	use b
	fails 4 install --offline --from dist
	has "is not in the cache, and --offline forbids to fetch it"
	KRAFT_RUST_DIST_SERVER=https://never.example fails 4 install --offline --from dist
	has "https://never.example: its index was never fetched, and --offline forbids it"
	# Nor is anything connected to.
	unset LD_LIBRARY_PATH
	command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null || return 0
	rm -rf "$KRAFT_RUST_HOME"
	use a
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,socket,connect -o "$T/trace" \
		"$KR" install x86_64 host --rustc "$RUSTC_HERE" --offline
	! grep -E 'libcurl|socket\(AF_INET|connect\(' "$T/trace"
}

@test "install: from file://, without a network" {
	stop_servers
	KRAFT_RUST_DIST_SERVER=file://$TREE/ fails 0 install --from dist
	whole "$KEY_A"
	use b
	KRAFT_RUST_DIST_SERVER=file:///nonexistent fails 4 install --from dist
	has "file:///nonexistent/index.json: cannot be read"
}

@test "install: from a tarball" {
	for suffix in xz zst gz; do
		rm -rf "$KRAFT_RUST_HOME"
		fails 0 install --from "$(echo "$TREE/std/$KEY_A"/*.tar.$suffix)"
		cmp "$KRAFT_RUST_HOME/std/$KEY_A/lib/libstd-$KEY_A.rlib" \
			"$BATS_FILE_TMPDIR/maker/kraft/std/$KEY_A/lib/libstd-$KEY_A.rlib"
	done
	[ ! -s "$T/state/log" ]
	use b
	fails 5 install --from "$(echo "$TREE/std/$KEY_A"/*.tar.zst)"
	has "holds std $KEY_A for this compiler, and $KEY_B is wanted"
	fails 2 install --from nowhere
	has "--from is auto, dist, source or a tarball, and there is no file 'nowhere'"
	fails 2 install --from "$T"
	head -c 20000 "$(echo "$TREE/std/$KEY_B"/*.tar.zst)" >cut.tar.zst
	fails 5 install --from cut.tar.zst
	[ ! -e "$KRAFT_RUST_HOME/std/$KEY_B" ]
	cp "$(echo "$TREE/std/$KEY_B"/*.tar.zst)" changed.tar.zst
	echo "$(std_sha "$KEY_A")  changed.tar.zst" >changed.tar.zst.sha256
	fails 5 install --from changed.tar.zst
	has "has the SHA-256 $(std_sha "$KEY_B"), not $(std_sha "$KEY_A")"
}

@test "install: several servers, in order" {
	mkdir "$T/empty"
	KRAFT_RUST_DIST_SERVER="file://$T/empty http://127.0.0.1:1 $SERVER/" fails 0 install --from dist
	whole "$KEY_A"
	has "file://$T/empty/index.json: cannot be read"
	# A server that has the index and not the file is passed over as well.
	cp "$TREE/index.json" "$T/empty/"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	KRAFT_RUST_DIST_SERVER="file://$T/empty $SERVER" fails 0 install --from dist
	whole "$KEY_A"
}

@test "install: what the servers do not have" {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/std"
	cp -R "$TREE/std/$KEY_B" "$T/tree/std/"
	"$KR" dist index "$T/tree"
	KRAFT_RUST_DIST_SERVER=file://$T/tree fails 1 install --from dist
	has "no server has the std for $TARGET and $("$RUSTC_HERE" -V)"
	has "file://$T/tree has std for $("$RUSTC_HERE" -V)"
	has "--from source'"
	# auto goes on to the sources.
	KRAFT_RUST_DIST_SERVER=file://$T/tree fails 0 install --dry-run
	has "build std for"
	unset KRAFT_RUST_DIST_SERVER
	fails 1 install --from dist
	has "no server is configured"
	has "$XDG_CONFIG_HOME/kraft-rust/dist.yaml"
}

@test "install: servers from dist.yaml, and mistakes in it" {
	unset KRAFT_RUST_DIST_SERVER KRAFT_RUST_NET_TIMEOUT
	mkdir -p "$XDG_CONFIG_HOME/kraft-rust"
	conf=$XDG_CONFIG_HOME/kraft-rust/dist.yaml
	printf 'servers:\n  - %s\ntimeout: 5\n' "$SERVER" >"$conf"
	fails 0 install --from dist
	whole "$KEY_A"
	rm -rf "$KRAFT_RUST_HOME"
	while IFS='|' read -r text want; do
		printf '%b' "$text" >"$conf"
		fails 3 install
		has "$conf:$want"
	done <<-'END'
		servers: http://x\n|1:10: 'servers' is a list of URLs
		server: []\n|1:1: unknown key 'server'; there are servers, plain-http and timeout
		plain-http: perhaps\n|1:13: 'plain-http' is true or false
		timeout: 0\n|1:10: 'timeout' is 1 to 3600 seconds
		servers: [[a]]\n|1:11: a server is a URL
	END
	echo 'servers: [ftp://example.org]' >"$conf"
	fails 2 install
	has "only https, http and file are understood"
	rm "$conf"
	KRAFT_RUST_NET_TIMEOUT=soon fails 2 install
	KRAFT_RUST_PLAIN_HTTP=yes fails 2 install
}

@test "install: plain http only to this machine, unless asked for" {
	KRAFT_RUST_DIST_SERVER=http://dist.example fails 2 install --from dist
	has "http://dist.example: plain http can be changed on its way"
	KRAFT_RUST_DIST_SERVER=http://127.0.0.1.evil.example fails 2 install --from dist
	KRAFT_RUST_DIST_SERVER=http://user@127.0.0.1@evil.example fails 2 install --from dist
	KRAFT_RUST_DIST_SERVER=https://u:secret@127.0.0.1:1 fails 4 install --from dist
	lacks secret
	fault "index.json 0 redirect http://dist.example/index.json"
	fails 4 install --from dist
	has "redirects: http://dist.example/index.json: plain http can be changed on its way"
	fault "index.json 0 redirect file://$TREE/index.json"
	fails 4 install --from dist
	has "which is less safe"
}

@test "install: through a proxy, which loopback never uses" {
	export http_proxy=$SERVER
	KRAFT_RUST_DIST_SERVER=http://dist.example KRAFT_RUST_PLAIN_HTTP=1 fails 0 install --from dist
	whole "$KEY_A"
	grep -q "^http://dist.example/$(std_url "$KEY_A")" "$T/state/log"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	http_proxy=http://127.0.0.1:1 fails 0 install --from dist
	whole "$KEY_A"
}

@test "faults: the connection is cut at every tenth of the file" {
	size=$(stat -c %s "$TREE/$(std_url "$KEY_A")")
	for tenth in 0 1 2 3 4 5 6 7 8 9; do
		rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$T/state/log"
		survives "zst 1 cut $((size * tenth / 10 + tenth % 2))"
		# What was there was not fetched again.
		[ "$tenth" -eq 0 ] || grep -q "bytes=$((size * tenth / 10 + tenth % 2))- 206" "$T/state/log"
	done
	# Ten times in one transfer.
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$T/state/log"
	survives "zst 0 cut $((size / 10))"
	[ "$(grep -c ' 206$' "$T/state/log")" -ge 9 ]
}

@test "faults: a killed download goes on where it was" {
	size=$(stat -c %s "$TREE/$(std_url "$KEY_A")")
	fault "zst 1 cut $((size / 2))" "zst 0 status 404"
	fails 4 install --from dist
	has "the server answers 404"
	[ "$(stat -c %s "$XDG_CACHE_HOME/kraft-rust/downloads/"*.partial)" -eq $((size / 2)) ]
	: >"$T/state/log"
	survives
	grep -q "zst bytes=$((size / 2))- 206" "$T/state/log"
	# A partial file that is something else is noticed, and fetched again.
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME/kraft-rust/downloads"/*
	head -c 1000 /dev/zero >"$XDG_CACHE_HOME/kraft-rust/downloads/$(std_sha "$KEY_A").partial"
	survives
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME/kraft-rust/downloads"/*
	head -c 400000 /dev/zero >"$XDG_CACHE_HOME/kraft-rust/downloads/$(std_sha "$KEY_A").partial"
	survives
	# So is a damaged file in the cache.
	rm -rf "$KRAFT_RUST_HOME"
	echo >>"$XDG_CACHE_HOME/kraft-rust/downloads/$(std_sha "$KEY_A")"
	survives
}

@test "faults: Range ignored, refused, or answered with another part" {
	survives "zst 1 cut 100000" "zst 0 norange"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 cut 100000" "zst 1 status 416"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 cut 100000" "zst 1 misrange"
}

@test "faults: what may pass is tried again" {
	survives "zst 2 status 500" "index 1 status 503"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 after 1" "zst 1 status 429"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 wrong"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 short 10"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 long 10"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 hang-up 10"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "index 1 cut 100"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	survives "zst 1 redirect /$(std_url "$KEY_A")?again"
}

@test "faults: 500 for ever, and 404, which is not tried again" {
	: >"$T/state/log"
	breaks 4 "zst 0 status 500"
	has "/$(std_url "$KEY_B"): the server answers 500 (tried 5 times)"
	[ "$(grep -c "$(std_url "$KEY_B") .*500" "$T/state/log")" -eq 5 ]
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME" "$T/state/log"
	use a
	breaks 4 "zst 0 status 404"
	[ "$(grep -c "$(std_url "$KEY_B") .*404" "$T/state/log")" -eq 1 ]
}

@test "faults: wrong bytes are named with both hashes, and removed" {
	breaks 5 "zst 0 wrong"
	has "$SERVER/$(std_url "$KEY_B"): has the SHA-256"
	has "not $(std_sha "$KEY_B")"
}

@test "faults: a wrong length" {
	size=$(stat -c %s "$TREE/$(std_url "$KEY_B")")
	breaks 5 "zst 0 short 1000"
	has "$SERVER/$(std_url "$KEY_B"): has $((size - 1000)) bytes, not $size"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	use a
	breaks 5 "zst 0 long 1000"
	has "has $((size + 1000)) bytes, not $size"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	use a
	breaks 4 "zst 0 hang-up 1000"
}

@test "faults: a drip, a redirect loop, a server that is not there" {
	export KRAFT_RUST_NET_TIMEOUT=1
	breaks 4 "zst 0 drip 20"
	has "stood still for 1 seconds (tried 5 times)"
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	use a
	breaks 4 "zst 0 redirect /$(std_url "$KEY_B")"
	has "redirects too often"
	KRAFT_RUST_DIST_SERVER=http://127.0.0.1:1 fails 0 install --from dist
	use a
	rm -rf "$KRAFT_RUST_HOME"
	KRAFT_RUST_DIST_SERVER=http://127.0.0.1:1 fails 4 install --from dist
	has "http://127.0.0.1:1/index.json: "
	has "(tried 5 times)"
}

@test "faults: indexes that are no indexes" {
	use b
	for text in '' '{' '[]' '{"format": 2}' '{"format": 1, "serial": 1}' \
		'{"format": 1, "serial": 1, "items": [{"kind": "std", "key": "../../x"}]}'; do
		mkdir -p "$T/bad"
		printf '%s' "$text" >"$T/bad/index.json"
		KRAFT_RUST_DIST_SERVER=file://$T/bad fails 5 install
		has "file://$T/bad/index.json"
	done
	# Paths that lead elsewhere.
	for path in /etc/passwd ../x "std/$KEY_B/../../x" 'std/x y' kits/x "http://evil/x"; do
		jq --arg p "$path" '.items[].files.zst.path = $p' "$TREE/index.json" >"$T/bad/index.json"
		KRAFT_RUST_DIST_SERVER=file://$T/bad fails 5 install
		has "a file's path, size or hash is wrong"
	done
	fault "index 0 short 20"
	fails 5 install
	fault "index 0 cut 20"
	fails 4 install --from dist
}

@test "progress: a bar with rate and time left on a terminal, a line elsewhere" {
	command -v script >/dev/null || skip "no script: apt install bsdutils"
	fault "zst 0 drip 200000"
	cat >run <<-END
		#!/bin/sh
		stty cols 100
		exec "$KR" install x86_64 host --rustc "$RUSTC_HERE" --from dist
	END
	chmod +x run
	script -qec ./run "$T/typed" >/dev/null </dev/null
	grep -qaE '\[=+ *\] 0\.[0-9]/0\.3 MB, 0\.[0-9] MB/s, [0-9]+ s left' "$T/typed"
	# The bar is gone from the line that comes next.
	tr '\r' '\n' <"$T/typed" | grep -qaE $'^\033\\[K(\033\\[0m)?unpacking std for'
	# The index is too small for one.
	[ "$(grep -ca '0.0 MB, 0.0 MB/s.*fetching' "$T/typed")" -eq 0 ]
	rm -rf "$KRAFT_RUST_HOME" "$XDG_CACHE_HOME"
	fails 0 install --from dist
	lacks MB/s
	[ "$(grep -c fetching <<<"$output")" -eq 1 ]
}

@test "trust: signed by minisign or by us, and everything that is wrong with a signature" {
	keys=$XDG_CONFIG_HOME/kraft-rust/trusted-keys
	mkdir -p "$keys"
	cp -R "$TREE" "$T/tree"
	export KRAFT_RUST_DIST_SERVER=file://$T/tree
	minisign -G -W -p "$T/ours.pub" -s "$T/ours.key" >/dev/null
	minisign -G -W -p "$T/foreign.pub" -s "$T/foreign.key" >/dev/null
	cp "$T/ours.pub" "$keys/team.pub"
	fails 5 install
	has "has no signature, and keys are trusted here"
	"$KR" dist sign "$T/tree" --key "$T/ours.key"
	minisign -Vm "$T/tree/index.json" -p "$T/ours.pub"
	fails 0 install --from dist
	for form in '' -l -H; do
		minisign -Sm "$T/tree/index.json" -s "$T/ours.key" -t 'any comment' $form >/dev/null
		rm -rf "$KRAFT_RUST_HOME"
		fails 0 install --from dist
	done
	snapshot >"$T/before"
	use b
	minisign -Sm "$T/tree/index.json" -s "$T/foreign.key" >/dev/null
	fails 5 install
	has "signed by the key $(sed -n '1s/.* //p' "$T/foreign.pub"), which is not trusted here"
	"$KR" dist sign "$T/tree" --key "$T/ours.key"
	cp "$T/tree/index.json.minisig" "$T/good"
	sed -i '3s/timestamp/Timestamp/' "$T/tree/index.json.minisig"
	fails 5 install
	has "the signature's comment was changed"
	cp "$T/good" "$T/tree/index.json.minisig"
	sed -i 's/"serial": 1/"serial": 2/' "$T/tree/index.json"
	fails 5 install
	has "the signature does not match"
	echo garbage >"$T/tree/index.json.minisig"
	fails 5 install
	has "its signature is not one of minisign's"
	diff "$T/before" <(snapshot)
	echo nonsense >"$keys/broken.pub"
	fails 3 install
	has "$keys/broken.pub: is not a public key of minisign's"
}

@test "trust: an older index is a rollback, an expired one is refused" {
	keys=$XDG_CONFIG_HOME/kraft-rust/trusted-keys
	mkdir -p "$keys" "$T/tree/std"
	minisign -G -W -p "$keys/team.pub" -s "$T/key" >/dev/null
	cp -R "$TREE/std/$KEY_A" "$T/tree/std/"
	export KRAFT_RUST_DIST_SERVER=file://$T/tree
	"$KR" dist index "$T/tree"
	"$KR" dist sign "$T/tree" --key "$T/key"
	cp -R "$T/tree" "$T/old"
	cp -R "$TREE/std/$KEY_B" "$T/tree/std/"
	"$KR" dist index "$T/tree"
	"$KR" dist sign "$T/tree" --key "$T/key"
	fails 0 install
	use b
	cp "$T/old"/index.json* "$T/tree/"
	fails 5 install
	has "is older (serial $(jq .serial "$T/old/index.json")) than the one seen before"
	rm "$(sed -n 's/.*going back is meant, remove //p' <<<"$output")"
	KRAFT_RUST_DIST_SERVER=file://$T/tree fails 1 install --from dist
	SOURCE_DATE_EPOCH=1000000000 "$KR" dist index "$T/new" "$TREE" --expires 1
	"$KR" dist sign "$T/new" --key "$T/key"
	KRAFT_RUST_DIST_SERVER=file://$T/new fails 5 install
	has "expired on 2001-09-10 01:46 UTC"
}

@test "dist: sign with a password" {
	cp -R "$TREE" "$T/tree"
	printf 'open sesame\n' >"$T/password"
	printf 'open sesame\nopen sesame\n' | minisign -G -p "$T/pub" -s "$T/key" >/dev/null ||
		skip "this minisign asks only on a terminal"
	"$KR" dist sign "$T/tree" --key "$T/key" --password-file "$T/password"
	minisign -Vm "$T/tree/index.json" -p "$T/pub"
	cp "$T/tree/index.json.minisig" "$T/good"
	echo wrong >"$T/password"
	fails 2 "$KR" dist sign "$T/tree" --key "$T/key" --password-file "$T/password"
	has "$T/key: the password is wrong"
	fails 2 setsid "$KR" dist sign "$T/tree" --key "$T/key"
	has "there is no terminal to ask on"
	cmp "$T/good" "$T/tree/index.json.minisig"
	fails 2 "$KR" dist sign "$T/tree" --key "$T/none"
	has "minisign -G -s $T/none"
	fails 3 "$KR" dist sign "$T/tree" --key "$T/pub"
	echo 'open sesame' >"$T/password"
	fails 3 "$KR" dist sign "$T/work" --key "$T/key" --password-file "$T/password"
	has "$T/work/index.json: is not there"
}

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
	! grep '^kit = ' "$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf"
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

# published_rustc: a compiler that says it is Rust's own, without sources beside it.
published_rustc() {
	mkdir -p "$T/own/bin" "$T/own/lib/rustlib"
	cat >"$T/own/bin/rustc" <<-END
		#!/bin/sh
		case " \$* " in
		*" -vV "* | *" -V "*) /usr/bin/rustc "\$@" | sed '1s/^\(rustc [^ ]* ([^)]*)\).*/\1/' ;;
		*sysroot*) /usr/bin/rustc "\$@" | sed 's,^/usr\$,$T/own,' ;;
		*) exec /usr/bin/rustc "\$@" ;;
		esac
	END
	printf '#!/bin/sh\necho "error: this cargo builds nothing" >&2\nexit 101\n' >"$T/own/bin/cargo"
	chmod +x "$T/own/bin/"*
	RELEASE=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
}

# source_tarball COMMIT
source_tarball() {
	local top=$T/rust-src-$RELEASE
	mkdir -p "$top/rust-src/lib/rustlib/src/rust/library/std" "$T/rust/dist"
	echo rust-src >"$top/components"
	echo 3 >"$top/rust-installer-version"
	echo "$1" >"$top/git-commit-hash"
	echo '[package]' >"$top/rust-src/lib/rustlib/src/rust/library/std/Cargo.toml"
	echo 'version = 4' >"$top/rust-src/lib/rustlib/src/rust/library/Cargo.lock"
	(cd "$top/rust-src" && find lib -type f | sed 's/^/file:/' >manifest.in)
	tar -C "$T" --format=gnu -cJf "$T/rust/dist/rust-src-$RELEASE.tar.xz" "rust-src-$RELEASE"
	cat >"$T/rust/dist/channel-rust-$RELEASE.toml" <<-END
		manifest-version = "2"
		[pkg.rust-src.target."*"]
		available = true
		xz_url = "https://static.rust-lang.org/dist/rust-src-$RELEASE.tar.xz"
		xz_hash = "$(sha256sum "$T/rust/dist/rust-src-$RELEASE.tar.xz" | cut -d ' ' -f 1)"
	END
}

@test "sources: those of a compiler that Rust published are fetched" {
	published_rustc
	source_tarball "$(/usr/bin/rustc -vV | sed -n 's/^commit-hash: //p')"
	export RUSTUP_DIST_SERVER=file://$T/rust
	mine() { "$KR" install x86_64 host --rustc "$T/own/bin/rustc" --from source "$@"; }
	fails 0 mine --dry-run
	has "fetch the sources of std from the Rust dist server"
	fails 1 mine --offline
	has "the sources of std for rustc $RELEASE"
	fails 6 mine
	has "fetching the sources of std from file://$T/rust/dist/rust-src-$RELEASE.tar.xz"
	[ -f "$(echo "$XDG_CACHE_HOME"/kraft-rust/src/"$RELEASE"-*/library/std/Cargo.toml)" ]
	# They are here now.
	rm -r "$T/rust"
	fails 6 mine --offline
	"$KR" gc -q
	[ ! -e "$XDG_CACHE_HOME/kraft-rust/src" ]
	fails 4 mine
	has "the sources of std for rustc $RELEASE"
	has "fetching them failed: file://$T/rust/dist/channel-rust-$RELEASE.toml: cannot be read"
}

@test "sources: of another commit, or changed on the way, are refused" {
	published_rustc
	source_tarball 0123456789012345678901234567890123456789
	export RUSTUP_DIST_SERVER=file://$T/rust
	fails 5 "$KR" install x86_64 host --rustc "$T/own/bin/rustc" --from source
	has "the sources are of commit 0123456789012345678901234567890123456789"
	[ -z "$(ls -A "$XDG_CACHE_HOME/kraft-rust/src" | grep -v lock)" ]
	echo x >>"$T/rust/dist/rust-src-$RELEASE.tar.xz"
	rm -r "$XDG_CACHE_HOME"
	fails 5 "$KR" install x86_64 host --rustc "$T/own/bin/rustc" --from source
	has "has the SHA-256"
}
