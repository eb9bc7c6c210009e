//go:build linux

package contract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"c1m/internal/proto"
)

const (
	messageSize = 8
	chunkSize   = 32 << 10
)

// client is one connection. It numbers its messages, so that another's or an
// earlier reply is not taken for the one that it waits for.
type client struct {
	*net.TCPConn
	in       *bufio.Reader
	wire     wire
	protocol proto.Protocol
	patience time.Duration // for one read or write
	begun    *frame        // the message that is coming in fragments
	ctx      context.Context
	id, sent uint32
}

// wire is how a protocol puts messages on a connection.
type wire interface {
	// open says what comes before the first message, and reads the answer.
	open(c *client) error

	// encode is a message as a client sends it.
	encode(message []byte) []byte

	// expect reads a message and compares it.
	expect(c *client, want []byte) error
}

// connect makes a connection on which nothing has been said.
func (s *scene) connect() (*client, error) { return s.connectWithin(s.target.patience()) }

func (s *scene) connectWithin(limit time.Duration) (*client, error) {
	dialer := net.Dialer{Timeout: limit, KeepAlive: -1}
	conn, err := dialer.DialContext(s.ctx, "tcp", s.server().Addr())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &client{
		TCPConn: conn.(*net.TCPConn), in: bufio.NewReader(conn), ctx: s.ctx, id: uint32(len(s.conns)),
		wire: wireOf(s.target.Protocol), protocol: s.target.Protocol, patience: s.target.patience(),
	}
	s.conns = append(s.conns, c)
	return c, nil
}

// accepted is connect, with a finding for an error.
func (s *scene) accepted() (*client, error) {
	c, err := s.connect()
	if err != nil {
		return nil, found("a client connected", "it to be accepted", err)
	}
	return c, nil
}

// dial makes a connection that is ready for messages.
func (s *scene) dial() (*client, error) { return s.dialWithin(s.target.patience()) }

// ready is dial, with a finding for an error.
func (s *scene) ready() (*client, error) {
	c, err := s.dial()
	if err != nil {
		want := "it to be accepted"
		if s.target.Protocol == proto.WebSocket {
			want += " and upgraded"
		}
		return nil, found("a client connected", want, err)
	}
	return c, nil
}

// dialAndTrip makes a connection and exchanges a message on it.
func (s *scene) dialAndTrip() (*client, error) {
	c, err := s.dial()
	if err == nil {
		err = c.trip()
	}
	return c, err
}

// dialWithin is dial, with a limit for connecting.
func (s *scene) dialWithin(limit time.Duration) (*client, error) {
	c, err := s.connectWithin(limit)
	if err == nil {
		err = c.wire.open(c)
	}
	return c, err
}

// dialMany makes n connections one after the other.
func (s *scene) dialMany(n int) ([]*client, error) {
	list := make([]*client, n)
	for i := range list {
		var err error
		if list[i], err = s.dial(); err != nil {
			return nil, found(fmt.Sprintf("connection %d of %d was opened", i+1, n), "it to be accepted", err)
		}
	}
	return list, nil
}

// crowd makes n connections, each of which has exchanged a message.
func (s *scene) crowd(n int) ([]*client, error) {
	clients, err := s.dialMany(n)
	if err != nil {
		return nil, err
	}
	if err := each(clients, (*client).trip); err != nil {
		return nil, found(fmt.Sprintf("%d clients sent a message", n), "it back", err)
	}
	return clients, nil
}

// reset closes with RST: connections in TIME_WAIT would take the ports of what
// comes next. It is harmless on a connection already closed.
func (c *client) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// deadline is when patience ends, or the clause if that is earlier.
func (c *client) deadline() time.Time {
	at := time.Now().Add(c.patience)
	if end, ok := c.ctx.Deadline(); ok && end.Before(at) {
		return end
	}
	return at
}

// message is the client's next message, unlike any before it.
func (c *client) message() []byte {
	c.sent++
	b := binary.BigEndian.AppendUint32(make([]byte, 0, messageSize), c.id)
	return binary.BigEndian.AppendUint32(b, c.sent)
}

// write writes bytes as they are.
func (c *client) write(b []byte) error {
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return err
	}
	n, err := c.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ending{fmt.Sprintf("the server took %d of %d bytes in %v", n, len(b), c.patience), os.ErrDeadlineExceeded}
	}
	return err
}

// send sends a message.
func (c *client) send(message []byte) error { return c.write(c.wire.encode(message)) }

// expect wants a message back.
func (c *client) expect(want []byte) error { return c.wire.expect(c, want) }

// full reads as many bytes as b has.
func (c *client) full(b []byte) error {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return err
	}
	n, err := io.ReadFull(c.in, b)
	after := ""
	if n > 0 {
		after = fmt.Sprintf(" after %d of %d bytes", n, len(b))
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ending{fmt.Sprintf("nothing came%s for %v", after, c.patience), os.ErrDeadlineExceeded}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ending{"the server closed the connection" + after, io.EOF}
	case errors.Is(err, syscall.ECONNRESET):
		return ending{"the server reset the connection" + after, syscall.ECONNRESET}
	}
	return err
}

// ending is how a connection ended, in words, and as an error is told from others.
type ending struct {
	text string
	err  error
}

func (e ending) Error() string { return e.text }
func (e ending) Unwrap() error { return e.err }

// exchange sends a message and wants it back. It reads while it writes, since
// neither the server nor the kernel has to keep what is not read.
func (c *client) exchange(message []byte) error {
	if len(message) <= chunkSize {
		if err := c.send(message); err != nil {
			return err
		}
		return c.expect(message)
	}
	return c.whileWriting(func() error { return c.send(message) }, func() error { return c.expect(message) })
}

// whileWriting reads while write writes, and returns the error of reading or else
// that of writing. A reader that fails ends the writer with a reset.
func (c *client) whileWriting(write, read func() error) error {
	written := make(chan error, 1)
	go func() { written <- write() }()
	if err := read(); err != nil {
		c.reset()
		<-written
		return err
	}
	return <-written
}

// trip exchanges one message.
func (c *client) trip() error { return c.exchange(c.message()) }

// trips exchanges n messages, one after the other.
func (c *client) trips(n int) error {
	for i := range n {
		if err := c.trip(); err != nil {
			return fmt.Errorf("message %d of %d: %w", i+1, n, err)
		}
	}
	return nil
}

// each does something with every client at the same time, and joins them.
func each(clients []*client, do func(*client) error) error {
	return all(len(clients), func(i int) error { return do(clients[i]) })
}

// all does something n times at the same time, and joins them. The error says how
// many failed and why the first did.
func all(n int, do func(i int) error) error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = do(i) })
	}
	group.Wait()
	return failures(errs)
}

// failures is the error of connections of which some failed.
func failures(errs []error) error {
	failed, first := 0, error(nil)
	for _, err := range errs {
		if err != nil {
			if failed++; first == nil {
				first = err
			}
		}
	}
	switch {
	case failed == 0:
		return nil
	case len(errs) == 1:
		return first
	}
	return fmt.Errorf("%d of %d connections failed, the first with: %w", failed, len(errs), first)
}

// differ is the error of bytes that are not those wanted; nil if they are.
func differ(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	i := 0
	for got[i] == want[i] {
		i++
	}
	return fmt.Errorf("byte %d of %d came back as %#02x and was sent as %#02x", i+1, len(want), got[i], want[i])
}
