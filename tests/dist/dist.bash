# SPDX-License-Identifier: BSD-3-Clause
# What the tests of dist share, after "load helper": a dist tree with two small stds
# for the machine's own compiler, made once a file.
#
#   $TREE        the tree; TREE/std/$KEY_A, TREE/std/$KEY_B
#   use a, use b which of the two "install" wants: they differ in their recipe

RUSTC_HERE=/usr/bin/rustc

# share NAME: a share folder whose recipe has a name, so that its std has a key of its own.
make_share() {
	mkdir -p "$BATS_FILE_TMPDIR/share-$1"
	cp -R "$ROOT/targets" "$ROOT/templates" "$BATS_FILE_TMPDIR/share-$1/"
	echo "# $1" >>"$BATS_FILE_TMPDIR/share-$1/templates/std/Cargo.toml"
}

use() {
	export KRAFT_RUST_SHARE=$BATS_FILE_TMPDIR/share-$1
}

install() {
	"$KR" install x86_64 host --rustc "$RUSTC_HERE" "$@"
}

std_key() {
	install --from source --dry-run | sed -n 's,^build std.*/std/\([0-9a-f]*\)$,\1,p'
}

# fake_std KEY: what a build leaves in the store, with something else in the rlibs.
fake_std() {
	local dir=$KRAFT_RUST_HOME/std/$1 name files=
	mkdir -p "$dir/lib"
	head -c 300000 /dev/urandom >"$dir/lib/libstd-$1.rlib"
	head -c 5000 /dev/zero >"$dir/lib/libcore-$1.rlib"
	for name in libcore-$1.rlib libstd-$1.rlib; do
		files+="${files:+,}{\"name\": \"$name\", \"size\": $(stat -c %s "$dir/lib/$name"), \
			\"sha256\": \"$(sha256sum <"$dir/lib/$name" | cut -c 1-64)\"}"
	done
	echo "{\"format\": 1, \"key\": \"$1\", \"rustc\": \"$("$RUSTC_HERE" -V)\",
		\"target\": \"$TARGET\", \"files\": [$files]}" >"$dir/std.json"
}

make_tree() {
	local name key
	export TREE=$BATS_FILE_TMPDIR/tree
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/maker fresh_home
	for name in a b; do
		make_share $name
		use $name
		key=$(std_key)
		fake_std "$key"
		"$KR" dist pack x86_64 host --rustc "$RUSTC_HERE" -o "$TREE"
		declare -gx "KEY_${name^^}=$key"
	done
	"$KR" dist index "$TREE"
}

# serve [DIR]: the fault server; $SERVER is its URL, $T/state its state.
serve() {
	local i
	mkdir -p "$T/state"
	"$ROOT/tests/dist/fault-server" "${1:-$TREE}" "$T/state" 3>&- &
	echo $! >>"$T/servers"
	for ((i = 0; i < 100; i++)); do
		[ -s "$T/state/port" ] && break
		sleep 0.05
	done
	SERVER=http://127.0.0.1:$(cat "$T/state/port")
	export KRAFT_RUST_DIST_SERVER=$SERVER
}

stop_servers() {
	local pid
	[ ! -e "$T/servers" ] || while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$T/servers"
}

# fault LINE...: what the server does from now on.
fault() {
	printf '%s\n' "$@" >"$T/state/faults"
}

# What is installed, byte for byte; locks apart.
snapshot() {
	(cd "$KRAFT_RUST_HOME" && find . -type f ! -name lock -exec sha256sum {} + | sort
		find . ! -type f | sort)
}

std_url() {
	jq -r ".items[] | select(.key == \"$1\") | .files.zst.path" "$TREE/index.json"
}

std_sha() {
	jq -r ".items[] | select(.key == \"$1\") | .files.zst.sha256" "$TREE/index.json"
}

# serve_nginx DIR: Debian's nginx on a free port of this machine; $SERVER is its URL.
serve_nginx() {
	local i
	mkdir -p "$T/nginx"
	for ((i = 0; i < 20; i++)); do
		local port=$((20000 + RANDOM % 20000))
		cat >"$T/nginx/conf" <<-END
			daemon off;
			master_process off;
			pid $T/nginx/pid;
			error_log $T/nginx/error;
			events {}
			http {
				access_log $T/nginx/access;
				client_body_temp_path $T/nginx/1;
				proxy_temp_path $T/nginx/2;
				fastcgi_temp_path $T/nginx/3;
				uwsgi_temp_path $T/nginx/4;
				scgi_temp_path $T/nginx/5;
				default_type application/octet-stream;
				server {
					listen 127.0.0.1:$port;
					root "$1";
					location = /index.json { add_header Cache-Control no-cache; }
					location = /index.json.minisig { add_header Cache-Control no-cache; }
				}
			}
		END
		"$(PATH=$PATH:/usr/sbin type -P nginx)" -p "$T/nginx" -c "$T/nginx/conf" \
			-e "$T/nginx/error" 3>&- >/dev/null 2>&1 &
		echo $! >>"$T/servers"
		SERVER=http://127.0.0.1:$port
		export KRAFT_RUST_DIST_SERVER=$SERVER
		sleep 0.3
		curl -sf -o /dev/null "$SERVER/index.json" && return 0
	done
	cat "$T/nginx/error" >&2
	return 1
}
