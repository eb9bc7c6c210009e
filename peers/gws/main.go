// Gws echoes WebSocket messages with github.com/lxzan/gws behind net/http. It
// does not compress, and answers the messages of a connection in their order.
package main

import (
	"context"
	"net/http"

	"github.com/lxzan/gws"

	"c1m/peers/internal/peer"
)

type handler struct{ gws.BuiltinEventHandler }

func (handler) OnPing(conn *gws.Conn, payload []byte) { conn.WritePong(payload) }

func (handler) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	conn.WriteMessage(message.Opcode, message.Bytes())
}

func main() {
	upgrader := gws.NewUpgrader(handler{}, &gws.ServerOption{
		CheckUtf8Enabled:    true,
		ReadMaxPayloadSize:  peer.MaxMessage,
		WriteMaxPayloadSize: peer.MaxMessage,
		Recovery:            gws.Recovery,
	})
	peer.Main(peer.Protocols{"ws": func(ctx context.Context, addr string) error {
		return peer.HTTP(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, err := upgrader.Upgrade(w, r)
			if err != nil {
				return
			}
			go conn.ReadLoop() // the handler's own goroutine would keep the request
		}))
	}})
}
