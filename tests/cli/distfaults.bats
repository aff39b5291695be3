#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# install --from with servers that do not work, or are not to be trusted.

load helper
load ../dist/served

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
