# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust run for Firecracker and Xen, with stand-ins for both, and what all monitors
# share. vm.bats has the real QEMU.

load helper

setup() {
	fresh_home
	mkdir bin
	ln -s "$ROOT/tests/vm/firecracker" "$ROOT/tests/vm/xl" bin
	export PATH=$PWD/bin:$PATH DOMAINS=$T/domains MACHINE=exit:0
	unset CONFIG INITRD "${!RUST_@}"
	mkdir "$DOMAINS"
	cp "$(type -P true)" m
}

# After a test nothing is left: no domain, no file of ours, no process of its machine.
teardown() {
	[ -z "$(ls "$DOMAINS")" ]
	[ -z "$(find "$T/cache" "$T/kraft" -name '.stage*' 2>/dev/null)" ]
}

@test "each exit status arrives, and of the output all that the program wrote" {
	for plat in fc xen; do
		for n in 0 1 3 42 101 127 134 255; do
			MACHINE=exit:$n run --separate-stderr -$n "$KR" run --plat $plat ./m
			[[ $output == 'line <'*'-- %kraft-rust %=m>' ]]
			[ "$stderr" = '' ]
		done
	done
}

@test "arguments and variables are in the command line, decoded or not" {
	run -0 "$KR" run --plat fc --env 'A=b c' ./m 'x y' '' -- --mem
	[ "$output" = 'line <kernel -- %kraft-rust %=m %+A=b%20c x%20y % -- --mem>' ]
	run -0 "$KR" run --plat xen --env 'A=b c' ./m '"'
	[ "$output" = 'line <-- %kraft-rust %=m %+A=b%20c %22>' ]
}

@test "memory, processors, file system and network reach the monitor" {
	export CONFIG=$T/seen INITRD=$T/initrd
	echo cpio >'my "files"'
	run -0 "$KR" run --plat fc --mem 1g --cpus 2 --initrd 'my "files"' \
		--net tap=tap7,ip=172.44.0.2/24,gw=172.44.0.1 ./m
	[ "$output" = 'line <kernel netdev.ip=172.44.0.2/24:172.44.0.1 -- %kraft-rust %=m>' ]
	[ "$(cat "$CONFIG")" = '{"drives":[],"machine-config":{"mem_size_mib":1024,"vcpu_count":2},"network-interfaces":[{"guest_mac":"06:00:b8:4a:68:8f","host_dev_name":"tap7","iface_id":"net0"}]}' ]
	[ "$(cat "$INITRD")" = cpio ]
	rm "$INITRD"
	run -0 "$KR" run --plat xen --mem 64M --cpus 3 --initrd 'my "files"' --net bridge=xenbr0 ./m
	diff - "$CONFIG" <<-EOT
		type = "$([ "$(uname -m)" = x86_64 ] && echo pv || echo pvh)"
		memory = 64
		vcpus = 3
		vif = ["bridge=xenbr0"]
		on_poweroff = "destroy"
		on_reboot = "destroy"
		on_crash = "destroy"
	EOT
	[ "$(cat "$INITRD")" = cpio ]
}

@test "a machine that dies, or cannot start, is no success" {
	for plat in fc xen; do
		MACHINE=die run -125 "$KR" run --plat $plat ./m
		has 'line <'
		has 'kraft-rust: the machine ended, and the program had not told its exit status'
		has 'log: something about the machine'
		lacks 'does not run under Xen'
		MACHINE=fail run -125 "$KR" run --plat $plat ./m
		has $'failed (status 1)\n  cannot open the hypervisor: No such file or directory'
	done
	[ -e /proc/xen/capabilities ] || has 'this machine does not run under Xen, or may not make domains'
}

@test "--timeout ends the machine" {
	for plat in fc xen; do
		MACHINE=hang run -124 "$KR" run --plat $plat --timeout 1 ./m
		has 'line <'
		has 'the program was still running after 1 second'
	done
	grep -q '^destroy kraft-rust-' "$DOMAINS.log"
}

@test "a monitor that closes the console and lives on is no reason to wait for it" {
	MACHINE=linger run -124 timeout -k 10 20 "$KR" run --plat fc --timeout 1 ./m
	has 'the program was still running after 1 second'
	MACHINE=linger run -130 timeout -k 10 --preserve-status -s INT 1 "$KR" run --plat fc ./m
	run -1 pgrep -f "^$HOME 1000"
}

@test "what a monitor leaves running is not waited for" {
	SECONDS=0
	MACHINE=leave:3 run -3 --separate-stderr "$KR" run --plat fc ./m
	[[ $output == 'line <'* ]]
	[ "$SECONDS" -lt 4 ]
}

@test "Ctrl-C while nobody reads what the program writes" {
	python3 - "$KR" <<-'EOT'
		import fcntl, os, signal, subprocess, sys, time
		r, w = os.pipe()
		fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
		env = dict(os.environ, MACHINE="flood")
		p = subprocess.Popen([sys.argv[1], "run", "--plat", "fc", "./m"], env=env,
		                     stdin=subprocess.DEVNULL, stdout=w)
		time.sleep(1)
		p.send_signal(signal.SIGINT)
		try:
		    sys.exit(p.wait(10) != -signal.SIGINT)
		except subprocess.TimeoutExpired:
		    p.kill()
		    sys.exit("still there")
	EOT
}

@test "Ctrl-C ends the machine" {
	for plat in fc xen; do
		cp m interrupted-$plat
		MACHINE=hang run -130 timeout -k 20 --preserve-status -s INT 1 "$KR" run --plat $plat ./interrupted-$plat
		has 'line <'
	done
	run -1 pgrep -f "^$HOME 1000"
	grep -q '^destroy kraft-rust-' "$DOMAINS.log"
}

