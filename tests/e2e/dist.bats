#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A std that was built here, packed, served, and installed on machines that have nothing.

load e2e
load ../dist/dist

setup_file() {
	prepare_std
	[ -n "$E2E_CANNOT" ] || TREE=$("$ROOT/tests/dist/prepare-tree" "$BUILD")
	RUSTUP=$(command -v rustup) || RUSTUP=$HOME/.cargo/bin/rustup
	export TREE RUSTUP
}

setup() {
	e2e_home
	# A home of the test's own, without any std.
	export KRAFT_RUST_HOME=$T/kraft
	KEY=$(jq -r '.items[0].key' "$TREE/index.json")
	ZST=$(cd "$TREE" && echo std/"$KEY"/*.zst)
}

teardown() {
	stop_servers
	assert_stable
}

# What is installed compiles, and runs.
works() {
	diff -r -x std.json "$KRAFT_RUST_HOME/std/$KEY" "$E2E/kraft/std/$KEY"
	rm -rf "$T/work/hello"
	cd "$T/work"
	kraft-rust new hello --arch x86_64 --plat host
	cd hello
	run --separate-stderr cargo run
	[ "$status" -eq 0 ] || { echo "$stderr" >&2; return 1; }
	[[ $output == *Hello* || $output == *hello* ]]
}

@test "dist: from nginx, to an empty home; then offline from the cache" {
	serve_nginx "$TREE"
	install --from dist
	works
	[ "$(grep -c "GET /$ZST" "$T/nginx/access")" -eq 1 ]
	stop_servers
	rm -rf "$KRAFT_RUST_HOME"
	install --offline
	works
}

@test "dist: nginx resumes what was cut" {
	serve_nginx "$TREE"
	mkdir -p "$XDG_CACHE_HOME/kraft-rust/downloads"
	head -c 10000000 "$TREE/$ZST" >"$XDG_CACHE_HOME/kraft-rust/downloads/$(sha256sum <"$TREE/$ZST" |
		cut -c 1-64).partial"
	install --from dist
	grep "GET /$ZST" "$T/nginx/access" | grep -q " 206 $(($(stat -c %s "$TREE/$ZST") - 10000000)) "
	diff -r -x std.json "$KRAFT_RUST_HOME/std/$KEY" "$E2E/kraft/std/$KEY"
}

@test "dist: from file://" {
	KRAFT_RUST_DIST_SERVER=file://$TREE install --from dist
	works
}

@test "dist: through a proxy" {
	serve "$TREE"
	http_proxy=$SERVER KRAFT_RUST_DIST_SERVER=http://dist.example KRAFT_RUST_PLAIN_HTTP=1 \
		install --from dist
	grep -q "^http://dist.example/$ZST" "$T/state/log"
	works
}

@test "dist: from python3 -m http.server, which knows no Range" {
	(cd "$TREE" && exec python3 -u -m http.server 0 --bind 127.0.0.1 >"$T/said" 2>&1 3>&-) &
	echo $! >>"$T/servers"
	for ((i = 0; i < 100; i++)); do
		port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$T/said") && [ -n "$port" ] && break
		sleep 0.05
	done
	mkdir -p "$XDG_CACHE_HOME/kraft-rust/downloads"
	head -c 10000000 "$TREE/$ZST" >"$XDG_CACHE_HOME/kraft-rust/downloads/$(sha256sum <"$TREE/$ZST" |
		cut -c 1-64).partial"
	KRAFT_RUST_DIST_SERVER=http://127.0.0.1:$port install --from dist
	diff -r -x std.json "$KRAFT_RUST_HOME/std/$KEY" "$E2E/kraft/std/$KEY"
}

# A rustup home of the test's own with a toolchain from a tree of the test's own.
own_rustup() {
	[ -x "$RUSTUP" ] || skip "no rustup on PATH or in ~/.cargo/bin"
	export RUSTUP_HOME=$T/rustup RUSTUP_DIST_SERVER=file://$T/rust
	mkdir -p "$T/rust" "$T/bin"
	ln -s "$RUSTUP" "$T/bin/rustup"
	export PATH=$T/bin:$PATH
	"$ROOT/tests/dist/make-toolchain" "$T/rust" stable 2026-01-01
	rustup toolchain install stable --profile minimal --no-self-update
	RUSTLIB=$(echo "$RUSTUP_HOME"/toolchains/stable-*/lib/rustlib)
}

# toolchain_builds [NAME]: cargo build with that toolchain.
toolchain_builds() {
	mkdir -p "$T/work/lib/src"
	cd "$T/work/lib"
	printf '[package]\nname = "lib"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
	echo 'pub fn add(v: Vec<u8>) -> usize { v.len() }' >src/lib.rs
	touch src/lib.rs
	RUSTC_WRAPPER='' rustup run "${1:-stable}" cargo build --target "$TARGET"
}

