//go:build linux

package load

import (
	"time"

	"c1m/internal/proto"
)

// batchSize is how many bytes of requests are combined into one write. Larger messages are
// not copied.
const batchSize = 64 << 10

// pipelined is a closed loop with several requests in flight on each busy connection.
// Replies arrive in the order of the requests, so a ring of time stamps per connection is
// enough. A connection's sent and received count from the oldest request without a reply;
// sent covers all requests in flight.
type pipelined struct {
	base
	depth  int
	stamps []time.Duration // depth per connection
	head   []int32         // of each connection's ring
	length []int32         // requests in flight
	out    []byte
}

func newPipelined(l *loop, cfg *Config) *pipelined {
	count := len(l.conns)
	return &pipelined{
		base:   base{l},
		depth:  cfg.Pipeline,
		stamps: make([]time.Duration, cfg.Pipeline*count),
		head:   make([]int32, count),
		length: make([]int32, count),
		out:    make([]byte, 0, 2*batchSize),
	}
}

// at returns the stamp of request k of a connection: 0 is the oldest in flight, -1 the one
// before.
func (p *pipelined) at(slot uint32, k int) *time.Duration {
	return &p.stamps[int(slot)*p.depth+(int(p.head[slot])+k+p.depth)%p.depth]
}

// push adds a request. The stamps of a connection must differ, because they distinguish
// its requests.
func (p *pipelined) push(slot uint32, now time.Duration) {
	n := int(p.length[slot])
	*p.at(slot, n) = max(now, *p.at(slot, n-1)+1)
	p.length[slot]++
}

// pop removes the oldest request.
func (p *pipelined) pop(slot uint32) {
	p.head[slot] = int32((int(p.head[slot]) + 1) % p.depth)
	p.length[slot]--
}

// first sends as many requests as may be in flight.
func (p *pipelined) first(slot uint32, c *conn) {
	now := p.l.plan.now()
	for range p.depth {
		p.push(slot, now)
	}
	p.l.inFlight += int64(p.depth)
	c.state, c.since, c.sent, c.received = awaiting, *p.at(slot, 0), 0, 0
	p.flush(slot, c)
}

// flush writes the unsent bytes of a connection's requests, in batches.
func (p *pipelined) flush(slot uint32, c *conn) {
	l, wire := p.l, p.l.request.wire
	if !l.sendPending(slot, c) || c.state != awaiting {
		return
	}
	for all := int(p.length[slot]) * wire; int(c.sent) < all; {
		n, ok := l.write(slot, c, p.unsent(slot, int(c.sent)/wire, int(c.sent)%wire))
		if n == 0 || !ok {
			return
		}
		c.sent += int32(n)
	}
	l.sendPending(slot, c) // may have waited for the end of a request
}

// unsent returns the bytes from an offset of request k on: the rest of the request, and
// small requests after it.
func (p *pipelined) unsent(slot uint32, k, offset int) []byte {
	from := func(k, offset int) []byte {
		return p.l.request.from(word(p.l.first+slot, int64(*p.at(slot, k))), offset)
	}
	if p.l.request.wire > batchSize {
		return from(k, offset)
	}
	p.out = p.out[:0]
	for ; k < int(p.length[slot]) && len(p.out) < batchSize; k, offset = k+1, 0 {
		p.out = append(p.out, from(k, offset)...)
	}
	return p.out
}

// received compares each reply with the oldest request, and records its latency. Until the
// window closes another request follows each reply; flush sends it.
func (p *pipelined) received(slot uint32, c *conn, piece proto.Piece) bool {
	l := p.l
	if !l.fits(slot, c, piece) {
		return false
	}
	size, wire := l.request.size, int32(l.request.wire)
	now := time.Duration(-1) // read once, and only if a reply is complete
	_, closed := l.plan.window()
	for in := piece.Bytes; len(in) > 0; {
		owed := l.request.owed(min(c.sent, wire), c.received)
		if owed == 0 {
			l.misfit(slot, c, unasked, in)
			return false
		}
		part := in[:min(len(in), owed)]
		in = in[len(part):]
		if !l.request.matches(word(l.first+slot, int64(c.since)), int(c.received), part) {
			l.misfit(slot, c, wrong, part)
			return false
		}
		if c.received += int32(len(part)); int(c.received) < size {
			continue
		}
		if now < 0 {
			now = l.replyTime()
		}
		if l.late(c, now) {
			l.lose(slot, c, timedOut)
			return false
		}
		p.replied(slot, c, now)
		if now < closed {
			p.push(slot, now)
			l.inFlight++
			c.state, c.since, c.unwritten = awaiting, *p.at(slot, 0), true
		} else if l.inFlight == 0 {
			l.dirty = true // drained
		}
	}
	return true
}

// replied counts the reply to a connection's oldest request.
func (p *pipelined) replied(slot uint32, c *conn, now time.Duration) {
	rest := c.sent - int32(p.l.request.wire)
	latency := p.l.answered(slot, c, now)
	p.pop(slot)
	if c.sent = rest; p.length[slot] > 0 {
		c.state, c.since = awaiting, *p.at(slot, 0)
	}
	if opened, closed := p.l.plan.window(); now >= opened && now < closed {
		p.l.record(slot, now-opened, latency)
	}
}

func (p *pipelined) outstanding(slot uint32, _ *conn, visit func(sent time.Duration)) {
	for k := range p.length[slot] {
		visit(*p.at(slot, int(k)))
	}
}

// abandon allows for stamps that are later than the clock: push adds a nanosecond for each
// request with the same reading.
func (p *pipelined) abandon(slot uint32, c *conn, now time.Duration) {
	inside := p.l.inside(now)
	p.outstanding(slot, c, func(sent time.Duration) {
		if inside {
			p.l.tally.givenUp += max(0, now-sent)
		}
		p.l.inFlight--
	})
}
