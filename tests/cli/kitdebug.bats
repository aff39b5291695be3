# SPDX-License-Identifier: BSD-3-Clause
# The separate part of a kit, with its debug information: a make tree of our own in place of
# Unikraft.

load helper

TREE=$BATS_TEST_DIRNAME/faketree

setup() {
	fresh_home
	"$KR" kit build x86_64 qemu --unikraft "$TREE" -q >/dev/null
	KIT=$(kit directory)
}

kit() {
	"$KR" kit list --json | jq -r ".[] | select(.used).$1"
}

# The image ./m of a program, linked with the kit, whose own object would be the machine.
link() {
	as --64 --defsym MODE=0 --defsym STATUS=5 -o m.o "$ROOT/tests/vm/machine.s"
	"$BUILD/kraftld" m.o -Wl,--allow-multiple-definition -o m
}

@test "kit build keeps the debug information beside the kit" {
	readelf -SW "$KIT.debug/objects/kernel.o" | grep -q '\.debug_line'
	run readelf -SW "$KIT/objects/kernel.o"
	lacks .debug_line
	[ "$(cd "$KIT.debug" && find . -type f)" = ./objects/kernel.o ]
	size=$(stat -c %s "$KIT.debug/objects/kernel.o")
	[ "$(kit debug.there)" = true ]
	[ "$(kit debug.bytes)" = "$size" ]
	run "$KR" kit list
	[ "${#lines[@]}" -eq 2 ]
	has "$(((size + 1023) / 1024)) KB"
	run "$KR" kit show x86_64 qemu
	has "debug:      $(((size + 1023) / 1024)) KB"
	rm -r "$KIT.debug"
	run "$KR" kit show x86_64 qemu
	has 'debug:      none'
	[ "$(kit debug.there)" = false ]
}

@test "what boots is the same with and without, and the kit's id too" {
	link
	cp m without
	run readelf -WS m.dbg
	lacks .debug_line
	KRAFTLD_KIT_DEBUG=1 link
	cmp m without
	addr2line -e m.dbg "$(nm m.dbg | sed -n 's/ T _start$//p')" | grep -q machine.s:
	id=$(kit id)
	"$KR" kit build x86_64 qemu --unikraft "$TREE" -q >/dev/null
	[ "$(kit id)" = "$id" ]
	[ -z "$(ls -A "$KRAFT_RUST_HOME/kits/qemu-x86_64" | grep stage)" ]
}

@test "KRAFTLD_KIT_DEBUG without debug information says so" {
	KRAFTLD_KIT_DEBUG=0 link
	cp m old
	rm -r "$KIT.debug"
	KRAFTLD_KIT_DEBUG=1 run -1 link
	has "KRAFTLD_KIT_DEBUG is set, and there is no debug information of the kit: $KIT.debug"
	has "'kraft-rust kit build' makes it"
	cmp m old
}

@test "export and import, and the same archive for the same files" {
	"$KR" kit export x86_64 qemu -q -o k.tar.gz --debug d.tar.gz
	"$KR" kit export x86_64 qemu -q --debug again.tar.gz
	cmp d.tar.gz again.tar.gz
	cp -r "$KIT.debug" was
	rm -r "$KRAFT_RUST_HOME/kits" "$KRAFT_RUST_HOME/linkers"
	run -1 "$KR" kit import d.tar.gz
	has "d.tar.gz: belongs to the kit ${KIT##*/} of x86_64 qemu, which is not here"
	has 'import that kit first'
	"$KR" kit import -q k.tar.gz >/dev/null
	[ ! -e "$KIT.debug" ]
	run --separate-stderr "$KR" kit import d.tar.gz
	[ "$status" -eq 0 ]
	[ "$output" = "$KIT.debug" ]
	diff -r was "$KIT.debug"
	[ -z "$(find "$XDG_CACHE_HOME/kraft-rust/build" -mindepth 1 2>/dev/null)" ]
	rm -r "$KIT.debug"
	run -1 "$KR" kit export x86_64 qemu --debug none.tar.gz
	has "has no debug information beside it"
	run -2 "$KR" kit export x86_64 qemu --debug d.zip
	has 'd.zip: its name has to end in .tar.zst, .tar.xz or .tar.gz'
	run -2 "$KR" kit export x86_64 qemu -o one.tar.gz --debug one.tar.gz
	has '--output and --debug are two archives, not one'
	[ ! -e one.tar.gz ]
	run -2 "$KR" kit export x86_64 qemu
	has "'kit export' needs the archive's name"
}

