#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Completion: what 'kraft-rust complete' offers, and the shells' scripts around it.

load helper

# offered WORD...: the kind of names, and the words alone, in one line.
offered() {
	"$KR" complete -- "$@" | cut -f 1 | paste -sd ' '
}

is() {
	[ "$1" = "$2" ] || {
		printf 'got:      %s\nexpected: %s\n' "$1" "$2" >&2
		return 1
	}
}

@test "commands: what begins so, and never the hidden one" {
	is "$(offered in)" 'none install'
	is "$(offered comp)" 'none'
	is "$(offered help uni)" 'none uninstall'
	is "$(offered --color always -q ru)" 'none run'
	[[ $(offered '') == none\ list\ spec\ * ]]
}

@test "no command of that name: nothing" {
	is "$(offered bogus '')" 'none'
	is "$(offered bogus --)" 'none'
}

@test "architecture, then the platforms that go with it" {
	is "$(offered install '')" 'none x86_64 arm64'
	is "$(offered install x86_64 '')" 'none qemu fc xen host'
	is "$(offered install x86_64 h)" 'none host'
	is "$(offered -- install x86_64 h)" 'none host'
	printf 'platforms:\n  p9: {summary: s}\ncombinations:\n  arm64: [p9]\n' >m.yaml
	is "$(offered spec --matrix m.yaml arm64 p)" 'none p9'
	is "$(offered spec --matrix=m.yaml x86_64 p)" 'none'
}

@test "aliases are offered to whoever types them" {
	is "$(offered install aa)" 'none aarch64'
	is "$(offered install a)" 'none amd64 arm64'
	is "$(offered install aarch64 kv)" 'none kvm'
}

@test "kraft's notation takes both places" {
	is "$(offered install qemu/)" 'none qemu/x86_64 qemu/arm64'
	[[ $(offered install qemu/x86_64 '') == none\ --* ]]
	is "$(offered generate x86_64 fc xen/arm64 arm64 h)" 'none host'
}

@test "options: this command's, not twice" {
	is "$(offered install --of)" 'none --offline'
	is "$(offered install --offline --of)" 'none'
	is "$(offered list --of)" 'none'
	is "$(offered run --pl)" 'none --plat'
	is "$(offered config -nC x --pri)" 'none --print'
}

@test "values of options, in either form" {
	is "$(offered --color '')" 'none auto always never'
	is "$(offered list --color=n)" 'none --color=never'
	is "$(offered new --arch=)" 'none --arch=x86_64 --arch=arm64'
	is "$(offered new --arch arm64 --plat f)" 'none fc'
	is "$(offered spec -o '')" 'files'
	is "$(offered config -C '')" 'dirs'
	is "$(offered list --toolchain '')" 'none'
}

@test "files where a file is due, and behind the image anything is the program's" {
	is "$(offered run '')" 'files'
	is "$(offered run img '')" 'files'
	is "$(offered run img --pl)" 'files'
	is "$(offered new '' | cut -c 1-6)" 'none -'
}

@test "descriptions stand behind a tab" {
	run -0 "$KR" complete -- list --inst
	is "$output" $'none\n--installed\tonly what is installed'
}

@test "a broken matrix, odd words and long lines do no harm" {
	printf 'platforms: 1\n' >bad.yaml
	is "$(offered spec --matrix bad.yaml x)" 'none'
	is "$(offered spec --matrix nowhere.yaml x)" 'none'
	is "$(HOME='' offered spec x)" 'none x86_64 xen/x86_64 xen/arm64'
	is "$(offered install $'a\nb' $'\377')" 'none'
	is "$(offered - -- - '')" 'none'
	# shellcheck disable=SC2046
	is "$(offered generate $(yes qemu/x86_64 | head -n 5000) x)" 'none x86_64 xen/x86_64 xen/arm64'
}

@test "no compiler is started and nothing is written" {
	mkdir bin
	printf '#!/bin/sh\ntouch %s/started\n' "$T" >bin/rustc
	chmod +x bin/rustc
	RUSTC=$PWD/bin/rustc offered install x86_64 ''
	RUSTC=$PWD/bin/rustc offered list --
	[ ! -e "$T/started" ]
	[ ! -e "$KRAFT_RUST_HOME" ]
	[ ! -e "$XDG_CACHE_HOME" ]
}

# bash_completes LINE: what bash would put in place of the last word.
bash_completes() {
	# bash breaks words at its COMP_WORDBREAKS: at = as well.
	bash --norc -c '
		source "$1"
		COMP_LINE=$2 COMP_POINT=${#2}
		read -ra COMP_WORDS <<<"${2//=/ = }"
		[[ $2 != *[[:blank:]=] ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_kraft_rust
		printf "%s\n" "${COMPREPLY[@]}"
	' - "$ROOT/share/completions/kraft-rust.bash" "$KR $1" | paste -sd ' '
}

@test "bash" {
	touch file-a
	mkdir dir-a
	is "$(bash_completes inst)" install
	is "$(bash_completes 'install x86_64 h')" host
	is "$(bash_completes '  install    x86_64   h')" host
	is "$(bash_completes 'new x --arch=ar')" arm64
	is "$(bash_completes 'new x --arch=')" 'x86_64 arm64'
	is "$(bash_completes 'spec --output=file')" file-a
	is "$(bash_completes 'spec -o file')" file-a
	is "$(bash_completes 'config -C ')" dir-a
	is "$(bash_completes 'new --plat=kvm --arch=ar')" arm64
}

@test "bash in earnest: the key is pressed" {
	command -v script >/dev/null || skip "no 'script' on PATH (package bsdutils)"
	cat >rc <<-EOF
		PS1='> '
		bind 'set bell-style none'
		source '$ROOT/share/completions/kraft-rust.bash'
	EOF
	PATH=$BUILD:$PATH TERM=dumb script -qec 'bash --noprofile --rcfile rc -i' typed >/dev/null \
		< <(sleep 1; printf 'echo kraft-rust; : kraft-rust; kraft-rust lis\t--inst\t; exit\n'; sleep 1)
	grep -q 'nothing is installed' typed
}

@test "fish" {
	command -v fish >/dev/null || skip "no fish on PATH (package fish)"
	touch file-a
	fish_completes() {
		PATH=$BUILD:$PATH fish -N -c "source $ROOT/share/completions/kraft-rust.fish; complete -C '$1'" |
			cut -f 1 | paste -sd ' '
	}
	is "$(fish_completes 'kraft-rust inst')" install
	is "$(fish_completes 'kraft-rust install x86_64 h')" host
	is "$(fish_completes 'kraft-rust new x --arch=ar')" --arch=arm64
	is "$(fish_completes 'kraft-rust spec --output=file')" --output=file-a
}

@test "zsh" {
	command -v zsh >/dev/null || skip "no zsh on PATH (package zsh)"
	# The completion system needs a terminal: zpty is one.
	cat >drive.zsh <<-EOF
		zmodload zsh/zpty
		zpty z 'PATH=$BUILD:\$PATH TERM=dumb zsh -f -i'
		zpty -w z "PS1='> '; fpath=($ROOT/share/completions \\\$fpath); autoload -Uz compinit; compinit -u -D"
		sleep 1
		zpty -w z \$'kraft-rust lis\t--inst\t; kraft-rust new --color=nev\t --arch=ar\tx'
		sleep 2
		zpty -r z text '*nothing is installed for arm64*' && print found
	EOF
	run -0 timeout 20 zsh -f drive.zsh
	has found
}
