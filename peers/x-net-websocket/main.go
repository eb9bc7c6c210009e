// X-net-websocket echoes WebSocket messages with golang.org/x/net/websocket
// behind net/http. It does not check where a request comes from.
package main

import (
	"context"

	"golang.org/x/net/websocket"

	"c1m/peers/internal/peer"
)

type message struct {
	kind byte
	data []byte
}

// messages keeps a message's kind and bounds, which io.Copy in the library's
// example does not.
var messages = websocket.Codec{
	Marshal: func(v any) ([]byte, byte, error) {
		m := v.(*message)
		return m.data, m.kind, nil
	},
	Unmarshal: func(data []byte, kind byte, v any) error {
		*v.(*message) = message{kind, data}
		return nil
	},
}

func main() {
	// Unlike a bare Handler, a Server accepts requests without an origin.
	server := websocket.Server{Handler: echo}
	peer.Main(peer.Protocols{"ws": func(ctx context.Context, addr string) error {
		return peer.HTTP(ctx, addr, server)
	}})
}

func echo(conn *websocket.Conn) {
	defer conn.Close()
	conn.MaxPayloadBytes = peer.MaxMessage
	var m message
	for {
		if err := messages.Receive(conn, &m); err != nil {
			return
		}
		if err := messages.Send(conn, &m); err != nil {
			return
		}
	}
}
