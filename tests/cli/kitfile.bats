# SPDX-License-Identifier: BSD-3-Clause
# kraft-rust kit export and import: kits as archives, and archives from an enemy.

load helper

setup_file() {
	export MADE=$BATS_FILE_TMPDIR
	BATS_TEST_TMPDIR=$MADE/maker fresh_home
	"$KR" kit build x86_64 qemu --unikraft "$BATS_TEST_DIRNAME/faketree" -q
	for format in gz xz zst; do
		"$KR" kit export x86_64 qemu -o "$MADE/kit.tar.$format" -q
	done
	cp -r "$KRAFT_RUST_HOME/kits" "$MADE/kits"
}

setup() {
	fresh_home
}

KIT=lib/kraft-rust/kits/qemu-x86_64

# The good archive's files in src/, and their names in its order in list; $top and $in are
# its folder and where the kit's files are in that.
taken_apart() {
	mkdir src
	tar -xzf "$MADE/kit.tar.gz" -C src
	tar -tzf "$MADE/kit.tar.gz" >list
	top=$(head -n 1 list)
	top=${top%/}
	in=$top/${top%-*}/$KIT
	[ -f "src/$in/kit.conf" ]
}

# listed FILE...: more files of the kit, which the manifest lists.
listed() {
	local file
	for file; do
		echo "file:$KIT/$file" >>"src/$top/${top%-*}/manifest.in"
		echo "$in/$file" >>list
	done
}

# packed [OPTION...]: bad.tar.gz of them.
packed() {
	tar --format="${FORMAT:-ustar}" --no-recursion -P -czf bad.tar.gz "$@" -C src -T list
}

everything() {
	find "$T" -path "$T/work" -prune -o -printf '%p %y %s %T@\n' | grep -v '/lock ' |
		grep -v " d " | sort
	[ ! -d "$KRAFT_RUST_HOME" ] || find "$KRAFT_RUST_HOME" -type f -exec sha256sum {} + | sort
}

# refused MESSAGE [FILE]: by a machine with a kit, which then is as it was.
refused() {
	"$KR" kit import "$MADE/kit.tar.zst" -q >/dev/null
	everything >before
	run -5 "$KR" kit import "${2:-bad.tar.gz}"
	has "$1"
	everything | diff before -
	[ -z "$(find "$T" -name '.stage-*')" ]
}

@test "a kit comes out of its archive as it went in, whatever the format" {
	for format in gz xz zst; do
		rm -rf "$KRAFT_RUST_HOME"
		run "$KR" kit import "$MADE/kit.tar.$format"
		[ "$status" -eq 0 ]
		has 'the kit of x86_64 qemu is ready:'
		diff -r -x "*.debug" "$KRAFT_RUST_HOME/kits" "$MADE/kits"
		[ -d "${lines[1]}" ]
		[ "$("$KR" kit list --json | jq -r '.[0].directory')" = "${lines[1]}" ]
	done
	as --64 --defsym MODE=0 --defsym STATUS=5 -o m.o "$ROOT/tests/vm/machine.s"
	sed -i '/kernel.o/d' "$KRAFT_RUST_HOME"/kits/*/*/kit.conf
	"$BUILD/kraftld" m.o -o m
}

@test "the same kit gives the same archive, and importing it again changes nothing" {
	"$KR" kit import "$MADE/kit.tar.xz" -q
	"$KR" kit export x86_64 qemu -o again.tar.xz
	cmp again.tar.xz "$MADE/kit.tar.xz"
	inode=$(stat -c %i "$KRAFT_RUST_HOME"/kits/*/*/kit.conf)
	"$KR" kit import again.tar.xz -q
	[ "$(stat -c %i "$KRAFT_RUST_HOME"/kits/*/*/kit.conf)" = "$inode" ]
	# One that was damaged meanwhile is replaced.
	echo '# x' >>"$(echo "$KRAFT_RUST_HOME"/kits/*/*/kit.conf)"
	"$KR" kit import again.tar.xz -q
	diff -r -x "*.debug" "$KRAFT_RUST_HOME/kits" "$MADE/kits"
}

