#!/usr/bin/env bash
# Runs a command in its own network namespace, for very many connections
# with both ends on this host: its table of established TCP connections is
# larger than the host's, and there is no connection tracking. The memory limit
# for TCP is still that of the whole host, which scripts/tune.sh sets.
set -euo pipefail

# The host's setting for the table size of new namespaces.
entries=${C1M_NETNS_ROOT:-/proc/sys}/net/ipv4/tcp_child_ehash_entries
buckets=4194304 # two for each of 2 million sockets, 32 MB

fail() {
	echo "netns.sh: $1" >&2
	exit 3
}

note() { echo "netns.sh: $1: the host's table is used" >&2; }

# create creates the namespace and opens it as descriptor $ns. Until then a helper
# process keeps it: it writes a line when the namespace exists, and exits when its
# pipe is closed.
create() {
	local line
	exec {line}< <(exec unshare --net yes)
	read -r _ <&"$line" || fail "no network namespace can be created here"
	exec {ns}<"/proc/$!/ns/net" {line}<&-
	wait $! || true
}

restore() { echo "$old" >"$entries"; }

# create_large is create with a separate table, while the host's setting is
# raised. A lock prevents another script from taking that for the host's value.
create_large() {
	local lock
	exec {lock}<"$entries"
	flock "$lock"
	old=$(<"$entries")
	trap restore EXIT
	if ((old < buckets)); then
		echo "$buckets" 2>/dev/null >"$entries" || fail "net.ipv4.tcp_child_ehash_entries: cannot be set: run as root, on the host itself"
	fi
	create
	restore
	trap - EXIT
	exec {lock}<&-
	(($(inside cat /proc/sys/net/ipv4/tcp_ehash_entries) > 0)) || note "the kernel had no memory for a table"
}

inside() { nsenter --net="/proc/self/fd/$ns" -- "$@"; }

# raise sets a setting that is at its default in a new namespace.
raise() { echo "$2" | inside tee "/proc/sys/${1//.//}" >/dev/null || fail "$1: cannot be set to $2"; }

if [ $# -eq 0 ]; then
	echo "usage: scripts/netns.sh COMMAND [ARG]..." >&2
	exit 2
fi
[ "$EUID" -eq 0 ] || fail "a network namespace requires root: use sudo"
command -v ip >/dev/null || fail "the command ip is missing: install iproute2"

if [ -e "$entries" ]; then
	create_large
else
	note "net.ipv4.tcp_child_ehash_entries: missing on this host, requires Linux 6.2"
	create
fi
inside ip link set lo up || fail "loopback cannot be brought up"
raise net.core.somaxconn 65535
raise net.ipv4.ip_local_port_range "1024 65535"

# The command replaces this process, so that it receives signals and sets the
# exit code itself, and it inherits no additional descriptor.
# shellcheck disable=SC2016 # for the shell inside
exec nsenter --net="/proc/self/fd/$ns" -- bash -c 'ns=$1; shift; exec {ns}<&-; exec -- "$@"' netns.sh "$ns" "$@"
