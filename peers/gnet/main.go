// Gnet echoes with github.com/panjf2000/gnet. It adds nothing to the library's
// event loops.
package main

import (
	"context"
	"flag"

	"github.com/panjf2000/gnet/v2"

	"c1m/peers/internal/peer"
)

var reuseport = flag.Bool("reuseport", false, "a listener for each event loop, instead of one loop that accepts for all")

type server struct {
	*gnet.BuiltinEventEngine
	ctx context.Context
}

func (s server) OnBoot(engine gnet.Engine) gnet.Action {
	context.AfterFunc(s.ctx, func() { peer.Shutdown(engine.Stop) })
	return gnet.None
}

func (server) OnTraffic(conn gnet.Conn) gnet.Action {
	data, err := conn.Next(-1)
	if err != nil {
		return gnet.Close
	}
	if _, err := conn.Write(data); err != nil {
		return gnet.Close
	}
	return gnet.None
}

func main() {
	peer.Main(peer.Protocols{"echo": func(ctx context.Context, addr string) error {
		return gnet.Run(server{ctx: ctx}, "tcp://"+addr,
			gnet.WithMulticore(true), gnet.WithLockOSThread(true), gnet.WithReusePort(*reuseport),
			gnet.WithReuseAddr(true)) // it can be started again at once
	}})
}
