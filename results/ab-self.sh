#!/usr/bin/env bash
# How often does bench ab, with its defaults and at 1,000 connections, see a
# difference where there is none, and how often and how soon does it find a real
# one? Wants a quiet machine. Writes CSV, a line for each comparison.
#   ab-self.sh BENCH OUT.csv KIND:FIRST-LAST…
# KIND is same, or the number of rounds of SHA-256 that the other server does for
# each message; FIRST and LAST are seeds: same:1-40 15:1-10 22:1-10
set -euo pipefail
bench=$1 out=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
server="$bench server -mode multiepoll -c 2 -addr {addr}"

ab() { # KIND SEED
	local other=$server code=0 started=$EPOCHREALTIME
	[ "$1" = same ] || other="$server -work cpu:$1"
	"$bench" ab -q -a "$server" -b "$other" -conns 1000 -for 3m -seed "$2" \
		-format json -o "$dir/run.jsonl" >"$dir/verdict" || code=$?
	rm "$dir/run.jsonl"
	jq -r --arg kind "$1" --arg seed "$2" --arg code "$code" --arg seconds "$(bc <<<"$EPOCHREALTIME - $started")" \
		'.rows[0].units[] | select(.unit == "ops/s")
		| [$kind, $seed, $code, .verdict, (.ratio | .pairs, .estimate, .low, .high), ($seconds | tonumber | round)]
		| map(if type == "number" then . * 1e4 | round / 1e4 else . end) | join(",")' "$dir/verdict"
}

echo kind,seed,exit,verdict,blocks,ratio,low,high,seconds >"$out"
for one; do
	seeds=${one#*:}
	for seed in $(seq "${seeds%-*}" "${seeds#*-}"); do ab "${one%:*}" "$seed"; done
done | tee -a "$out"
