// Nbio echoes with github.com/lesismal/nbio, bytes or WebSocket messages. It
// adds nothing to the library's pollers.
package main

import (
	"context"
	"net"
	"net/http"
	"runtime"

	"github.com/lesismal/nbio"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"

	"c1m/peers/internal/peer"
)

func main() {
	logging.SetLevel(logging.LevelError)
	peer.Main(peer.Protocols{"echo": echo, "ws": ws})
}

type engine interface {
	Start() error
	Shutdown(context.Context) error
}

func serve(ctx context.Context, e engine) error {
	if err := e.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	return peer.Shutdown(e.Shutdown)
}

func echo(ctx context.Context, addr string) error {
	e := nbio.NewEngine(nbio.Config{
		Network:            "tcp",
		Addrs:              []string{addr},
		NPoller:            runtime.NumCPU(),
		MaxWriteBufferSize: 6 << 20,
	})
	e.OnData(func(conn *nbio.Conn, data []byte) {
		conn.Write(append([]byte{}, data...))
	})
	return serve(ctx, e)
}

func ws(ctx context.Context, addr string) error {
	// Opened here, because Start does not return when it cannot open it.
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	upgrader := websocket.NewUpgrader()
	upgrader.KeepaliveTime = 0 // idle connections stay
	upgrader.MessageLengthLimit = peer.MaxMessage
	upgrader.OnMessage(func(conn *websocket.Conn, kind websocket.MessageType, data []byte) {
		conn.WriteMessage(kind, data)
	})
	return serve(ctx, nbhttp.NewEngine(nbhttp.Config{
		Network:                 "tcp",
		Addrs:                   []string{addr},
		Listen:                  func(string, string) (net.Listener, error) { return listener, nil },
		NPoller:                 runtime.NumCPU(),
		IOMod:                   nbhttp.IOModNonBlocking,
		ReleaseWebsocketPayload: true,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upgrader.Upgrade(w, r, nil)
		}),
	}))
}
