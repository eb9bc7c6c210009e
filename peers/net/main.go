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
	defer conn.Close()
	if *useCopy {
		io.Copy(conn, conn)
		return
	}
	buffer := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}
