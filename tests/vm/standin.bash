# SPDX-License-Identifier: BSD-3-Clause
# What the stand-ins for machine monitors have in common. $MACHINE says what the machine
# does when it has shown its command line:
#
#	exit:N   tell status N and switch off
#	echo     write the input back until it ends, tell status 0
#	hang     go on for ever
#	die      end without a word
#	linger   close the console, and go on for ever
#	flood    write without end
#	leave:N  tell status N, and leave a process behind that holds the monitor's messages
#	fail     is not started: the monitor ends with status 1 and says why
# shellcheck shell=bash

fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

mark() {
	printf '\033]7616;exit;%d\033\\' "$1"
}

# machine LINE: shown without the seed, which is another one each time
machine() {
	local text
	[ "$MACHINE" != fail ] || fail 'cannot open the hypervisor: No such file or directory'
	printf 'line <%s>\r\n' "$(sed 's/ %~[0-9a-f]*//' <<<"$1")"
	echo 'log: something about the machine' >&2
	case $MACHINE in
	exit:*) mark "${MACHINE#exit:}" ;;
	echo) IFS= read -r -d $'\x04' text; printf '%s' "$text"; mark 0 ;;
	# Known by the name of the test's own folder.
	hang) exec -a "$HOME" sleep 1000 ;;
	linger) exec >&-; exec -a "$HOME" sleep 1000 ;;
	leave:*) setsid sleep 4 <&- >&- & mark "${MACHINE#leave:}" ;;
	die) ;;
	flood) exec yes ;;
	esac
}