@test "rustup: register, build, update, register again, unregister" {
	own_rustup
	export KRAFT_RUST_DIST_SERVER=file://$TREE
	(cd "$RUSTLIB" && sha256sum multirust-*) >"$T/before"
	ls "$RUSTLIB" >"$T/listed"
	run toolchain_builds
	[ "$status" -ne 0 ]
	kraft-rust dist register x86_64 host --toolchain stable
	toolchain_builds
	# A project that wants the target is content as well.
	printf '[toolchain]\nchannel = "stable"\ntargets = ["%s"]\n' "$TARGET" >rust-toolchain.toml
	(cd "$T/bin" && ln -s rustup cargo && ln -s rustup rustc)
	touch src/lib.rs
	RUSTC_WRAPPER='' cargo build --target "$TARGET"
	rm rust-toolchain.toml "$T/bin/cargo" "$T/bin/rustc"
	# rustup's own files are as they were, so that it has nothing to stumble over.
	(cd "$RUSTLIB" && sha256sum -c "$T/before")
	[ -z "$(ls -A "$RUSTLIB" | grep 'kraft-rust')" ]
	# A newer channel, which has no std of ours.
	"$ROOT/tests/dist/make-toolchain" "$T/rust" stable 2026-02-02
	rustup update stable --no-self-update
	grep -q 2026-02-02 "$RUSTLIB/multirust-channel-manifest.toml"
	kraft-rust dist register x86_64 host --toolchain stable
	toolchain_builds
	rustup update stable --no-self-update
	kraft-rust dist unregister x86_64 host --toolchain stable
	ls "$RUSTLIB" | diff "$T/listed" -
	[ "$(cat "$RUSTLIB/components" | wc -l)" -eq 2 ]
	rustup update stable --no-self-update
	run kraft-rust dist unregister x86_64 host --toolchain stable
	has "had no std for $TARGET"
}

@test "rustup: what a user added by hand is undone as well, and a killed register is" {
	own_rustup
	export KRAFT_RUST_DIST_SERVER=file://$TREE
	host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
	cp "$RUSTLIB/multirust-channel-manifest.toml" "$RUSTLIB/multirust-channel-manifest.toml.kraft-rust"
	sed -i "/^\[pkg.rust.target.$host\]/,/^extensions = / { /^extensions = /d }" \
		"$RUSTLIB/multirust-channel-manifest.toml"
	cat >>"$RUSTLIB/multirust-channel-manifest.toml" <<-END

		[[pkg.rust.target.$host.extensions]]
		pkg = "rust-std"
		target = "$TARGET"

		[pkg.rust-std.target.$TARGET]
		available = true
		zst_url = "file://$TREE/$ZST"
		zst_hash = "$(sha256sum <"$TREE/$ZST" | cut -c 1-64)"
	END
	rustup target add "$TARGET" --toolchain stable
	toolchain_builds
	kraft-rust dist unregister x86_64 host --toolchain stable
	run -1 grep -r unikraft "$RUSTLIB"
	[ ! -e "$RUSTLIB/$TARGET" ]
	rustup update stable --no-self-update
}

@test "rustup: a whole toolchain from our tree, and rustup target add" {
	own_rustup
	release=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
	cp -R "$TREE" "$T/tree"
	rm -r "$T/tree/dist"
	"$ROOT/tests/dist/make-toolchain" "$T/tree" "$release" 2026-01-01
	kraft-rust dist index "$T/tree"
	serve_nginx "$T/tree"
	export RUSTUP_DIST_SERVER=$SERVER
	rustup toolchain install "$release" --profile minimal --no-self-update
	rustup target add "$TARGET" --toolchain "$release"
	rustup target list --installed --toolchain "$release" | grep -qx "$TARGET"
	# rustup accepts our own manifest as well; alone it makes no toolchain.
	rm -r "$T/tree/dist"
	kraft-rust dist index "$T/tree"
	run rustup toolchain install "$release-$(/usr/bin/rustc -vV | sed -n 's/^host: //p')" --force
	lacks "could not parse"
}

