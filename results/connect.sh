#!/usr/bin/env bash
# Compares how fast prefork:reuseport and the clients of bench run connect, and upgrade
# WebSockets, with pairs of a server and a client in C (connect.c). Both have 53
# processes on each side. In each round the two are measured one after the other, and
# the order changes from round to round. Writes CSV, a line for each round: connections
# per second until all are established (echo) or upgraded (ws); prints the medians
# of the ratios. Needs gcc and jq, and a host set up by scripts/tune.sh; wants
# scripts/netns.sh in front. About a minute for each round of 300,000.
#   connect.sh BENCH OUT.csv [CONNS [ROUNDS]]
set -euo pipefail
bench=$1
out=$2
conns=${3:-300000}
rounds=${4:-6}
here=$(dirname "$0")
# shellcheck source=results/turns.sh
. "$here/turns.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
gcc -O2 -o "$dir/connect" "$here/connect.c"

c() { "$dir/connect" 53 "$conns" "$1"; }
go() {
	local rate=connects_per_s
	[ "$1" = echo ] || rate=upgrades_per_s
	"$bench" run -proto "$1" -idle -modes prefork:reuseport -c 53 -conns "$conns" -replicas 53 -client-c 1 \
		-rounds 1 -timeout 60s -q -o "$dir/run" >"$dir/table" || [ $? -eq 1 ]
	"$bench" report -format json "$dir/run" | jq ".rows[0].samples[0].$rate | round"
	rm "$dir/run"
}

echo proto,conns,round,go,c >"$out"
for round in $(seq "$rounds"); do
	for proto in echo ws; do
		rates=$(turn "$round" "$proto")
		echo "$proto,$conns,$round,$rates"
	done
done >>"$out"

for proto in echo ws; do ratios "$out" "$proto" "$proto"; done
