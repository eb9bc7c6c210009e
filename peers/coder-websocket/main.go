// Coder-websocket echoes WebSocket messages with github.com/coder/websocket
// behind net/http. It streams: no message is kept whole.
package main

import (
	"context"
	"io"
	"net/http"

	"github.com/coder/websocket"

	"c1m/peers/internal/peer"
)

func main() {
	peer.Main(peer.Protocols{"ws": func(ctx context.Context, addr string) error {
		return peer.HTTP(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer conn.CloseNow()
			conn.SetReadLimit(peer.MaxMessage)
			for echo(conn) == nil {
			}
		}))
	}})
}

// echo returns one message. The library advises against a request's context
// after the upgrade.
func echo(conn *websocket.Conn) error {
	ctx := context.Background()
	kind, message, err := conn.Reader(ctx)
	if err != nil {
		return err
	}
	reply, err := conn.Writer(ctx, kind)
	if err != nil {
		return err
	}
	if _, err := io.Copy(reply, message); err != nil {
		return err
	}
	return reply.Close()
}
