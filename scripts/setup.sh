#!/usr/bin/env bash
# Like scripts/setupm.sh, with one event loop in each replica.
set -euo pipefail
if [ $# -lt 3 ]; then
	echo "usage: scripts/setup.sh CONNECTIONS REPLICAS IP [CLIENT FLAG…]" >&2
	exit 2
fi
exec "$(dirname "$0")/setupm.sh" "$1" "$2" "$3" 1 "${@:4}"
