#!/usr/bin/env bash
# c1m's modes and the servers on known libraries (peers/), measured in one table for each
# question, and held to the contract. Each part writes a run file to DIR, and its table
# beside it. Needs a quiet machine and the packages that `bench peers` names; all parts take
# over an hour.
# usage: peers.sh BENCH DIR [echo|echo-10k|native|ws|ws-10k|idle|idle-ws|slo|slo-ws|conform|conform-ws]...
set -euo pipefail
PATH=$(dirname "$(realpath "$1")"):$PATH # for "bench", as the run files name it
dir=$(realpath --relative-to "$(dirname "$0")/.." "$2")
shift 2
cd "$(dirname "$0")/.."

modes=goroutine,epoll,multiepoll,multiepoll:percpu,prefork,workerpool
peers=all

# A failed check or a server that cannot hold a load is in the table, and does not
# stop the rest.
run() { # NAME FLAGS…
	local name=$1
	shift
	bench run -modes "$modes" -peers "$peers" -seed 1 -q -o "$dir/peers-$name.jsonl" "$@" \
		>"$dir/peers-$name.txt" || [ $? -ne 2 ]
}

# Servers that cannot accept as fast as clients connect leave connections without a
# reply. The timeout bounds how long a trial waits for them.
echo() { run echo -conns 100,1k; }
echo-10k() { run echo-10k -conns 10k -rounds 6 -timeout 10s; }
native() { modes=epoll,multiepoll:percpu peers=net,gnet,nbio,c,c-uring,c-percpu,libuv,tokio run native -conns 100,1k,10k; }
ws() { run ws -proto ws -conns 100,1k; }
ws-10k() { run ws-10k -proto ws -conns 10k -rounds 6 -timeout 10s; }
idle() { run idle -idle -conns 10k -rounds 6 -timeout 10s; }
idle-ws() { run idle-ws -proto ws -idle -conns 10k -rounds 6 -timeout 10s; }
slo() { run slo -conns 1k -slo p99=5ms; }
slo-ws() { run slo-ws -proto ws -conns 1k -slo p99=5ms; }

held() { # NAME FLAGS…
	local name=$1
	shift
	bench conform -modes none -peers all -timeout 30s -q "$@" >"$dir/$name.txt" || [ $? -eq 1 ]
}
conform() { held conform; }
conform-ws() { held conform-ws -proto ws; }

[ $# -gt 0 ] || set -- echo echo-10k native ws ws-10k idle idle-ws slo slo-ws conform conform-ws
for part; do "$part"; done
