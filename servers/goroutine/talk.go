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
	timeout  time.Duration // of the handshake, and of linger
	stopping *atomic.Bool  // the server is shutting down
	farewell []byte        // sent to the peer then

	server  proto.Server
	session proto.Session

	hub    *hub // nil without notifications
	joined *subscriber
	direct *direct // writes, if not nil
}

// newTalk returns the talk of a new connection.
func newTalk(c net.Conn, s *server, count *servers.Counter) *talk {
	cfg := s.cfg
	t := &talk{
		conn: c, count: count, timeout: cfg.Timeout(), stopping: &s.stopping,
		farewell: cfg.Protocol.Farewell(), hub: s.hub,
	}
	t.server = cfg.Protocol.NewServer(func(message []byte) {
		count.Messages.Add(1)
		cfg.Work.Do(message)
	})
	if t.session.Phase = t.server.Start(); t.session.Phase == proto.Handshake {
		t.readBy(time.Now().Add(t.timeout))
	}
	return t
}

// receive appends the replies to received bytes to out. An error ends the connection
// after they are written.
func (t *talk) receive(in, out []byte) ([]byte, error) {
	before := t.session.Phase
	out, err := t.server.Receive(&t.session, in, out)
	if before == proto.Handshake && t.session.Phase == proto.Open {
		t.readBy(time.Time{})
	}
	return out, err
}

// readBy sets the deadline for reading; zero means none. If the server is shutting
// down, reading ends at once: this call may have replaced the deadline that closeAll
// set.
func (t *talk) readBy(when time.Time) {
	t.conn.SetReadDeadline(when)
	if t.stopping.Load() {
		t.conn.SetReadDeadline(longAgo)
	}
}

var errSlow = errors.New("handshake timeout")

// end handles the end of reading, and returns nil if the peer closed properly. The
// replies must have been written.
func (t *talk) end(err error) error {
	var v *proto.Violation
	switch {
	case err == proto.ErrClosed:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && t.stopping.Load():
		err = t.sayFarewell()
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

// sayFarewell tells the peer that the server is shutting down, if the protocol
// supports it. Other writers have ended, or are blocked by the peer.
func (t *talk) sayFarewell() error {
	if len(t.farewell) == 0 || t.session.Phase != proto.Open {
		return nil
	}
	return t.write(t.farewell)
}

// linger drops what a peer still sends after it violated the protocol, until it
// closes or the timeout expires: closing while bytes arrive would reset the
// connection, and the peer might never read why.
func (t *talk) linger() {
	if half, ok := t.conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	t.readBy(time.Now().Add(t.timeout))
	for b := make([]byte, firstBuffer); ; {
		if _, err := t.conn.Read(b); err != nil {
			return
		}
	}
}
