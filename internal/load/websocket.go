//go:build linux

package load

import (
	"encoding/binary"
	"math/rand/v2"

	"c1m/internal/proto"
)

// maxPongs bounds the pongs of a connection that cannot be written yet, in
// bytes. A server that goes on asking and does not read is owed no answer.
const maxPongs = 1 << 10

// websockets is the part of a loop that speaks WebSocket. A connection that
// is at rest has no memory in it.
type websockets struct {
	client   proto.Client
	asks     proto.Request
	seed     uint64     // of the keys to upgrade with
	upgrades int32      // asked for so far; its number makes a connection's key
	random   *rand.Rand // masks pongs
	sessions map[uint32]*session
	spare    *session // for one that has none, while its bytes are looked at
	free     []*session
	request  []byte
}

// session is what a connection has that is not at rest.
type session struct {
	incoming proto.Incoming
	answer   []byte // to the request to upgrade, as far as it has come
	pongs    []byte // to be written
}

func (s *session) rests() bool {
	return s.incoming.Rests() && len(s.answer) == 0 && len(s.pongs) == 0
}

func (s *session) clear() { *s = session{answer: s.answer[:0], pongs: s.pongs[:0]} }

func newWebsockets(asks proto.Request) *websockets {
	return &websockets{
		asks:     asks,
		seed:     rand.Uint64(),
		random:   rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		sessions: make(map[uint32]*session),
		spare:    new(session),
	}
}

// begin returns a connection's session, or one at rest for it.
func (w *websockets) begin(slot uint32) *session {
	if s := w.sessions[slot]; s != nil {
		return s
	}
	if !w.spare.rests() { // the connection it was for has been closed
		w.spare.clear()
	}
	return w.spare
}

// keep keeps a session until it rests.
func (w *websockets) keep(slot uint32, s *session) {
	kept := w.sessions[slot] != nil
	switch {
	case s.rests() && kept:
		w.forget(slot)
	case !s.rests() && !kept:
		w.sessions[slot] = s
		if n := len(w.free); n > 0 {
			w.spare, w.free = w.free[n-1], w.free[:n-1]
		} else {
			w.spare = new(session)
		}
	}
}

// forget gives back what a connection has that is closed, or at rest.
func (w *websockets) forget(slot uint32) {
	if s := w.sessions[slot]; s != nil {
		delete(w.sessions, slot)
		s.clear()
		w.free = append(w.free, s)
	}
}

// key is that of the n-th upgrade. It is made again when the answer comes, so
// that a connection need not remember it.
func (w *websockets) key(n int32) (k proto.Key) {
	var random rand.PCG
	random.Seed(w.seed, uint64(n))
	binary.LittleEndian.PutUint64(k[:8], random.Uint64())
	binary.LittleEndian.PutUint64(k[8:], random.Uint64())
	return k
}

// takeFrames is take for what a server sends that speaks WebSocket: each piece
// of a message is checked as bytes are, and its bounds besides.
func (l *loop) takeFrames(slot uint32, c *conn, in []byte) bool {
	if c.state == upgrading {
		in = l.takeAnswer(slot, c, in)
		if c.state == upgrading || c.state == lost || c.state == unused {
			return c.state == upgrading
		}
	}
	w := l.ws
	s := w.begin(slot)
	for len(in) > 0 {
		p, rest, err := w.client.Next(&s.incoming, in)
		if err != nil {
			l.misfit(slot, c, wrong, in)
			return false
		}
		in = rest
		switch p.Kind {
		case proto.Data:
			if !l.takePiece(slot, c, p) {
				return false
			}
			if s.rests() { // and may have been given back, with the last of its pongs
				s = w.begin(slot)
			}
		case proto.Ping:
			if len(s.pongs) < maxPongs {
				var key [4]byte
				binary.LittleEndian.PutUint32(key[:], w.random.Uint32())
				s.pongs = w.client.AppendPong(s.pongs, p.Bytes, key)
			}
		case proto.Close:
			l.loseSaid(slot, c, closed, farewell(p.Bytes))
			return false
		}
	}
	w.keep(slot, s)
	if l.pipe != nil && c.state == asking {
		l.flush(slot, c)
	} else if len(w.sessions) > 0 {
		l.pongs(slot, c)
	}
	return c.state != lost
}

// takePiece checks a piece of a message. A reply is one binary message, in
// whatever fragments. It reports whether the connection is still up.
func (l *loop) takePiece(slot uint32, c *conn, p proto.Piece) bool {
	if l.subs != nil {
		return l.takeNotification(slot, c, p)
	}
	size := int64(l.request.size)
	switch {
	case p.Binary && p.Length <= size && (p.Length == size || !p.End):
	case c.state != asking:
		l.misfit(slot, c, unasked, p.Bytes)
		return false
	default:
		l.misfit(slot, c, wrong, p.Bytes)
		return false
	}
	switch {
	case len(p.Bytes) == 0:
		return true
	case l.pipe != nil:
		return l.checkPiped(slot, c, p.Bytes)
	}
	return l.take(slot, c, p.Bytes)
}

// pongs writes the pongs that wait, where they do not fall into the middle of
// a request. It reports whether the connection is up and a request may be sent.
func (l *loop) pongs(slot uint32, c *conn) bool {
	s := l.ws.sessions[slot]
	if s == nil || len(s.pongs) == 0 || int(c.put)%l.request.wire != 0 {
		return true
	}
	n, ok := l.write(slot, c, s.pongs)
	if !ok {
		return false
	}
	s.pongs = s.pongs[:copy(s.pongs, s.pongs[n:])]
	done := len(s.pongs) == 0
	l.ws.keep(slot, s)
	return done
}
