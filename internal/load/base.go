//go:build linux

package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/proto"
	"c1m/internal/result"
)

// base is the common part of most kinds of traffic: at most one request in flight per
// connection, sent and checked by the core, and nothing that is due by time. A kind
// embeds it and overrides methods.
type base struct{ l *loop }

func (b *base) first(uint32, *conn) {}

func (b *base) received(slot uint32, c *conn, p proto.Piece) bool {
	return b.l.fits(slot, c, p) && b.l.reply(slot, c, p.Bytes)
}

func (b *base) replied(uint32, *conn, time.Duration) {}

func (b *base) flush(slot uint32, c *conn) {
	if c.state == awaiting && int(c.sent) < b.l.request.wire {
		b.l.send(slot, c)
	}
	if c.up() {
		b.l.sendPending(slot, c)
	}
}

func (b *base) due(time.Duration) time.Duration { return patrolEvery }

func (b *base) edge(edge, time.Duration) {}

func (b *base) outstanding(_ uint32, c *conn, visit func(sent time.Duration)) { visit(c.since) }

func (b *base) abandon(_ uint32, c *conn, now time.Duration) {
	if b.l.inside(now) {
		b.l.tally.givenUp += now - c.since
	}
	b.l.inFlight--
}

func (b *base) returned(uint32, *conn) {}

func (b *base) failed(uint32, *conn, failure) {}

// conclude counts connections without a reply: after the window no new requests are
// sent, and a working server answers those in flight.
func (b *base) conclude(time.Duration) bool {
	if !b.l.ended {
		return false
	}
	for i := range b.l.conns {
		if b.l.conns[i].state == awaiting {
			b.l.tally.silent++
		}
	}
	return true
}

func (b *base) tell(*detail) {}

// addTo adds the operations of each busy connection.
func (b *base) addTo(r *result.Replica) error {
	b.addShares(r, func(c *conn) bool { return !c.idle })
	return nil
}

// addShares adds the operations of each connection for which counts is true.
func (b *base) addShares(r *result.Replica, counts func(*conn) bool) {
	for i, n := range b.l.served {
		if counts(&b.l.conns[i]) {
			if r.Shares == nil {
				r.Shares = new(hist.Shares)
			}
			r.Shares.Add(n)
		}
	}
}
