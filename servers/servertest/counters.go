//go:build linux

package servertest

import (
	"fmt"
	"testing"

	"c1m/servers"
)

// testCounters: the totals are what the clients did.
func testCounters(t *testing.T, cfg servers.Config) {
	const connections, messages, leave = 60, 20, 25
	p := start(t, cfg)
	clients := dialMany(t, p.addr, connections)
	if err := each(clients, func(c *client) error { return c.roundTrips(messages) }); err != nil {
		t.Fatal(err)
	}
	want := servers.Totals{
		Accepted: connections,
		Open:     connections,
		Messages: connections * messages,
		Bytes:    connections * messages * messageSize,
	}
	p.wantCounters("each message answered", want)

	for i, c := range clients[:leave] {
		if i%2 == 0 {
			c.reset()
		} else {
			c.Close()
		}
	}
	want.Open -= leave
	p.wantCounters("some clients left", want)
}

// wantCounters waits until the server's totals are those wanted: they may be
// published after the reply was sent.
func (p *process) wantCounters(when string, want servers.Totals) {
	p.t.Helper()
	err := eventually(promptly, func() error {
		got, err := p.counters()
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("the counters say %+v; want %+v, as the clients did", got, want)
		}
		return nil
	})
	if err != nil {
		p.t.Fatalf("%s: %v", when, err)
	}
}
