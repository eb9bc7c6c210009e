#!/usr/bin/env bash
# A million connections on one host: with processes, with containers of the docker
# engine, and with scripts/setupm.sh; and the most that one process of each mode can
# hold. Each part writes a run file to DIR. Sets the host up (as root) and undoes
# that; needs the image of scripts/image.sh, and takes about half an hour.
# Processes run in their own network namespace; containers use the host's network,
# where a round trip takes longer, and so does a window of three.
# usage: million.sh BENCH DIR [PART]...
# PART: one-process, one-process-ws, processes, websocket (or one of its parts: ws-idle,
# ws-busy, ws-all, ws-push, ws-push-1, ws-churn), docker, setupm; all of them by default.
set -euo pipefail
bench=$(realpath "$1") dir=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."
dir=$(realpath --relative-to . "$dir") # for the command in the files
trap 'scripts/tune.sh off' EXIT
scripts/tune.sh on

# A failed check is in the table, and does not stop the rest.
run() { "$@" -q -seed 1 || [ $? -eq 1 ]; }
own() { run scripts/netns.sh "$bench" run "$@"; }

million=(-modes prefork:reuseport -c 53 -conns 1007000 -replicas 53 -client-c 1 -rounds 1)

one-process() {
	own -modes goroutine,epoll,multiepoll,prefork,workerpool -conns 19k -d 2s -o "$dir/one-process.jsonl"
	own -modes epoll -conns 19k -client-c 1 -d 2s -o "$dir/one-loop.jsonl"
}

one-process-ws() { own -proto ws -idle -modes epoll,multiepoll,prefork:reuseport -c 1 -conns 19k -rounds 3 -o "$dir/one-process-ws.jsonl"; }

processes() { own "${million[@]}" -d 60s -timeout 60s -o "$dir/million.jsonl"; }

# A million WebSockets: idle; 1% busy; all busy; all notified twice; 1% of them every
# second; 1% closed and reopened every minute.
websocket() { for part in ws-idle ws-busy ws-all ws-push ws-push-1 ws-churn; do "$part"; done; }

ws-idle() { ws idle -idle; }
ws-busy() { ws busy -busy 1% -d 60s; }
ws-all() { ws all -d 120s -timeout 120s; } # three round trips of 33 s, on a slow day
ws-push() { ws push -traffic push -push-rate 0.0167 -d 125s; } # two broadcasts: with one, delivered is not judged
ws-push-1() { ws push-1 -traffic push -push-rate 1 -push-fraction 1% -d 30s; }
ws-churn() { ws churn -busy 1% -churn 168 -d 60s; }

ws() { # NAME FLAGS…
	local name=$1
	shift
	own "${million[@]}" -proto ws -timeout 60s -wide -o "$dir/million-ws-$name.jsonl" "$@"
}

docker() { run "$bench" run "${million[@]}" -d 120s -timeout 120s -engine docker -o "$dir/million-docker.jsonl"; }

# The server runs in a container too: outside, it gets as much of the processors
# as all clients together, and more on a cgroup v1 host: presumably it then runs
# first whenever it can, for one message at a time.
setupm() {
	local logs i
	logs=$(mktemp -d)
	command docker run --detach --name 1mserver --label c1m --network host \
		c1m server -mode=prefork:reuseport -c 53 -interval 0 -format lines >/dev/null
	scripts/setupm.sh 19000 53 127.0.0.1 1 -d 120s -timeout 120s
	scripts/report.sh >/dev/null || [ $? -eq 1 ] # waits for the clients
	command docker stop 1mserver >/dev/null
	command docker logs 1mserver >"$logs/server" 2>/dev/null
	for i in $(seq 53); do command docker logs "1mclient_$i" >"$logs/$i" 2>/dev/null; done
	"$bench" merge -expect 53 -o "$dir/million-setupm.jsonl" "$logs" >/dev/null || [ $? -eq 1 ]
	scripts/destroy.sh
	rm -r "$logs"
}

[ $# -gt 0 ] || set -- one-process one-process-ws processes websocket docker setupm
for part; do "$part"; done