@test "Ctrl-C while a domain is being made leaves nothing of it" {
	MAKING=0.5 MACHINE=hang run -130 timeout -k 20 --preserve-status -s INT 0.3 \
		"$KR" run --plat xen ./m
	[ -z "$(ls "$DOMAINS")" ]
}

@test "standard input reaches the machine, whatever is in it" {
	printf 'one\003\r\n\032two\0353\n' >input
	for plat in fc xen; do
		MACHINE=echo "$KR" run --plat $plat ./m <input >output
		# The console's ends of lines, and ^V in front of ^].
		tail -n +2 output | tr -d '\026' | cmp - <(sed 's/\r$//' input)
	done
}

@test "what a command line cannot hold is refused, not cut" {
	x=$(printf 'x%.0s' {1..1100})
	run -2 "$KR" run --plat xen ./m "$x"
	has '--initrd'
	[[ $output =~ 'too long: '([0-9]+)" bytes as a kernel's command line, of which Xen takes 1023" ]]
	fits=$((1100 - BASH_REMATCH[1] + 1023))
	run -0 "$KR" run --plat xen ./m "${x:0:fits}"
	has "${x:0:fits}>"
	run -2 "$KR" run --plat xen ./m "${x:0:fits + 1}"
	run -2 "$KR" run --plat fc ./m "$x$x"
	has 'of which Firecracker takes 1983'
	mapfile -t many < <(seq 1100)
	run -2 "$KR" run --plat fc ./m "${many[@]}"
	has '1100 arguments and 0 environment variables are too many: the kernel takes 1024 words in all'
	# QEMU: what execve can hand over.
	if command -v "qemu-system-$(uname -m)" >/dev/null; then
		run -2 bash -c 'x=$(head -c 70000 /dev/zero | tr "\\0" x); "$0" run --plat qemu --accel tcg ./m "$x" "$x"' "$KR"
		has 'of which QEMU takes 131071'
	fi
}

@test "variables that Rust programs read are passed on" {
	export RUST_LOG=a RUST_TEST_THREADS=1 RUST_TESTS=no OTHER=x Z1=1 Z2=2 Y=y
	run -0 "$KR" run --plat fc ./m
	has '%=m %+RUST_LOG=a %+RUST_TEST_THREADS=1>'
	run -0 "$KR" run --plat fc --env-pass none ./m
	has '%=m>'
	run -0 "$KR" run --plat fc --env-pass 'Z*,OTHER,NONE' --env Y --env RUST_LOG=b ./m
	has '%=m %+OTHER=x %+Z1=1 %+Z2=2 %+Y=y %+RUST_LOG=b>'
	run -2 "$KR" run --plat fc --env-pass A=b ./m
	has "--env-pass is a list of names, NAME,NAME*, not 'A=b'"
}

@test "what a monitor does not have is refused, with what it has" {
	run -2 "$KR" run --plat fc --net user ./m
	has 'Firecracker has no network but a tap device'
	has '--net tap=tap0'
	run -2 "$KR" run --plat fc --port 80 ./m
	has 'Firecracker has no network but a tap device'
	run -2 "$KR" run --plat xen --net tap=tap0 ./m
	has 'Xen has no network but a device on a bridge'
	run -2 "$KR" run --plat fc --accel tcg ./m
	has '--accel is for QEMU; Firecracker has no choice'
	run -2 "$KR" run --plat host --mem 1 ./m
	has "--mem is for a virtual machine; a program for host runs on this machine's own kernel"
	run -2 "$KR" run --plat xen --net bridge=a/b ./m
	has '--net bridge=a/b: this is no name of a device'
}

@test "an image or a file system that is no file is not waited for" {
	mkfifo pipe
	run -3 timeout 10 "$KR" run --plat fc --initrd pipe ./m
	has 'pipe: is not a file'
	run -3 timeout 10 "$KR" run --plat fc --initrd . ./m
	has '.: is not a file'
	run -3 timeout 10 "$KR" run --plat fc ./pipe
	has './pipe: is not a file'
}

@test "a monitor that is not here, an image for another processor" {
	PATH=$T run -6 "$KR" run --plat fc ./m
	has 'firecracker is not on PATH'
	has 'https://github.com/firecracker-microvm/firecracker/releases'
	PATH=$T run -6 "$KR" run --plat xen ./m
	has 'xl is not on PATH'
	echo text >text
	for plat in qemu fc xen; do
		run -3 "$KR" run --plat $plat text
		has 'kraft-rust: text: is neither an ELF image nor a Linux kernel for arm64'
	done
	printf '\xf3\x00' | dd of=m bs=1 seek=18 conv=notrunc status=none
	run -1 "$KR" run --plat fc ./m
	has "m: Firecracker runs images for this machine's own processor only"
	run -1 "$KR" run --plat xen ./m
	has "m: Xen runs images for this machine's own processor only"
}

@test "--dry-run prints the command and the configuration, and starts nothing" {
	cp m 'a "b\c'
	MACHINE=fail run -0 "$KR" run --dry-run --plat xen './a "b\c' arg
	has $'/xl create -q -c CONFIG\n\nCONFIG:\nname = "kraft-rust-'
	has 'kernel = "./a \"b\\c"'
	has ' arg"'
	MACHINE=fail run -0 "$KR" run -n --plat fc ./m
	has '/firecracker --no-api --config-file CONFIG --log-path /proc/self/fd/2 --level Error'
	has '"kernel_image_path": "./m"'
	run -0 "$KR" run -n --plat host ./m 'a b'
	[ "$output" = "./m 'a b'" ]
}
