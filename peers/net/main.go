// Net echoes with Go's package net: a goroutine for each connection, which
// blocks in Read. It does no buffering of its own beyond one buffer.
package main

import (
	"context"
	"flag"
	"io"
	"net"

	"c1m/peers/internal/peer"
)

var useCopy = flag.Bool("copy", false, "echo with io.Copy, as the package's example does")

func main() {
	peer.Main(peer.Protocols{"echo": func(ctx context.Context, addr string) error {
		return peer.Listen(ctx, addr, echo)
	}})
}

func echo(conn net.Conn) {
	if !*useCopy {
		peer.Echo(conn)
		return
	}
	defer conn.Close()
	io.Copy(conn, conn)
}
