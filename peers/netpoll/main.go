// Netpoll echoes with github.com/cloudwego/netpoll. It adds nothing to the
// library's pollers.
package main

import (
	"context"
	"runtime"

	"github.com/cloudwego/netpoll"

	"c1m/peers/internal/peer"
)

// The pollers read their configuration once init is over.
func init() {
	netpoll.Configure(netpoll.Config{
		PollerNum: runtime.GOMAXPROCS(0),
		Runner:    func(_ context.Context, handle func()) { go handle() },
	})
}

func main() {
	peer.Main(peer.Protocols{"echo": serve})
}

func serve(ctx context.Context, addr string) error {
	listener, err := netpoll.CreateListener("tcp", addr)
	if err != nil {
		return err
	}
	loop, err := netpoll.NewEventLoop(echo)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- loop.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return peer.Shutdown(loop.Shutdown)
	}
}

func echo(_ context.Context, conn netpoll.Connection) error {
	reader, writer := conn.Reader(), conn.Writer()
	data, err := reader.Next(reader.Len())
	if err != nil {
		return err
	}
	reply, err := writer.Malloc(len(data))
	if err != nil {
		return err
	}
	copy(reply, data)
	if err := reader.Release(); err != nil {
		return err
	}
	return writer.Flush()
}
