#!/bin/sh
# Builds FILE from Debian's crates, without network. Nothing is written beside the sources.
# usage: build.sh FILE
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -r "$(dirname "$0")/Cargo.toml" "$(dirname "$0")/src" "$dir"
cargo build --quiet --release --offline --manifest-path "$dir/Cargo.toml" --target-dir "$dir/target" \
	--config 'source.crates-io.replace-with="debian"' --config 'source.debian.directory="/usr/share/cargo/registry"'
cp "$dir/target/release/echo" "$1"