@test "rustup: a toolchain of a whole version keeps the target, as one of its own" {
	own_rustup
	export KRAFT_RUST_DIST_SERVER=file://$TREE
	release=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
	"$ROOT/tests/dist/make-toolchain" "$T/rust" "$release" 2026-01-01
	rustup toolchain install "$release" --profile minimal --no-self-update
	rustlib=$(echo "$RUSTUP_HOME/toolchains/$release"-*/lib/rustlib)
	ls -A "$rustlib" >"$T/listed"
	run kraft-rust dist register x86_64 host --toolchain "$release"
	[ "$status" -eq 0 ]
	lacks "rustup update"
	[ "$(rustup target list --toolchain "$release")" = "$TARGET (installed)" ]
	# A project that wants it is content, and rustup updates what there is to update.
	printf '[toolchain]\nchannel = "%s"\ntargets = ["%s"]\n' "$release" "$TARGET" \
		>rust-toolchain.toml
	rustup toolchain install --no-self-update
	toolchain_builds "$release"
	"$ROOT/tests/dist/make-toolchain" "$T/rust" stable 2026-02-02
	rustup update --no-self-update
	grep -q 2026-02-02 "$RUSTLIB/multirust-channel-manifest.toml"
	rustup update "$release" --no-self-update
	# Without the cache rustup has it from the server.
	rm -r "$XDG_CACHE_HOME"
	rustup target remove "$TARGET" --toolchain "$release"
	[ ! -e "$rustlib/$TARGET" ]
	rustup target add "$TARGET" --toolchain "$release"
	kraft-rust dist register x86_64 host --toolchain "$release"
	kraft-rust dist unregister x86_64 host --toolchain "$release"
	ls -A "$rustlib" | diff "$T/listed" -
	run -1 grep unikraft "$rustlib"/multirust-*
	[ -z "$(rustup target list --toolchain "$release")" ]
}

@test "rustup: a channel of Rust's with our std in it, which never goes ahead of it" {
	own_rustup
	cp -R "$TREE" "$T/tree"
	rm -rf "$T/tree/dist"
	mkdir "$T/tree/upstream"
	# upstream DATE [VERSION]: what Rust publishes, with an address of its own.
	upstream() {
		"$ROOT/tests/dist/make-toolchain" "$T/rust" stable "$1"
		sed "s,https://static.rust-lang.org,file://$T/rust,${2:+; s,^version = .*,version = \"$2\",}" \
			"$T/rust/dist/channel-rust-stable.toml" >"$T/tree/upstream/channel-rust-stable.toml"
		kraft-rust dist index "$T/tree"
	}
	upstream 2026-03-03
	serve_nginx "$T/tree"
	export RUSTUP_DIST_SERVER=$SERVER
	printf '[toolchain]\nchannel = "stable"\nprofile = "minimal"\ntargets = ["%s"]\n' "$TARGET" \
		>rust-toolchain.toml
	rustup update stable --no-self-update
	rustup toolchain install --no-self-update
	[ "$(rustup target list)" = "$TARGET (installed)" ]
	toolchain_builds
	# Rust is ahead: the channel waits, and an update is none.
	run upstream 2026-04-04 "1.999.0 (123456789 2026-04-04)"
	[ "$status" -eq 0 ]
	has "dist/channel-rust-stable.toml waits for the std for rustc 1.999.0 (123456789 2026-04-04)"
	rustup update --no-self-update
	grep -q 2026-03-03 "$RUSTLIB/multirust-channel-manifest.toml"
	# The std is there, and everything is updated with it.
	upstream 2026-05-05
	rustup update --no-self-update
	grep -q 2026-05-05 "$RUSTLIB/multirust-channel-manifest.toml"
	[ "$(rustup target list)" = "$TARGET (installed)" ]
	toolchain_builds
	# Such a toolchain needs no register.
	run kraft-rust dist register x86_64 host --toolchain stable
	[ "$status" -eq 1 ]
	has "has the target $TARGET from its own channel"
	has "'rustup target add $TARGET --toolchain stable-"
}

@test "rustup: what register refuses" {
	own_rustup
	run kraft-rust dist register x86_64 host --rustc /usr/bin/rustc
	[ "$status" -eq 2 ]
	has "is not one of rustup's compilers"
	run kraft-rust dist register x86_64 host --toolchain stable
	[ "$status" -eq 2 ]
	has "no server is configured"
	mkdir "$RUSTLIB/$TARGET"
	KRAFT_RUST_DIST_SERVER=file://$TREE run kraft-rust dist register x86_64 host --toolchain stable
	[ "$status" -eq 1 ]
	has "is there, and rustup does not know it"
	rmdir "$RUSTLIB/$TARGET"
	ln -s "$KRAFT_RUST_HOME/std/x" "$RUSTLIB/$TARGET"
	KRAFT_RUST_DIST_SERVER=file://$TREE run kraft-rust dist register x86_64 host --toolchain stable
	[ "$status" -eq 1 ]
	has "'kraft-rust uninstall x86_64 host --toolchain"
}
