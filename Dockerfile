# One static binary and nothing else; scripts/image.sh builds both. It needs no
# writable file system and no named user.
FROM scratch
COPY bin/bench /bench
USER 65534:65534
ENTRYPOINT ["/bench"]
