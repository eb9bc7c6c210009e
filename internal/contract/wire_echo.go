//go:build linux

package contract

import "c1m/internal/proto"

// wireOf is the wire of a protocol.
func wireOf(p proto.Protocol) wire {
	if p == proto.WebSocket {
		return wsWire{}
	}
	return echoWire{}
}

// echoWire is bytes that come back.
type echoWire struct{}

func (echoWire) open(*client) error           { return nil }
func (echoWire) encode(message []byte) []byte { return message }

func (echoWire) expect(c *client, want []byte) error {
	got := make([]byte, len(want))
	for at := 0; at < len(got); at += chunkSize { // each part has its own time
		if err := c.full(got[at:min(len(got), at+chunkSize)]); err != nil {
			return err
		}
	}
	return differ(got, want)
}
