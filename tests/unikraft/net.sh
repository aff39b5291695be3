# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# A server in a machine, fetched from outside.

# A port on which nothing listens.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_there COMMAND...: for half a minute.
until_there() {
	local i
	for i in $(seq 150); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.2
	done
	return 1
}

check_serve() {
	local port web server machine
	port=$(free_port) web=$(free_port)
	mkdir -p "$T/web"
	echo 'from outside' >"$T/web/index.html"
	python3 -m http.server --bind 127.0.0.1 --directory "$T/web" "$web" >/dev/null 2>&1 &
	server=$!
	until_there curl -s "http://127.0.0.1:$web/"
	kraft-rust run --timeout "$LIMIT" --net "user,hostfwd=tcp:127.0.0.1:$port-:80" "$proof" \
		serve "10.0.2.2:$web" </dev/null >"$T/out" 2>"$T/err" &
	machine=$!
	until_there grep -q listening "$T/out"
	check "curl from outside" test "$(curl -s "http://127.0.0.1:$port/a")" = 'hello from GET /a HTTP/1.1'
	check "curl once more" test "$(curl -s "http://127.0.0.1:$port/b")" = 'hello from GET /b HTTP/1.1'
	status=0
	wait $machine || status=$?
	kill $server
	wait $server 2>/dev/null || true
	check "the server's output and status" ended 3 'from outside
listening
GET /a HTTP/1.1
GET /b HTTP/1.1'
}
