# SPDX-License-Identifier: BSD-3-Clause
# For files whose tests each have a server with the dist tree of dist.bash; "load helper"
# first.

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
