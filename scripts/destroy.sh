#!/usr/bin/env bash
# Removes the replicas that scripts/setupm.sh started, and all else that carries
# the label c1m, of runs in progress as well; with a RUN, only what is of it.
set -euo pipefail
if [ $# -gt 1 ] || [[ ${1-RUN} == '' || ${1-} == -* ]]; then # an empty RUN must not mean all
	echo "usage: scripts/destroy.sh [RUN]" >&2
	exit 2
fi
cd "$(dirname "$0")/.."
for bench in bin/bench "$(command -v bench || true)"; do
	if [ -x "$bench" ]; then exec "$bench" clean ${1:+-run "$1"}; fi
done
exec go run ./cmd/bench clean ${1:+-run "$1"}
