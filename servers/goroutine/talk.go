//go:build linux

package goroutine

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

// talk is one connection's side of the protocol.
type talk struct {
	conn     net.Conn
	count    *servers.Counter
	patience time.Duration
	stopping *atomic.Bool // the server is

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
	t := &talk{conn: c, count: count, patience: cfg.Patience(), stopping: &s.stopping, hub: s.hub}
	handle := func(message []byte) {
		count.Messages.Add(1)
		cfg.Work.Do(message)
	}
	if cfg.Protocol == servers.WebSocket {
		t.websocket = proto.NewWebSocket(handle)
		t.readBy(time.Now().Add(t.patience)) // for the request to upgrade
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
		t.readBy(time.Time{})
	}
	return out, err
}

// readBy says when reading is to end; never, if zero. When the server stops it
// ends at once, whatever else is said: the deadline that tells it so may have
// been set before this one.
func (t *talk) readBy(when time.Time) {
	t.conn.SetReadDeadline(when)
	if t.stopping.Load() {
		t.conn.SetReadDeadline(longAgo)
	}
}

var errSlow = errors.New("the request to upgrade did not come in time")

// end says what the end of reading was: nil if the peer closed in order. The
// replies must have been written.
func (t *talk) end(err error) error {
	var v *proto.Violation
	switch {
	case err == proto.ErrClosed:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && t.stopping.Load():
		err = t.goAway()
	case errors.Is(err, os.ErrDeadlineExceeded) && t.session.Phase == proto.Handshake:
		err = errSlow
	case errors.As(err, &v):
		t.count.Errors.Add(1)
		t.linger()
		err = nil
	}
	t.session.Release()
	return err
}

// goAway tells the peer of a WebSocket that the server goes. Whoever else may
// write has ended, or is held up by the peer.
func (t *talk) goAway() error {
	if t.session.Phase != proto.Open {
		return nil
	}
	return t.write(proto.GoingAway())
}

// linger drops what a peer that broke the protocol still sends, until it
// closes or the patience is over: to close while bytes arrive would reset the
// connection, and the peer might never read why.
func (t *talk) linger() {
	if half, ok := t.conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	t.readBy(time.Now().Add(t.patience))
	for b := make([]byte, firstBuffer); ; {
		if _, err := t.conn.Read(b); err != nil {
			return
		}
	}
}
