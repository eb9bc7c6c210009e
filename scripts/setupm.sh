#!/usr/bin/env bash
# Starts the client replicas of a load as containers 1mclient_1, 1mclient_2, …
# on the host's network. They share only a clock: all start the load at one
# time of day, C1M_START seconds from now (120), and must be connected by
# then. scripts/report.sh waits for them and prints one table. Start the server
# separately, for example with
#   server -mode prefork:reuseport -c 53 -format lines >server.log
set -euo pipefail

usage() {
	cat >&2 <<-'END'
		usage: scripts/setupm.sh CONNECTIONS REPLICAS IP CONCURRENCY [CLIENT FLAG…]
		  CONNECTIONS of each replica, REPLICAS, the server's IP, CONCURRENCY event loops
		  of each replica; flags such as -port 8972 -d 60s go to every client
	END
	exit 2
}

fail() {
	echo "setupm.sh: $2" >&2
	exit "$1"
}

# number accepts only whole numbers from 1.
number() { [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || fail 2 "$1 $2: want a whole number from 1"; }

[ $# -ge 4 ] || usage
connections=$1 replicas=$2 ip=$3 concurrency=$4
shift 4
number CONNECTIONS "$connections"
number REPLICAS "$replicas"
number CONCURRENCY "$concurrency"
[[ $ip =~ ^[0-9A-Za-z.:-]+$ && $ip != -* ]] || fail 2 "IP $ip: want an address or a name"
wait=${C1M_START:-120}
[[ $wait =~ ^[1-9][0-9]{0,4}$ ]] || fail 2 "C1M_START=$wait: want seconds, such as 120"
image=${C1M_IMAGE:-c1m}

docker info >/dev/null 2>&1 || fail 3 "no Docker engine answers"
docker image inspect "$image" >/dev/null 2>&1 || fail 3 "no image $image: build it with scripts/image.sh $image, or set C1M_IMAGE"
[ -z "$(docker ps --all --quiet --filter name='^1mclient_')" ] || fail 3 "containers 1mclient_… already exist: print their result with scripts/report.sh, or remove them with scripts/destroy.sh"

# port is the port in the CLIENT FLAGs.
port=8972 next=
for flag in "$@"; do
	case ${next:+value}$flag in
	value*) port=$flag next= ;;
	-port=* | --port=*) port=${flag#*=} ;;
	-port | --port) next=1 ;;
	esac
done
[[ $port =~ ^[1-9][0-9]{0,4}$ ]] || fail 2 "-port $port: want 1 to 65535"

# Test with one connection, from the replicas' place, before many start.
probe() {
	local said code=0
	said=$(docker run --rm --network host --read-only --cap-drop ALL --security-opt no-new-privileges "$image" \
		client -conn 1 -c 1 -idle -ip "$ip" -port "$port" -warmup 0s -d 1ms -timeout 3s -interval 0 2>&1) || code=$?
	case $code in
	0 | 1) ;; # a failed check is meaningless in such a short window
	2 | 3) fail 3 "no server answers at $ip, port $port: start it first (${said##*$'\n'})" ;;
	*) fail 3 "no container starts: ${said##*$'\n'}" ;;
	esac
}
probe

# reason prints why a replica has exited, from its log.
reason() {
	docker logs "$1" 2>&1 | sed -E 's/^c1m \{.*"failed":\{"message":"(([^"\\]|\\.)*)".*$/\1/; ta; /^c1m \{/d; :a; s/\\(["\\])/\1/g' | tail -n 1
}

# If not all replicas can start, those started are removed. docker runs in its own
# session (setsid), out of reach of a terminal's Ctrl-C: an interrupted order might
# be carried out after the removal.
started=()
undo() { [ ${#started[@]} -eq 0 ] || setsid --wait docker rm --force "${started[@]}" >/dev/null; }
trap 'undo; exit 3' ERR INT TERM

start=$(date -d "+$wait seconds" '+%Y-%m-%dT%H:%M:%S %z')
run=1m-$(date -u -d "$start" '+%Y%m%dT%H%M%SZ')
for ((i = 1; i <= replicas; i++)); do
	local=()
	if [[ $ip == 127.* ]]; then # source addresses cost nothing there, and each has its own ports
		net=127.$((1 + i / 250)).$((i % 250))
		local=(-local "$net.2,$net.3")
	fi
	started+=("1mclient_$i")
	setsid --wait docker run --detach --name "1mclient_$i" \
		--label c1m --label "c1m.run=$run" --label "c1m.replicas=$replicas" \
		--network host --read-only --cap-drop ALL --security-opt no-new-privileges --log-driver json-file \
		"$image" client -conn "$connections" -c "$concurrency" -ip "$ip" "${local[@]}" \
		-sm "$start" -run "$run" -id "1mclient_$i" -format lines -interval 0 "$@" >/dev/null
done
ended=$(docker ps --all --quiet --filter "label=c1m.run=$run" --filter status=exited)
if [ -n "$ended" ]; then # for example because of an unknown flag
	why=$(reason "${ended%%$'\n'*}")
	undo
	fail 3 "a replica has already exited; all are removed: ${why:-its log gives no reason}"
fi
trap - ERR INT TERM
echo "run $run: $replicas replicas of $connections connections to $ip start the load at $start"
echo "scripts/report.sh waits for it and prints the result"
