#!/usr/bin/env bash
# How much of a pair's scatter is that of the servers' instances? Measures pairs
# of one server in turns: a few blocks with two instances that stay alive, and a
# few with fresh ones. Writes CSV, a line for each trial, and prints how the log
# ratios of pairs scatter within turns, and the means of turns, by kind. Without
# an effect of instances that is within ÷ √8. Half a minute for each turn or less.
#   instances.sh BENCH OUT.csv [TURNS]
set -euo pipefail
bench=$1
out=$2
turns=${3:-8}
dir=$(mktemp -d)
started=()
stop() {
	kill "${started[@]}" 2>/dev/null || true
	wait "${started[@]}" 2>/dev/null || true
	started=()
}
trap 'stop; rm -rf "$dir"' EXIT

server() { echo "$bench" server -mode multiepoll -c 2 -addr; }
run() { # KIND TURN ROWS…
	local kind=$1 turn=$2
	shift 2
	"$bench" run -modes none "$@" -conns 1000 -rounds 8 -d 200ms -warmup 100ms -q -o "$dir/run" >"$dir/table" || [ $? -eq 1 ]
	"$bench" report -format json "$dir/run" | jq -r --arg kind "$kind" --arg turn "$turn" \
		'.rows[] | .cell.row as $row | .samples[] | select(.ops_per_s) | [$kind, $turn, .round, $row, .ops_per_s] | join(",")'
	rm "$dir/run"
}
# start starts a server on a free port and sets address.
start() {
	local lines line
	exec {lines}< <(exec $(server) 127.0.0.1:0 2>&1)
	started+=("$!")
	while read -r line <&"$lines"; do
		address=$(grep -o '127\.0\.0\.1:[0-9]*' <<<"$line") && return
	done
	return 1
}

echo kind,turn,round,row,ops_per_s >"$out"
for turn in $(seq "$turns"); do
	start && a=$address
	start && b=$address
	run alive "$turn" -target a="$a" -target b="$b"
	stop
	run fresh "$turn" -exec a="$(server) {addr}" -exec b="$(server) {addr}"
done >>"$out"

awk -F, '
NR > 1 { value[$1, $2, $3, $4] = $5; rounds[$1 " " $2 " " $3] }
END {
	for (r in rounds) {
		split(r, at, " ")
		a = value[at[1], at[2], at[3], "a"]; b = value[at[1], at[2], at[3], "b"]
		if (a > 0 && b > 0) { x = log(b / a); t = at[1] " " at[2]; n[t]++; sum[t] += x; squares[t] += x * x }
	}
	for (t in n) if (n[t] > 1) {
		split(t, at, " "); k = at[1]
		turns[k]++; within[k] += (squares[t] - sum[t] ^ 2 / n[t]) / (n[t] - 1)
		mean = sum[t] / n[t]; means[k] += mean; meanSquares[k] += mean ^ 2
	}
	for (k in turns) if (turns[k] > 1)
		printf "%s: within turns %.1f%%, the means of %d turns %.1f%%\n", k, 100 * sqrt(within[k] / turns[k]), turns[k],
			100 * sqrt((meanSquares[k] - means[k] ^ 2 / turns[k]) / (turns[k] - 1))
}' "$out"
