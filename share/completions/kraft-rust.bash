# SPDX-License-Identifier: BSD-3-Clause
# bash completion for kraft-rust, which answers itself: see src/cmd/complete.c.
# shellcheck shell=bash

_kraft_rust() {
	local rest=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]} words=() typed names='' word cut
	local -i i

	# bash breaks words at = and : too; what no blank separates is one word here.
	rest=${rest#*"$program"}
	for ((i = 1; i <= COMP_CWORD; i++)); do
		if [[ ${#words[@]} -eq 0 || $rest == [[:blank:]]* ]]; then
			words+=('')
		fi
		rest=${rest#"${rest%%[![:blank:]]*}"}
		word=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || word=$rest
		words[${#words[@]} - 1]+=$word
		rest=${rest#"$word"}
	done
	typed=${words[${#words[@]} - 1]}
	# It replaces only what is behind its last break.
	cut=${typed%"${typed##*[=:]}"}

	COMPREPLY=()
	while IFS=$'\t' read -r word _; do
		if [[ -z $names ]]; then
			names=$word
		else
			COMPREPLY+=("${word#"$cut"}")
		fi
	done < <("${program/#\~\//$HOME/}" complete -- "${words[@]}" 2>/dev/null)
	case $names in
	files) names=-f ;;
	dirs) names=-d ;;
	*) return ;;
	esac
	compopt -o filenames 2>/dev/null
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <(compgen "$names" -- "${typed#"$cut"}")
}

complete -F _kraft_rust kraft-rust
