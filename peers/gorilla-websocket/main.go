// Gorilla-websocket echoes WebSocket messages with github.com/gorilla/websocket
// behind net/http. It does not compress.
package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"

	"c1m/peers/internal/peer"
)

// A write buffer belongs to a connection only while it writes.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  1 << 10,
	WriteBufferSize: 4 << 10,
	WriteBufferPool: &sync.Pool{},
}

func main() {
	peer.Main(peer.Protocols{"ws": func(ctx context.Context, addr string) error {
		return peer.HTTP(ctx, addr, http.HandlerFunc(echo))
	}})
}

func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetReadLimit(peer.MaxMessage)
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return
		}
	}
}