# pack FILE: ./x, with what describes it in front.
pack() {
	(cd x && find . -mindepth 1 ! -type d -printf '%d %P\n') | sort | cut -d' ' -f2 |
		tar -C x --format=ustar --owner=0 --group=0 -czf "$1" -T -
}

# refused MESSAGE: an archive of ./x, which was d.tar.gz, is not taken.
refused() {
	pack bad.tar.gz
	run -5 "$KR" kit import bad.tar.gz
	has "$1"
	[ ! -e "$KIT.debug" ]
	rm -r x
	mkdir x && tar -C x -xzf d.tar.gz
}

@test "debug information of another kit, or of an enemy, is refused" {
	"$KR" kit export x86_64 qemu -q --debug d.tar.gz
	rm -r "$KIT.debug"
	mkdir x && tar -C x -xzf d.tar.gz
	object=lib/kraft-rust/kit-debug/qemu-x86_64/objects/kernel.o
	top=$(echo x/*)
	component=$top/kraft-rust-kit-debug-qemu-x86_64
	# Other code.
	as --64 -g --defsym MODE=1 --defsym STATUS=0 -o "$component/$object" "$ROOT/tests/vm/machine.s"
	refused "bad.tar.gz: objects/kernel.o is not the object that the kit ${KIT##*/} has"
	# The same code, another symbol.
	objcopy --redefine-sym _start=_other "$component/$object"
	refused 'objects/kernel.o is not the object'
	objcopy --globalize-symbol=puts "$component/$object"
	refused 'objects/kernel.o is not the object'
	objcopy --add-section .text.more=/bin/sh --set-section-flags .text.more=alloc,code "$component/$object"
	refused 'objects/kernel.o is not the object'
	printf 'kernel' >comment
	objcopy --add-section .comment=comment "$component/$object"
	refused 'objects/kernel.o is not the object'
	objcopy -R .rela.text "$component/$object"
	refused 'objects/kernel.o is not the object'
	echo text >"$component/$object"
	refused 'objects/kernel.o is not the object'
	# A file that the kit has not.
	mv "$component/$object" "${component}/${object%kernel.o}more.o"
	sed -i 's/kernel\.o/more.o/' "$component/manifest.in"
	refused 'objects/more.o is not the object'
	sed -i 's/"key": *"[^"]*"/"key": "..\/x"/' "$top/kraft-rust.json"
	refused 'does not say which kit it belongs to'
	sed -i 's/qemu-x86_64/qemu-vax/' "$top/kraft-rust.json"
	refused 'does not say which kit it belongs to'
	ln -sf /etc/passwd "$component/$object"
	refused bad.tar.gz
	# As it is, it is taken.
	pack good.tar.gz
	"$KR" kit import -q good.tar.gz
}

@test "gc and uninstall drop it with its kit" {
	mkdir -p "$KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef.debug"
	"$KR" gc -q
	[ -d "$KIT.debug" ]
	[ ! -e "$KRAFT_RUST_HOME/kits/qemu-x86_64/0123456789abcdef.debug" ]
	rm "$KRAFT_RUST_HOME"/linkers/*
	"$KR" gc -q
	[ ! -e "$KIT" ]
	[ ! -e "$KIT.debug" ]
}
