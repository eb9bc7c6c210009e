#!/usr/bin/env bash
# How often does bench ab report a difference without one, and detect a real one?
# Prints a line for each comparison.
#   ab-self.sh BENCH same     forty of a server with itself; 20 minutes
#   ab-self.sh BENCH slower   ten with a server that is about 15% slower, because
#                             of ROUNDS of SHA-256 per message; 9 minutes
set -euo pipefail
bench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
server="$bench server -mode epoll -addr {addr}"
field() { grep -m 1 "\"$1\"" "$dir/verdict" | tr -d ' ,"'; }
ab() { # SEED WINDOW COMMAND-OF-B
	local code=0
	"$bench" ab -q -a "$server" -b "$3" -conns 100 -rounds 10 -d "$2" -warmup 200ms \
		-seed "$1" -format json -o "$dir/$1.jsonl" >"$dir/verdict" || code=$?
	echo "$kind seed $1: exit $code, $(field verdict), $(field change)"
}
kind=$2
case $kind in
same) for seed in $(seq 40); do ab "$seed" 1s "$server"; done ;;
slower) for seed in $(seq 10); do ab "$seed" 2s "$server -work cpu:${ROUNDS:-19}"; done ;;
*) echo "ab-self.sh: $kind: want same or slower" >&2 && exit 2 ;;
esac
