#!/usr/bin/env bash
# Does io_uring help? epoll and io_uring, in Go and in C, measured in one table for each
# question of docs/io-uring.md. Each part writes a run file to DIR, and its table beside
# it. Needs a quiet machine with io_uring, and the Debian packages gcc and liburing-dev;
# all parts take 20 minutes. `rates` reads the run of `alone`.
# usage: io-uring.sh BENCH DIR [shared|alone|rates|sizes|idle]...
set -euo pipefail
PATH=$(dirname "$(realpath "$1")"):$PATH # for "bench", as the run files name it
dir=$(realpath --relative-to "$(dirname "$0")/.." "$2")
shift 2
cd "$(dirname "$0")/.."

one=(-modes 'epoll,uring' -peers 'c,c-uring')
all=(-modes 'epoll,uring,multiepoll:percpu,uring:percpu' -peers 'c,c-uring,c-percpu')
apart=(-server-cpus 0 -client-cpus 1)

# A failed check is in the table, and does not stop the rest.
run() { # NAME FLAGS…
	local name=$1
	shift
	bench run -seed 1 -q -wide -o "$dir/io-uring-$name.jsonl" "$@" >"$dir/io-uring-$name.txt" || [ $? -ne 2 ]
}

shared() { run shared "${all[@]}" -conns 100,1k,10k,19k; }
alone() { run alone "${one[@]}" "${apart[@]}" -conns 100,1k,10k,19k; }

# At a quarter and three quarters of the least maximum of the rows that share them.
rates() {
	local least
	least=$(bench report -format csv "$dir/io-uring-alone.jsonl" | awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		$column["conns"] == 1000 && (!least || $column["ops_per_s"] < least) { least = $column["ops_per_s"] }
		END { print int(least) }')
	run rates "${one[@]}" "${apart[@]}" -conns 1k -rates "$((least / 4)),$((least * 3 / 4))"
}

sizes() { run sizes "${all[@]}" -conns 1k -size 8,4KiB,64KiB; }
idle() { run idle "${all[@]}" -idle -conns 10k -rounds 6; }

[ $# -gt 0 ] || set -- shared alone rates sizes idle
for part; do "$part"; done