@test "the cache may be on another file system than the store" {
	[ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$T")" ] ||
		skip '/dev/shm is no other file system'
	XDG_CACHE_HOME=$(mktemp -d /dev/shm/kraft-XXXXXX)
	run "$KR" kit import "$MADE/kit.tar.gz"
	left=$(find "$XDG_CACHE_HOME" -type f)
	rm -rf "$XDG_CACHE_HOME"
	[ "$status" -eq 0 ]
	[ -z "$left" ]
	diff -r -x "*.debug" "$KRAFT_RUST_HOME/kits" "$MADE/kits"
}

@test "an imported kit is the combination's" {
	fake_rustc "$T/fake" 1.96.0
	run -1 "$KR" kit show x86_64 qemu
	has "run 'kraft-rust kit build x86_64 qemu --unikraft DIR --lib DIR' or 'kraft-rust kit import FILE'"
	"$KR" kit import "$MADE/kit.tar.zst" -q
	run "$KR" list --rustc "$T/fake/bin/rustc" --json
	[ "$(jq -r '.combinations[] | select(.id == "qemu-x86_64").kit' <<<"$output")" = "$(echo "$KRAFT_RUST_HOME"/kits/qemu-x86_64/*)" ]
}

@test "export: what cannot be written is said" {
	run -1 "$KR" kit export x86_64 qemu -o k.tar.gz
	has 'there is no kit for x86_64 qemu'
	run -2 "$KR" kit export x86_64 qemu
	has "'kit export' needs the archive's name"
	run -2 "$KR" kit export x86_64 qemu -o k.zip
	has 'k.zip: its name has to end in .tar.zst, .tar.xz or .tar.gz'
	run -2 "$KR" kit export x86_64 host -o k.tar.gz
	has "the kit of x86_64 host is made from a machine's own musl"
	"$KR" kit import "$MADE/kit.tar.zst" -q
	run -1 "$KR" kit export x86_64 qemu -o nowhere/k.tar.gz
	has 'nowhere/k.tar.gz'
	FAKE=script "$KR" kit build x86_64 qemu --unikraft "$BATS_TEST_DIRNAME/faketree" -q
	run -5 "$KR" kit export x86_64 qemu -o k.tar.gz
	has 'at every link, which a kit from elsewhere may not'
	[ ! -e k.tar.gz ]
}

@test "import: what is no kit" {
	run -1 "$KR" kit import nothing.tar.gz
	has 'nothing.tar.gz: No such file or directory'
	run -3 "$KR" kit import .
	has '.: is not a file'
	mkfifo pipe
	run -3 timeout 5 "$KR" kit import pipe
	has 'pipe: is not a file'
	: >empty
	refused 'empty: ' empty
	echo some text >text
	refused 'text: ' text
	taken_apart
	echo '{}' >"src/$top/kraft-rust.json"
	packed
	refused 'bad.tar.gz: is not a kit'
	rm "src/$top/kraft-rust.json"
	sed -i '/kraft-rust.json/d' list
	packed
	refused 'bad.tar.gz: is not a kit'
}

@test "import: a std is no kit" {
	taken_apart
	echo '{"kind": "std", "key": "k", "target": "t", "rustc": "r", "host": "h", "recipe": "r", "unpacked": 1}' \
		>"src/$top/kraft-rust.json"
	packed
	refused "it is std for a compiler: 'kraft-rust install ARCH PLAT --from FILE'"
}

@test "import: paths that lead out" {
	taken_apart
	echo evil >src/evil
	echo evil >>list
	packed --transform "s,^evil,$in/../../../../../../evil,"
	refused "has the part '..'"
	packed --transform "s,^evil,$T/evil,"
	refused 'is absolute'
	packed --transform "s,^evil,$in/a\\\\b,"
	refused 'has a control character or a backslash'
	packed --transform "s,^evil,other/evil,"
	refused 'has more than one directory at its top'
	packed --transform "s,^evil,$top/${top%-*}/bin/evil,"
	refused 'has a file out of place'
	packed --transform "s,^evil,$in/evil,"
	refused 'has a file that its manifest.in does not list'
	[ ! -e "$T/evil" ]
}

@test "import: links, pipes and devices" {
	taken_apart
	listed evil
	ln -s /etc/passwd "src/$in/evil"
	packed
	refused 'is a symbolic link'
	rm "src/$in/evil"
	ln "src/$in/kit.conf" "src/$in/evil"
	# Its target's name is too long for ustar.
	FORMAT=gnu packed
	refused 'is a hard link'
	rm "src/$in/evil"
	mkfifo "src/$in/evil"
	packed
	refused 'is neither a file nor a directory'
	rm "src/$in/evil"
	mknod "src/$in/evil" c 1 3 || return 0
	packed
	refused 'is neither a file nor a directory'
}

