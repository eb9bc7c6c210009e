#!/usr/bin/env bash
# Builds the container image: one static binary FROM scratch. It contains
# bench, which includes server and client. Needs Go and Docker, no base image.
set -euo pipefail

usage() {
	echo "usage: scripts/image.sh [NAME]   NAME of the image (default: c1m)" >&2
	exit 2
}

[ $# -le 1 ] || usage
name=${1-c1m}
case $name in '' | -*) usage ;; esac

cd "$(dirname "$0")/.."
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags='-s -w' -o bin/bench ./cmd/bench
docker build --tag "$name" .
