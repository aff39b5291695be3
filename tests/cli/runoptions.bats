# SPDX-License-Identifier: BSD-3-Clause
# Run options in a project: kraft-rust config writes them into the block, keeps them, and
# cargo hands them to kraft-rust run.

load helper

setup() {
	fresh_home
	fake_rustc "$T/one" 1.90.0
	export PATH=$T/one/bin:$BUILD:$PATH
	CONFIG=$T/work/.cargo/config.toml
	for plat in qemu fc xen host; do
		fake_install "$T/one/bin/rustc" x86_64 $plat >/dev/null
	done
}

# runner WANT: the target's runner, as it stands in the file
runner() {
	[ "$(grep '^runner = ' "$CONFIG")" = "runner = $1" ] || {
		grep -n runner "$CONFIG" >&2
		return 1
	}
}

@test "options are written, kept by a call without any, replaced and dropped" {
	run -0 "$KR" config x86_64 qemu --mem 1G --cpus 2 -p 8080:80 -p 53:53/udp --timeout 60 --accel tcg
	has 'run options of x86_64 qemu: --mem 1G --cpus 2 --port 8080:80 --port 53:53/udp --timeout 60 --accel tcg'
	runner '"kraft-rust run --mem 1G --cpus 2 --port 8080:80 --port 53:53/udp --timeout 60 --accel tcg"'
	cp "$CONFIG" before
	run -0 "$KR" config x86_64 qemu
	has 'is up to date'
	has 'run options of x86_64 qemu: --mem 1G'
	cmp before "$CONFIG"
	run -0 "$KR" config x86_64 qemu --panic abort
	runner '"kraft-rust run --mem 1G --cpus 2 --port 8080:80 --port 53:53/udp --timeout 60 --accel tcg"'
	run -0 "$KR" config x86_64 qemu --mem 2G
	runner '"kraft-rust run --mem 2G"'
	run -0 "$KR" config x86_64 qemu --no-run-options
	runner '"kraft-rust run"'
	lacks 'run options'
}

@test "another combination does not inherit them" {
	"$KR" config x86_64 qemu --mem 2G
	run -0 "$KR" config x86_64 fc
	runner '"kraft-rust run"'
}

@test "blanks, quotes, newlines and other scripts" {
	local odd=$'a "b"\\ \'c\'\n\té#]'
	touch 'disk é.cpio'
	"$KR" config x86_64 qemu --env "ODD=$odd" --initrd 'disk é.cpio'
	cp "$CONFIG" before
	run -0 "$KR" config x86_64 qemu
	cmp before "$CONFIG"
	run -1 "$KR" config x86_64 qemu --env $'A=\xff'
	has 'A=\xff: this option is not UTF-8'
	cmp before "$CONFIG"
	# As TOML reads it.
	python3 -c 'import tomllib' 2>/dev/null || skip 'this Python has no tomllib'
	python3 - "$CONFIG" "$odd" "$PWD/disk é.cpio" <<-'EOT'
		import sys, tomllib
		runner = next(iter(tomllib.load(open(sys.argv[1], 'rb'))['target'].values()))['runner']
		assert runner == ['kraft-rust', 'run', '--env', 'ODD=' + sys.argv[2], '--initrd', sys.argv[3]], runner
	EOT
}

@test "a file that the user has edited" {
	"$KR" config x86_64 qemu --mem 1G
	sed -i "s/^runner = .*/runner = [ 'kraft-rust', \"run\", # mine\n  '--env', \"A=\\\\u00e9 b\",\n]/" "$CONFIG"
	run -0 "$KR" config x86_64 qemu
	runner '["kraft-rust", "run", "--env", "A=é b"]'
	sed -i 's/^runner = .*/runner = 7/' "$CONFIG"
	line=$(grep -n '^runner' "$CONFIG" | cut -d : -f 1)
	run -3 "$KR" config x86_64 qemu
	has "find the run options of x86_64 qemu: $CONFIG:$line: not valid TOML: a string of one line is expected here"
	has 'mend that line, or delete it and give the options again'
	run -0 "$KR" config x86_64 qemu --no-run-options
	runner '"kraft-rust run"'
	sed -i 's/^runner = .*/runner = "strace kraft-rust"/' "$CONFIG"
	run -0 "$KR" config x86_64 qemu
	runner '"kraft-rust run"'
}

@test "several combinations keep their own" {
	"$KR" config x86_64 fc --net tap=tap0
	"$KR" config x86_64 qemu x86_64 fc --port 8080:80
	runner '"kraft-rust run --port 8080:80"'
	grep -qF '"target.x86_64-unikraft-linux-musl.runner=\"kraft-rust run --plat fc --net tap=tap0\""' "$CONFIG"
	cp "$CONFIG" before
	run -0 "$KR" config x86_64 qemu x86_64 fc
	has 'run options of x86_64 fc: --net tap=tap0'
	cmp before "$CONFIG"
	# The order turns, and with it which of them owns the target's table.
	run -0 "$KR" config x86_64 fc x86_64 qemu
	runner '"kraft-rust run --net tap=tap0"'
	grep -qF 'kraft-rust run --plat qemu --port 8080:80\""' "$CONFIG"
	# cargo's own options are text here, which it splits at blanks.
	"$KR" config x86_64 qemu --env 'A=b c'
	run -1 "$KR" config x86_64 fc x86_64 qemu
	has 'there is a blank in a path or in a run option'
}

@test "what could never work is refused before anything is written" {
	run -2 "$KR" config x86_64 qemu --mem lots
	has "--mem is an amount such as 512, 512M (MiB) or 2G, not 'lots'"
	run -2 "$KR" config x86_64 fc --net user
	has 'Firecracker has no network but a tap device'
	run -2 "$KR" config x86_64 qemu --port 80:x
	has '--port 80:x: this is no forwarded port'
	run -2 "$KR" config x86_64 qemu --net tap=t --port 80:80
	has '--port forwards ports of QEMU'"'"'s user network'
	run -2 "$KR" config x86_64 qemu --initrd nowhere
	has '--initrd nowhere: there is no such file'
	run -2 "$KR" config x86_64 host --mem 1G
	has 'the platform host has no machine that an option could be for'
	run -2 "$KR" config x86_64 qemu --mem 1G --no-run-options
	has '--mem and --no-run-options exclude each other'
	[ ! -e .cargo ]
}

@test "cargo hands them over from any folder" {
	command -v cargo >/dev/null || skip 'no cargo on PATH'
	mkdir -p p/src p/sub
	: >p/root.cpio
	"$KR" config x86_64 qemu -C p --initrd p/root.cpio --env 'A=b c'
	# The runner alone, for a program that this machine can build.
	{
		echo "[target.$(PATH=${PATH#*:*:} rustc -vV | sed -n 's/^host: //p')]"
		grep '^runner = ' p/.cargo/config.toml | sed "s,\"kraft-rust\",\"$T/show\","
	} >runner.toml
	printf '#!/bin/sh\nprintf "<%%s>" "$@"\n' >"$T/show"
	chmod +x "$T/show"
	rm -r p/.cargo
	printf '[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n' >p/Cargo.toml
	echo 'fn main() {}' >p/src/main.rs
	cd p/sub
	PATH=${PATH#*:*:} run -0 cargo run -q --config "$T/work/runner.toml" -- x 'y z'
	[[ $output == "<run><--env><A=b c><--initrd><$T/work/p/root.cpio><"*"/p><x><y z>" ]]
}