@test "import: a link first, and a file through it" {
	taken_apart
	mkdir "$T/outside"
	ln -s "$T/outside" "src/$in/d"
	listed d
	echo evil >src/evil
	echo evil >>list
	packed --transform "s,^evil,$in/d/evil,"
	refused 'is a symbolic link'
	[ -z "$(ls "$T/outside")" ]
}

@test "import: absurd sizes" {
	taken_apart
	listed big
	truncate -s 257M "src/$in/big"
	packed
	refused 'unpacks to more than 268435456 bytes'
	truncate -s 200M "src/$in/big"
	packed
	refused 'unpacks to more than 200 times its size'
}

@test "import: the same name twice" {
	taken_apart
	echo "$in/kit.conf" >>list
	packed --hard-dereference
	refused 'twice'
}

@test "import: cut anywhere" {
	for format in gz xz zst; do
		size=$(stat -c %s "$MADE/kit.tar.$format")
		for at in 10 $((size / 2)) $((size - 9)); do
			head -c "$at" "$MADE/kit.tar.$format" >"cut.tar.$format"
			refused "cut.tar.$format: " "cut.tar.$format"
		done
	done
	# Files that the manifest lists are not there.
	taken_apart
	sed -i "/kernel.o/d" list
	packed
	refused 'lacks a file that its manifest.in lists'
}

@test "import: for another machine" {
	taken_apart
	cp -r src good
	sed -i 's/^machine = .*/machine = 183/' "src/$in/kit.conf"
	packed
	refused 'is for x86_64 qemu (ELF machine 183), not for x86_64 qemu'
	sed 's/^architecture = .*/architecture = arm64/' "good/$in/kit.conf" >"src/$in/kit.conf"
	packed
	refused 'is for arm64 qemu'
	cp "good/$in/kit.conf" "src/$in/kit.conf"
	printf '\267' | dd of="src/$in/objects/kernel.o" bs=1 seek=18 conv=notrunc status=none
	packed
	refused 'objects/kernel.o: is an object for ELF machine 183, not for x86_64 (62)'
	sed -i 's/qemu-x86_64/qemu-arm64/' "src/$top/kraft-rust.json"
	packed
	refused "has a file of another component"
	sed -i 's/qemu-arm64/qemu-riscv/' "src/$top/kraft-rust.json"
	packed
	refused "is a kit for 'qemu-riscv', which this version does not know"
}

@test "import: of another version" {
	taken_apart
	cp -r src good
	sed -i 's/^format = 1/format = 2/' "src/$in/kit.conf"
	packed
	refused "is of format '2', this program knows format 1"
	cp "good/$in/kit.conf" "src/$in/kit.conf"
	sed -i 's/^step = strip/step = shrink/' "src/$in/kit.conf"
	packed
	refused "has a step 'shrink' that this version does not know"
	cp "good/$in/kit.conf" "src/$in/kit.conf"
	echo 4 >"src/$top/rust-installer-version"
	packed
	refused 'is not a component of installer version'
}

@test "import: what would reach out of the kit at a link" {
	taken_apart
	cp -r src good
	while read -r line; do
		{
			cat "good/$in/kit.conf"
			printf '%b\n' "$line"
		} >"src/$in/kit.conf"
		packed
		refused 'a kit from elsewhere may not'
	done <<-'END'
		run = /bin/sh\nrun-arg = -c\nrun-arg = exit
		run = {kit}/objects/kernel.o
		arg = -plugin\narg = {kit}/objects/kernel.o
		arg = --plugin={kit}/objects/kernel.o
		arg = @/etc/passwd
		arg = -e\narg = @/etc/passwd
		arg = -Map=/tmp/x
		arg = --dependency-file=/tmp/x
		arg = -o\narg = /tmp/x
		arg = -T\narg = /etc/passwd
		arg = -L/usr/lib
		arg = -lc
		arg = /etc/passwd
		arg = --defsym=a=/etc
		arg = -o
	END
	{
		cat "good/$in/kit.conf"
		echo 'arg = {kit}/../../../x'
	} >"src/$in/kit.conf"
	packed
	refused 'names {kit}/../../../x, which is not in the kit'
}
