#!/usr/bin/env bash
# Waits until the replicas that scripts/setupm.sh started have exited, and prints
# their result as one table: bench merge reads their logs, and the LOGs, such as
# the server's. Exit codes are those of bench merge.
set -euo pipefail

fail() {
	echo "report.sh: $2" >&2
	exit "$1"
}

for log in "$@"; do
	case $log in -*) fail 2 "$log: the arguments are LOGs, such as the server's" ;; esac
	[ -r "$log" ] || fail 2 "$log: cannot be read"
done

docker info >/dev/null 2>&1 || fail 3 "no Docker engine answers"
mapfile -t replicas < <(docker ps --all --filter name='^1mclient_' --format '{{.Names}}' | sort --version-sort)
[ ${#replicas[@]} -gt 0 ] || fail 3 "no containers 1mclient_…: start them with scripts/setupm.sh"
expect=$(docker inspect --format '{{index .Config.Labels "c1m.replicas"}}' "${replicas[0]}")
image=$(docker inspect --format '{{.Config.Image}}' "${replicas[0]}")
docker wait "${replicas[@]}" >/dev/null

logs() {
	local name
	for name in "${replicas[@]}"; do docker logs "$name"; done
	[ $# -eq 0 ] || cat -- "$@"
}
logs "$@" | docker run --rm --interactive --network none --read-only "$image" merge -expect "$expect" -
