//go:build linux

package servertest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"
)

const (
	messageSize = 8
	chunkSize   = 32 << 10
)

// client is one connection. It numbers its messages, so that another's or an
// earlier reply is not taken for the one it waits for.
type client struct {
	*net.TCPConn
	id, sent uint32
}

// dial connects one client; it is reset when the test ends.
func dial(t *testing.T, addr netip.AddrPort) *client {
	t.Helper()
	return dialMany(t, addr, 1)[0]
}

// dialMany connects n clients. Closing resets them: connections in TIME_WAIT
// would take the ports of the tests to come.
func dialMany(t *testing.T, addr netip.AddrPort, n int) []*client {
	t.Helper()
	dialer := net.Dialer{Timeout: patience, KeepAlive: -1}
	clients := make([]*client, 0, n)
	t.Cleanup(func() {
		for _, c := range clients {
			c.reset()
		}
	})
	for i := range n {
		conn, err := dialer.Dial("tcp", addr.String())
		if err != nil {
			t.Fatalf("connection %d of %d: %v", i+1, n, err)
		}
		clients = append(clients, &client{TCPConn: conn.(*net.TCPConn), id: uint32(i)})
	}
	return clients
}

// reset closes with RST. It is harmless on a connection already closed.
func (c *client) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// message is the client's next message, unlike any before it.
func (c *client) message() []byte {
	c.sent++
	b := binary.BigEndian.AppendUint32(make([]byte, 0, messageSize), c.id)
	return binary.BigEndian.AppendUint32(b, c.sent)
}

// send writes all of b.
func (c *client) send(b []byte) error {
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := c.Write(b)
	return err
}

// expect reads as many bytes as want has and compares them, waiting for them
// at most a time.
func (c *client) expect(want []byte, within time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", n, len(want), err)
	}
	if !bytes.Equal(got, want) {
		i := 0
		for got[i] == want[i] {
			i++
		}
		return fmt.Errorf("byte %d of %d is %#02x; want %#02x, as sent", i+1, len(want), got[i], want[i])
	}
	return nil
}

// exchange sends b and wants it back.
func (c *client) exchange(b []byte, within time.Duration) error {
	if err := c.send(b); err != nil {
		return err
	}
	return c.expect(b, within)
}

// roundTrip exchanges one message.
func (c *client) roundTrip() error { return c.exchange(c.message(), patience) }

// roundTrips exchanges n messages, one after the other.
func (c *client) roundTrips(n int) error {
	for i := range n {
		if err := c.roundTrip(); err != nil {
			return fmt.Errorf("round trip %d of %d: %w", i+1, n, err)
		}
	}
	return nil
}

// end waits until the server has ended the connection, in order or by reset.
func (c *client) end(within time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the connection is still open after %v; want it ended", within)
	}
	return nil // EOF, or a reset
}

// each does something with every client at the same time, and joins them. The
// error says how many failed and why the first did.
func each(clients []*client, do func(*client) error) error {
	errs := make([]error, len(clients))
	var group sync.WaitGroup
	for i, c := range clients {
		group.Go(func() { errs[i] = do(c) })
	}
	group.Wait()
	failed, first := 0, error(nil)
	for _, err := range errs {
		if err != nil {
			if failed++; first == nil {
				first = err
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d connections failed, the first with: %w", failed, len(clients), first)
	}
	return nil
}
