#!/usr/bin/env bash
# Removes the replicas that scripts/setupm.sh started, and everything else with
# the label c1m, including runs in progress; with a RUN, only those of that run.
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
