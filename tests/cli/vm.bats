# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust run under the real QEMU, with a machine of our own in tests/vm, which a kit
# of our own links: so kraftld's own steps are tested too.

load helper
load ../vm/kit

setup() {
	fresh_home
	machine_kit
}

# machine MODE STATUS: the image ./m
machine() {
	as --64 -g --defsym MODE="$1" --defsym STATUS="$2" -o m.o "$ROOT/tests/vm/machine.s"
	"$BUILD/kraftld" m.o -o m
}

@test "each exit status arrives, and of the output all that the program wrote" {
	for n in 0 1 3 41 42 101 127 134 255; do
		machine 0 $n
		run --separate-stderr -$n "$KR" run --accel tcg ./m
		[ "$output" = 'hello from the machine' ]
	done
}

@test "a machine that ends without a word is not a success" {
	machine 2 0
	run -125 "$KR" run --accel tcg ./m
	has 'hello from the machine'
	has 'kraft-rust: the machine ended, and the program had not told its exit status'
}

@test "--timeout ends the machine with 124" {
	machine 1 0
	run -124 "$KR" run --accel tcg --timeout 1 ./m
	has 'hello from the machine'
	has 'the program was still running after 1 second'
}

@test "Ctrl-C ends the machine" {
	machine 1 0
	cp m interrupted-machine
	run -130 timeout -k 20 --preserve-status -s INT 2 "$KR" run --accel tcg ./interrupted-machine
	has 'hello from the machine'
	sleep 0.2
	run -1 pgrep -f '%=interrupted-machine'
}

@test "standard input arrives whole, and ends" {
	machine 3 7
	run -7 bash -c 'printf "one\ntwo" | "$0" run --accel tcg ./m' "$KR"
	has $'hello from the machine\none\ntwo'
}

@test "several processors, a network and a forwarded port" {
	local port=$((20000 + RANDOM % 20000))
	machine 0 3
	run -3 "$KR" run --accel tcg --cpus 2 --mem 64m --port $port:80 --port 127.0.0.1:$port:53/udp ./m
	has 'hello from the machine'
	run -0 "$KR" run --accel tcg -n --port 18321:80 -p 1.2.3.4:18322:53/udp ./m
	has 'user,hostfwd=tcp:127.0.0.1:18321-:80,hostfwd=udp:1.2.3.4:18322-:53,id=net0'
	run -0 "$KR" run --accel tcg -n --net tap=t0,ip=10.0.0.2/8 ./m
	has 'tap,ifname=t0,script=no,downscript=no,id=net0'
	has "'netdev.ip=10.0.0.2/8 -- %kraft-rust"
}

@test "a number that is none is refused" {
	machine 0 0
	run -2 "$KR" run --mem 0 ./m
	has "--mem is an amount such as 512, 512M (MiB) or 2G, not '0'"
	run -2 "$KR" run --mem 12T ./m
	has "not '12T'"
	run -2 "$KR" run --cpus 0 ./m
	has "--cpus is a whole number above 0, not '0'"
	run -2 "$KR" run --timeout 1x ./m
	has "--timeout is a whole number above 0, not '1x'"
	run -2 "$KR" run --accel hvf ./m
	has "--accel is auto, kvm or tcg, not 'hvf'"
	run -2 "$KR" run --env =x ./m
	has '--env =x: a variable has a name'
	run -1 "$KR" run --initrd nowhere ./m
	has 'nowhere: No such file or directory'
}

@test "strip and bootinfo make what GNU strip and objcopy make" {
	sed -i '/^step = multiboot/d' "$KIT/kit.conf"
	machine 0 0
	strip -s m.dbg -o want
	# Magic, version, capacity 8, two regions of the kernel: address twice, length,
	# type 4, flags read and execute, read and write.
	{
		printf '\260\260\007\260\001'
		head -c 67 /dev/zero
		printf '\010\0\0\0\002\0\0\0'
		printf '\0\0\020\0\0\0\0\0\0\0\020\0\0\0\0\0\0\020\0\0\0\0\0\0\004\0\005\0\0\0\0\0'
		printf '\0\020\020\0\0\0\0\0\0\020\020\0\0\0\0\0\0\020\0\0\0\0\0\0\004\0\003\0\0\0\0\0'
		head -c 192 /dev/zero
	} >table
	objcopy want --update-section .uk_bootinfo=table
	cmp m want
}

@test "an unknown step, or one that cannot be done, leaves the old image alone" {
	machine 0 0
	cp m old
	sed -i 's/^step = multiboot/step = sparkle/' "$KIT/kit.conf"
	run -3 "$BUILD/kraftld" m.o -o m
	has "the kit has a step 'sparkle' that this version does not know"
	cmp m old
	sed -i 's/^step = sparkle/step = linux-arm64/' "$KIT/kit.conf"
	run -1 "$BUILD/kraftld" m.o -o m
	has 'has no symbol _start_ram_addr'
	cmp m old
}
