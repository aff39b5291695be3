# SPDX-License-Identifier: BSD-3-Clause
# Common to the tests of kraftld: "load kraftld" after "load helper".
#
#   $LD     kraftld, from $BUILD
#   $KIT    a kit without a C library: start.o calls main and ends with its result

need_native() {
	[ "$(uname -m)" = x86_64 ] || skip "these programs are for x86_64"
}

# combination PLAT [LINE...]: a wrapper config.
combination() {
	local plat=$1
	shift
	mkdir -p "$KRAFT_RUST_HOME/linkers"
	{
		printf '%s\n' 'format = 1' 'architecture = x86_64' "platform = $plat" \
			"target = $TARGET" 'machine = 62' 'ld = x86_64-linux-gnu-ld' 'ld = ld' \
			"install = kraft-rust install x86_64 $plat" "$@"
	} >"$KRAFT_RUST_HOME/linkers/$plat-x86_64.conf"
}

# The kit; more lines of kit.conf as arguments.
make_kit() {
	KIT=$T/kit
	mkdir -p "$KIT"
	cat >"$T/start.c" <<-'EOF'
		int main(void);
		void say(const char *text);
		static long call(long number, long a, long b, long c)
		{
			long result;
			__asm__ volatile("syscall" : "=a"(result)
				: "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
			return result;
		}
		void say(const char *text)
		{
			long n = 0;
			while (text[n])
				n++;
			call(1, 1, (long)text, n);
		}
		void _start(void)
		{
			call(60, main(), 0, 0);
		}
	EOF
	cc -c -O1 -ffreestanding -fno-stack-protector -fPIE -o "$KIT/start.o" "$T/start.c"
	{
		printf '%s\n' 'format = 1' 'architecture = x86_64' 'platform = host' \
			"target = $TARGET" 'machine = 62' 'arg = -m' 'arg = elf_x86_64' 'arg = -static' \
			'arg = {strip}' 'arg = {kit}/start.o' 'arg = {inputs}' 'arg = -o' 'arg = {output}' "$@"
	} >"$KIT/kit.conf"
}

# program NAME [TEXT]: NAME.o says TEXT (default: NAME).
program() {
	printf 'void say(const char *); int main(void) { say("%s\\n"); return 0; }\n' "${2-$1}" |
		cc -c -x c -O1 -ffreestanding -fno-stack-protector -fPIE -o "$1.o" -
}

# The same for the C library of a build.
c_program() {
	printf '#include <unistd.h>\nint main(void) { write(1, "%s\\n", %d); return 0; }\n' "$1" \
		$((${#1} + 1)) | cc -c -x c -O1 -fno-pie -o "$1.o" -
}

LD=$BUILD/kraftld

# Nothing of a link is left in the folder.
assert_swept() {
	local left
	left=$(find "$1" -name '.kraftld-*' -o -name '*.kraftld-args')
	[ -z "$left" ] || { echo "left behind: $left" >&2; return 1; }
}
