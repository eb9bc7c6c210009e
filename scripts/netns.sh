#!/usr/bin/env bash
# Runs a command in a network namespace of its own, for very many connections
# with both ends on this host: its table of established TCP connections is
# larger than the host's, and nothing tracks connections there. The memory for
# TCP stays that of the whole host, which scripts/tune.sh sets.
set -euo pipefail

# Where the host says how large a table the namespaces made from now on have.
entries=${C1M_NETNS_ROOT:-/proc/sys}/net/ipv4/tcp_child_ehash_entries
buckets=4194304 # two for each of 2 million sockets, 32 MB

fail() {
	echo "netns.sh: $1" >&2
	exit 3
}

note() { echo "netns.sh: $1: the host's table is used" >&2; }

# create makes the namespace and leaves it open as descriptor $ns. What is in it
# until then has a line to read once it is, and ends when that is read no more.
create() {
	local line
	exec {line}< <(exec unshare --net yes)
	read -r _ <&"$line" || fail "no network namespace can be made here"
	exec {ns}<"/proc/$!/ns/net" {line}<&-
	wait $! || true
}

restore() { echo "$old" >"$entries"; }

# create_large is create with a table of its own, while the host's setting is
# raised. One script at a time, lest another take that for the host's value.
create_large() {
	local lock
	exec {lock}<"$entries"
	flock "$lock"
	old=$(<"$entries")
	trap restore EXIT
	if ((old < buckets)); then
		echo "$buckets" 2>/dev/null >"$entries" || fail "net.ipv4.tcp_child_ehash_entries: cannot be set; it takes root, on the host itself"
	fi
	create
	restore
	trap - EXIT
	exec {lock}<&-
	(($(inside cat /proc/sys/net/ipv4/tcp_ehash_entries) > 0)) || note "the kernel had no memory for a table"
}

inside() { nsenter --net="/proc/self/fd/$ns" -- "$@"; }

# raise sets what a new namespace has at its default, whatever the host's is.
raise() { echo "$2" | inside tee "/proc/sys/${1//.//}" >/dev/null || fail "$1: cannot be set to $2"; }

if [ $# -eq 0 ]; then
	echo "usage: scripts/netns.sh COMMAND [ARG]..." >&2
	exit 2
fi
[ "$EUID" -eq 0 ] || fail "a network namespace takes root"
command -v ip >/dev/null || fail "no command ip, which brings up loopback: install iproute2"

if [ -e "$entries" ]; then
	create_large
else
	note "net.ipv4.tcp_child_ehash_entries: not on this host, Linux has it from 6.2 on"
	create
fi
inside ip link set lo up || fail "loopback cannot be brought up"
raise net.core.somaxconn 65535
raise net.ipv4.ip_local_port_range "1024 65535"

# The command takes this process's place, so that signals and the exit code are
# its own, and has no descriptor more than it would have had.
# shellcheck disable=SC2016 # for the shell inside
exec nsenter --net="/proc/self/fd/$ns" -- bash -c 'ns=$1; shift; exec {ns}<&-; exec -- "$@"' netns.sh "$ns" "$@"
