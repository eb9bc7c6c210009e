#!/usr/bin/env bash
# How often does bench ab see what is not there, and what is? Forty comparisons
# of a server with itself, then ten with one that is made slower. Prints a line
# for each; about 8 minutes. usage: ab-self.sh BENCH
set -euo pipefail
bench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
server="$bench server -mode epoll -addr {addr}"
ab() { # NAME SEED COMMAND-OF-B
	local code=0
	"$bench" ab -q -a "$server" -b "$3" -conns 100 -rounds 10 -d 300ms -warmup 100ms \
		-seed "$2" -format json -o "$dir/$1-$2.jsonl" >"$dir/verdict" || code=$?
	echo "$1 seed $2: exit $code, $(grep -m 1 '"verdict"' "$dir/verdict" | tr -d ' ,"'), $(grep -m 1 '"change"' "$dir/verdict" | tr -d ' ,"')"
}
for seed in $(seq 40); do ab same "$seed" "$server"; done
for seed in $(seq 10); do ab slower "$seed" "$server -work cpu:${ROUNDS:-12}"; done
