# One static binary and nothing else: scripts/image.sh builds both. It needs no
# file system to write to and no user of a name.
FROM scratch
COPY bin/bench /bench
USER 65534:65534
ENTRYPOINT ["/bench"]
