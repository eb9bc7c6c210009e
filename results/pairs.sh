#!/usr/bin/env bash
# Compares multiepoll:percpu and the pinned clients of bench run with pairs of a
# server and a client in C, one for each processor (pairs.c), with 100, 1,000
# and 10,000 connections. In each round the two are measured one after the other,
# and the order changes from round to round. Writes CSV, a line for each round,
# and prints the median of the ratios for each number of connections. Needs gcc
# and jq; 8 seconds for each round.
#   pairs.sh BENCH OUT.csv [ROUNDS]
set -euo pipefail
bench=$1
out=$2
rounds=${3:-6}
here=$(dirname "$0")
# shellcheck source=results/turns.sh
. "$here/turns.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
gcc -O2 -o "$dir/pairs" "$here/pairs.c"

c() { "$dir/pairs" "$1" 2; }
go() {
	"$bench" run -modes multiepoll:percpu -pin -conns "$1" -rounds 1 -warmup 1s -d 2s -q -o "$dir/run" >"$dir/table" || [ $? -eq 1 ]
	"$bench" report -format json "$dir/run" | jq '.rows[0].samples[0].ops_per_s | round'
	rm "$dir/run"
}

echo conns,round,go,c >"$out"
for conns in 100 1000 10000; do
	for round in $(seq "$rounds"); do
		rates=$(turn "$round" "$conns")
		echo "$conns,$round,$rates"
	done
done >>"$out"

for conns in 100 1000 10000; do ratios "$out" "$conns" "$conns connections"; done
