//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"
)

// freeAddr returns a loopback address with a free port, free in IPv6 too: a command
// told to listen on localhost may use either.
func freeAddr(ctx context.Context) (string, error) {
	const tries = 16
	for try := 1; ; try++ {
		var config net.ListenConfig
		listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("a free port: %w", err)
		}
		addr := listener.Addr().String()
		listener.Close()
		if other := twin(addr); try == tries || !taken(ctx, other) {
			return addr, nil
		}
	}
}

// twin returns the IPv6 loopback address with the same port.
func twin(addr string) string {
	return "[::1]:" + addr[strings.LastIndexByte(addr, ':')+1:]
}

// taken reports whether the port of a loopback address is in use.
func taken(ctx context.Context, addr string) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err == nil {
		listener.Close()
	}
	return errors.Is(err, unix.EADDRINUSE)
}
