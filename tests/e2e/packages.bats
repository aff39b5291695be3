#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A real program from packages: Debian's tiny_http and what it depends on.

load e2e

teardown() {
	[ ! -e "$T/server" ] || kill "$(cat "$T/server")" 2>/dev/null || true
	assert_stable
}

@test "tiny_http from Debian's packages serves what curl asks for" {
	[ -d /usr/share/cargo/registry/tiny_http-0.12.0 ] ||
		skip "no tiny_http 0.12: apt install librust-tiny-http-dev"
	command -v curl || skip "no curl: apt install curl"
	project server
	echo 'tiny_http = { version = "0.12", default-features = false }' >>Cargo.toml
	cat >>.cargo/config.toml <<-EOF
		[source.crates-io]
		replace-with = "debian"
		[source.debian]
		directory = "/usr/share/cargo/registry"
	EOF
	cargo build --release 2>err || { cat err >&2; return 1; }
	grep -q 'Compiling tiny_http' err
	assert_static "$(image server release)"

	kraft-rust run "$(image server release)" >port 3>&- &
	echo $! >"$T/server"
	for _ in $(seq 100); do
		[ -s port ] && break
		sleep 0.05
	done
	url=http://127.0.0.1:$(cat port)
	curl -sS --max-time 10 -D headers "$url/hello?a=b" >one
	head -c 100000 /dev/zero | curl -sS --max-time 10 --data-binary @- "$url/post" >two
	wait "$(cat "$T/server")"
	[ "$(cat one)" = "GET /hello?a=b 0" ]
	grep -qi '^X-Served-By: kraft-rust' headers
	[ "$(cat two)" = "POST /post 100000" ]
}
