#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# tests/check-docs finds what it is there for: each test spoils one thing in a copy.

load helper

setup() {
	fresh_home
	mkdir tree tree/tests
	cp "$ROOT/tests/check-docs" tree/tests
	cp -r "$ROOT"/{docs,share,src,targets,templates,README.md,NEWS} tree
	export BUILD
}

spoil() {
	sed -i "$2" "tree/$1"
	! cmp -s "tree/$1" "$ROOT/$1" || false
}

check() {
	run "$1" tree/tests/check-docs
}

@test "as it is, all agree" {
	check -0
}

@test "an option that the page lacks" {
	spoil docs/kraft-rust.1 '/^\.It Fl -offline$/d'
	check -1
	has 'install, lacks --offline'
}

@test "an option that the program has not" {
	spoil docs/kraft-rust.1 's/^\.It Fl -offline$/.It Fl -off-line/'
	check -1
	has 'install, has --off-line, which the program has not'
}

@test "a wrong letter or value" {
	spoil docs/kraft-rust.1 's/^\.It Fl C , Fl -directory Ar DIR$/.It Fl c , Fl -directory Ar DIR/'
	check -1
	has 'config, lacks -C --directory DIR'
}

@test "a command that the page lacks" {
	spoil docs/kraft-rust.1 's/^\.Ss spec$/.Ss specs/'
	check -1
	has 'docs/kraft-rust.1 lacks spec'
	has 'docs/kraft-rust.1 has specs, which the program has not'
}

@test "a usage line of another time" {
	spoil docs/kraft-rust.1 's/^\.Dl kraft-rust new .*/.Dl kraft-rust new NAME/'
	check -1
	has 'new: the usage line must be: kraft-rust new [OPTION]... NAME'
}

@test "command lines in the README, in code and in text" {
	printf '\n```console\n$ kraft-rust instal x86_64 host\n```\nand `kraft-rust list\n--al` too\n' >>tree/README.md
	check -1
	has 'README.md: kraft-rust instal x86_64 host: no such command'
	has 'README.md: kraft-rust list --al: no option --al'
}

@test "command lines in the program's own messages" {
	printf '"run \x27kraft-rust mend "\n"%%s\x27"\n' >>tree/src/cmd/list.c
	check -1
	has 'src/cmd/list.c: kraft-rust mend %s: no such command'
}

@test "links that lead nowhere" {
	printf '[a](docs/nowhere.md) [b](#no-such-part) [c](https://example.org/x) [d](NEWS)\n' >>tree/README.md
	check -1
	has 'link to docs/nowhere.md, which is not there'
	has 'link to #no-such-part'
	lacks example.org
	lacks NEWS
}

@test "a page that is not clean mdoc" {
	command -v mandoc >/dev/null || skip "no mandoc on PATH (package mandoc)"
	printf '.Xx\n' >>tree/docs/kraftld.1
	check -1
	has 'kraftld.1'
}

@test "a completion script that its shell does not read" {
	printf 'if\n' >>tree/share/completions/kraft-rust.bash
	check -1
	has 'share/completions/kraft-rust.bash: bash does not read it'
}
