// Evio echoes with github.com/tidwall/evio. It adds nothing to the library's
// event loops.
package main

import (
	"context"
	"time"

	"github.com/tidwall/evio"

	"c1m/peers/internal/peer"
)

func main() {
	peer.Main(peer.Protocols{"echo": echo})
}

func echo(ctx context.Context, addr string) error {
	events := evio.Events{
		NumLoops:    -1,
		LoadBalance: evio.LeastConnections,
		Data:        func(_ evio.Conn, in []byte) ([]byte, evio.Action) { return in, evio.None },
		// A tick is the only way in from outside.
		Tick: func() (time.Duration, evio.Action) {
			if ctx.Err() != nil {
				return 0, evio.Shutdown
			}
			return 100 * time.Millisecond, evio.None
		},
	}
	return evio.Serve(events, "tcp://"+addr)
}
