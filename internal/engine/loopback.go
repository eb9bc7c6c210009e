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

// freeAddr is a loopback address whose port nobody has now, in IPv6 neither: a
// command that is told to listen on localhost may take either.
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

// twin is the same port of the IPv6 loopback address.
func twin(addr string) string {
	return "[::1]:" + addr[strings.LastIndexByte(addr, ':')+1:]
}

// taken reports whether somebody has a loopback address's port.
func taken(ctx context.Context, addr string) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err == nil {
		listener.Close()
	}
	return errors.Is(err, unix.EADDRINUSE)
}
