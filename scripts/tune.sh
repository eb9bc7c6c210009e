#!/usr/bin/env bash
# Sets this host up for a million connections over loopback, and undoes it.
# Settings are only raised. The old value is kept until off has restored it.
set -euo pipefail

# The file with the old values; like the settings, it does not survive a restart
# of the host.
state=${C1M_TUNE_STATE:-/run/c1m-tune}
sysctls=${C1M_TUNE_ROOT:-/proc/sys}

# name | value | why
settings() {
	cat <<-'END'
		net.ipv4.tcp_mem|1500000 2100000 3100000|two pages for each request in flight
		net.core.somaxconn|65535|replicas that all connect at once
		net.ipv4.ip_local_port_range|1024 65535|ports of each source address
		net.netfilter.nf_conntrack_max|2500000|where a container engine has it track loopback too
	END
}

usage() {
	echo "usage: scripts/tune.sh on|off|show" >&2
	exit 2
}

fail() {
	echo "tune.sh: $1" >&2
	exit 3
}

file() { echo "$sysctls/${1//.//}"; }

# now prints the value of a setting, its numbers one space apart; nothing if the
# host does not have it.
now() {
	local words
	if read -ra words 2>/dev/null <"$(file "$1")"; then echo "${words[*]}"; fi
}

# raised prints the numbers of $2, each raised to that of $3 if it is lower. In a
# range of ports the first number is lowered instead.
raised() {
	local name=$1 i have want
	read -ra have <<<"$2"
	read -ra want <<<"$3"
	for i in "${!want[@]}"; do
		if [[ $name == *port_range && $i == 0 ]]; then
			((have[i] <= want[i])) || have[i]=${want[i]}
		else
			((have[i] >= want[i])) || have[i]=${want[i]}
		fi
	done
	echo "${have[*]}"
}

# change sets a setting; it fails if that is impossible.
change() { { echo "$2" >"$(file "$1")"; } 2>/dev/null; }

cannot="cannot be set: run as root, on the host itself"

# trusted refuses a state file that another user could have created: its content
# is written to the kernel's settings, and the script writes to it.
trusted() {
	[ ! -L "$state" ] || fail "$state: is a symbolic link; remove it, or set C1M_TUNE_STATE to another file"
	[ -e "$state" ] || return 0
	[ -f "$state" ] || fail "$state: is not a regular file; set C1M_TUNE_STATE to another"
	[ -O "$state" ] || fail "$state: belongs to another user; remove it, or set C1M_TUNE_STATE to another file"
}

# keep records the old value of a setting, unless an earlier on has. A new file
# must not exist yet, not even as a link.
keep() {
	if [ -e "$state" ]; then
		if grep -q "^$1|" "$state"; then return; fi
		{ echo "$1|$2" >>"$state"; } 2>/dev/null || fail "$state: cannot be written: run as root, or set C1M_TUNE_STATE=FILE"
	else
		(set -o noclobber && echo "$1|$2" >"$state") 2>/dev/null || fail "$state: cannot be written: run as root, or set C1M_TUNE_STATE=FILE"
	fi
}

on() {
	local name value why old new
	while IFS='|' read -r name value why; do
		old=$(now "$name")
		if [ -z "$old" ]; then
			echo "$name: not on this host"
			continue
		fi
		new=$(raised "$name" "$old" "$value")
		if [ "$new" = "$old" ]; then
			echo "$name: $old is enough"
			continue
		fi
		keep "$name" "$old"
		change "$name" "$new" || fail "$name: $cannot"
		echo "$name: $old → $new ($why)"
	done < <(settings)
}

# off restores what it can, and keeps the rest for the next attempt.
off() {
	local name old known left=()
	[ -e "$state" ] || { echo "nothing to undo"; return; }
	known=$'\n'$(settings)
	while IFS='|' read -r name old || [ -n "$name" ]; do
		if [[ $known != *$'\n'"$name|"* || ! $old =~ ^[0-9]+(\ [0-9]+)*$ ]]; then
			echo "tune.sh: $state: ${name@Q} ${old@Q} was not written by on" >&2
			left+=("$name|$old")
		elif [ -z "$(now "$name")" ]; then
			echo "$name: not on this host"
		elif [ "$(now "$name")" = "$old" ]; then
			echo "$name: $old already"
		elif change "$name" "$old"; then
			echo "$name: $old again"
		else
			echo "tune.sh: $name: $cannot" >&2
			left+=("$name|$old")
		fi
	done <"$state"
	rm "$state"
	if [ ${#left[@]} -gt 0 ]; then
		(set -o noclobber && printf '%s\n' "${left[@]}" >"$state")
		fail "${#left[@]} settings are not undone; $state keeps them"
	fi
}

show() {
	local name value why is was
	while IFS='|' read -r name value why; do
		is=$(now "$name")
		was=
		if [ -e "$state" ]; then was=$(sed -n "s/^$name|/, before: /p" "$state"); fi
		echo "$name: ${is:-not on this host} (on: $value$was)"
	done < <(settings)
}

[ $# -eq 1 ] || usage
case $1 in
on | off | show)
	trusted
	"$1"
	;;
*) usage ;;
esac
