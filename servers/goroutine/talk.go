//go:build linux

package goroutine

import (
	"errors"
	"net"
	"os"
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

// talk is one connection's side of the protocol.
type talk struct {
	conn     net.Conn
	count    *servers.Counter
	patience time.Duration

	echo      proto.Echo
	websocket *proto.WebSocket // in place of echo, if not nil
	session   proto.Session

	hub    *hub // nil if nothing is pushed
	joined *subscriber
	direct *direct // what writes, once there are notifications as well
}

// newTalk begins to speak to a connection.
func newTalk(c net.Conn, s *server, count *servers.Counter) *talk {
	cfg := s.cfg
	t := &talk{conn: c, count: count, patience: cfg.Patience(), hub: s.hub}
	handle := func(message []byte) {
		count.Messages.Add(1)
		cfg.Work.Do(message)
	}
	if cfg.Protocol == servers.WebSocket {
		t.websocket = proto.NewWebSocket(handle)
		c.SetReadDeadline(time.Now().Add(t.patience)) // for the request to upgrade
	} else {
		t.echo.Handle = handle
	}
	return t
}

// receive appends the replies to what was read to out. An error ends the
// connection, once they are written.
func (t *talk) receive(in, out []byte) ([]byte, error) {
	if t.websocket == nil {
		return t.echo.Receive(in, out), nil
	}
	before := t.session.Phase
	out, err := t.websocket.Receive(&t.session, in, out)
	if before == proto.Handshake && t.session.Phase == proto.Open {
		t.conn.SetReadDeadline(time.Time{})
	}
	return out, err
}

var errSlow = errors.New("the request to upgrade did not come in time")

// end says what the end of reading was: nil if the peer closed in order. The
// replies must have been written.
func (t *talk) end(err error) error {
	var v *proto.Violation
	switch {
	case err == proto.ErrClosed:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && t.session.Phase == proto.Handshake:
		err = errSlow
	case errors.As(err, &v):
		t.count.Errors.Add(1)
		linger(t.conn, t.patience)
		err = nil
	}
	t.session.Release()
	return err
}

// linger drops what a peer that broke the protocol still sends, until it
// closes or the patience is over: to close while bytes arrive would reset the
// connection, and the peer might never read why.
func linger(c net.Conn, patience time.Duration) {
	if half, ok := c.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	c.SetReadDeadline(time.Now().Add(patience))
	for b := make([]byte, firstBuffer); ; {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}
