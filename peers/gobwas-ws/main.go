// Gobwas-ws echoes WebSocket messages with github.com/gobwas/ws: its upgrade
// without net/http, then a goroutine for each connection. It has no event loop.
package main

import (
	"context"
	"net"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"c1m/peers/internal/peer"
)

func main() {
	wsutil.SetMaxMessageSize(peer.MaxMessage)
	peer.Main(peer.Protocols{"ws": func(ctx context.Context, addr string) error {
		return peer.Listen(ctx, addr, echo)
	}})
}

func echo(conn net.Conn) {
	defer conn.Close()
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	for {
		message, kind, err := wsutil.ReadClientData(conn)
		if err != nil {
			return
		}
		if err := wsutil.WriteServerMessage(conn, kind, message); err != nil {
			return
		}
	}
}
