#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust dist, and install --from with servers that work.

load helper
load ../dist/served

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
	run -1 grep -v ' 0/0 .* 1970-01-01 00:00 ' "$T/xz"
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
}

@test "install --offline: nothing is connected to" {
	strace -qq -o /dev/null true 2>/dev/null || skip "no strace that works is here"
	fails 0 install
	rm -rf "$KRAFT_RUST_HOME"
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,socket,connect -o "$T/trace" \
		"$KR" install x86_64 host --rustc "$RUSTC_HERE" --offline
	! grep -E 'libcurl|socket\(AF_INET|connect\(' "$T/trace" || false
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
