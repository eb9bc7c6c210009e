#!/usr/bin/env bash
# How often does bench ab see what is there, and what is not? Ten comparisons of
# a server with one that is made about 15% slower, then forty of a server with
# itself. Prints a line for each; about 25 minutes. usage: ab-self.sh BENCH
set -euo pipefail
bench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
server="$bench server -mode epoll -addr {addr}"
field() { grep -m 1 "\"$1\"" "$dir/verdict" | tr -d ' ,"'; }
ab() { # NAME SEED COMMAND-OF-B
	local code=0
	"$bench" ab -q -a "$server" -b "$3" -conns 100 -rounds 10 -d 1s -warmup 200ms \
		-seed "$2" -format json -o "$dir/$1-$2.jsonl" >"$dir/verdict" || code=$?
	echo "$1 seed $2: exit $code, $(field verdict), $(field change)"
}
# Rounds of SHA-256 for each message; how many cost 15% depends on the machine.
for seed in $(seq 10); do ab slower "$seed" "$server -work cpu:${ROUNDS:-14}"; done
for seed in $(seq 40); do ab same "$seed" "$server"; done
