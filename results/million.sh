#!/usr/bin/env bash
# A million connections on one host: by processes, by containers of the docker
# engine, and by scripts/setupm.sh; and what the modes of one process hold. Each
# part leaves a run file in DIR. Sets the host up (as root) and puts it back;
# needs the image of scripts/image.sh, and takes about 15 minutes.
# usage: million.sh BENCH DIR [one-process|processes|docker|setupm]...
set -euo pipefail
bench=$(realpath "$1") dir=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."
trap 'scripts/tune.sh off' EXIT
scripts/tune.sh on

# A check that failed is in the table, and no reason to leave out the rest.
run() { "$bench" run -q "$@" || [ $? -eq 1 ]; }

million=(-modes prefork:reuseport -c 53 -conns 1007000 -replicas 53 -client-c 1 -rounds 1 -d 100s -timeout 60s -seed 1)

one-process() {
	run -modes goroutine,epoll,multiepoll,prefork,workerpool -conns 19k -d 2s -seed 1 -o "$dir/one-process.jsonl"
	run -modes epoll -conns 19k -client-c 1 -d 2s -seed 1 -o "$dir/one-loop.jsonl"
}

processes() { run "${million[@]}" -o "$dir/million.jsonl"; }

docker() { run "${million[@]}" -engine docker -o "$dir/million-docker.jsonl"; }

setupm() {
	local server logs i
	logs=$(mktemp -d)
	"$bench" server -mode=prefork:reuseport -c 53 -interval 0 -format lines >"$logs/server" 2>"$logs/errors" &
	server=$!
	scripts/setupm.sh 19000 53 127.0.0.1 1 -d 100s -timeout 60s
	scripts/report.sh "$logs/server" || [ $? -eq 1 ]
	kill "$server"
	wait "$server"
	for i in $(seq 53); do command docker logs "1mclient_$i" >"$logs/$i" 2>/dev/null; done
	rm "$logs/errors"
	"$bench" merge -expect 53 -o "$dir/million-setupm.jsonl" "$logs" >/dev/null || [ $? -eq 1 ]
	scripts/destroy.sh
	rm -r "$logs"
}

[ $# -gt 0 ] || set -- one-process processes docker setupm
for part; do "$part"; done
