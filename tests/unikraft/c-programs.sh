# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# A program in C: arguments and the exit status, without std.

check_c() {
	local compiler=$1
	cat >"$T/program.c" <<-'EOT'
		#include <stdio.h>
		#include <stdlib.h>
		int main(int argc, char **argv)
		{
			printf("%d:%s\n", argc, argc > 2 ? argv[2] : "");
			if (argc > 3)
				abort();
			return argc > 1 ? atoi(argv[1]) : 0;
		}
	EOT
	"$compiler" -c -O2 -fno-pic -fno-stack-protector -U_FORTIFY_SOURCE -o "$T/program.o" \
		"$T/program.c"
	capture env KRAFTKIT_PLAT=qemu KRAFTKIT_ARCH="$arch" kraftld "$T/program.o" -o "$T/program"
	check "C: link" ended 0
	vm --plat qemu "$T/program"
	check "C: no arguments" ended 0 1:
	vm --plat qemu "$T/program" 42 'a "b'
	check "C: arguments, status 42" ended 42 '3:a "b'
	vm --plat qemu "$T/program" 255 ''
	check "C: an empty argument, status 255" ended 255 3:
	vm --plat qemu "$T/program" 1 x y
	check "C: abort()" ended 134 4:x
}
