//go:build linux

package load

import (
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
)

// batchSize is how many bytes of requests are put together for one write.
// Larger messages are not copied for it.
const batchSize = 64 << 10

// pipe is the part of a loop that keeps several requests in flight on each
// connection. Replies come in the order of the requests, so that a ring of
// stamps per connection is all that is needed. Of a connection's counts, put
// and got then begin at the oldest request without a reply, and put covers all
// of them.
type pipe struct {
	depth  int
	stamps []time.Duration // depth for each connection
	head   []int32         // of each connection's ring
	length []int32         // requests in flight
	out    []byte
}

func newPipe(depth, count int) *pipe {
	return &pipe{
		depth:  depth,
		stamps: make([]time.Duration, depth*count),
		head:   make([]int32, count),
		length: make([]int32, count),
		out:    make([]byte, 0, 2*batchSize),
	}
}

// at is when request k of a connection was sent: 0 is the oldest in flight, -1
// the one before.
func (p *pipe) at(slot uint32, k int) *time.Duration {
	return &p.stamps[int(slot)*p.depth+(int(p.head[slot])+k+p.depth)%p.depth]
}

// push adds a request. The stamps of a connection differ, because the stamp is
// what tells two of its requests from each other.
func (p *pipe) push(slot uint32, now time.Duration) {
	n := int(p.length[slot])
	*p.at(slot, n) = max(now, *p.at(slot, n-1)+1)
	p.length[slot]++
}

// pop takes the oldest request out.
func (p *pipe) pop(slot uint32) {
	p.head[slot] = int32((int(p.head[slot]) + 1) % p.depth)
	p.length[slot]--
}

// askAll sends as many requests as a connection may have in flight.
func (l *loop) askAll(slot uint32, c *conn, now time.Duration) {
	for range l.pipe.depth {
		l.pipe.push(slot, now)
	}
	l.inFlight += int64(l.pipe.depth)
	c.state, c.since, c.put, c.got = asking, *l.pipe.at(slot, 0), 0, 0
	l.flush(slot, c)
}

// flush writes what is left of a connection's requests, as many as fit in a
// batch at once.
func (l *loop) flush(slot uint32, c *conn) {
	if !l.sendPending(slot, c) {
		return
	}
	p, wire := l.pipe, l.request.wire
	for all := int(p.length[slot]) * wire; int(c.put) < all; {
		n, err := poll.Write(int(c.fd), l.unsent(slot, int(c.put)/wire, int(c.put)%wire))
		if err == unix.EAGAIN {
			return
		}
		if err != nil {
			l.broken(slot, c, err)
			return
		}
		c.put += int32(n)
	}
	l.sendPending(slot, c) // as in send
}

// unsent is what follows byte offset of request k: the rest of it, and small
// requests after it besides.
func (l *loop) unsent(slot uint32, k, offset int) []byte {
	p := l.pipe
	from := func(k, offset int) []byte {
		return l.request.from(word(l.first+slot, int64(*p.at(slot, k))), offset)
	}
	if l.request.wire > batchSize {
		return from(k, offset)
	}
	p.out = p.out[:0]
	for ; k < int(p.length[slot]) && len(p.out) < batchSize; k, offset = k+1, 0 {
		p.out = append(p.out, from(k, offset)...)
	}
	return p.out
}

// checkPiped is take for several requests in flight: each reply is checked
// against the oldest request, recorded by its stamp and, in the window or
// before it, followed by another request, which flush sends. It
// reports whether the connection is still up.
func (l *loop) checkPiped(slot uint32, c *conn, in []byte) bool {
	p, size, wire := l.pipe, l.request.size, int32(l.request.wire)
	now := time.Duration(-1) // read once, and only if a reply is complete
	opened, closed := l.plan.window()
	for len(in) > 0 {
		owed := l.request.owed(min(c.put, wire), c.got)
		if owed == 0 {
			l.misfit(slot, c, unasked, in)
			return false
		}
		part := in[:min(len(in), owed)]
		in = in[len(part):]
		if !l.request.matches(word(l.first+slot, int64(c.since)), int(c.got), part) {
			l.misfit(slot, c, wrong, part)
			return false
		}
		if c.got += int32(len(part)); int(c.got) < size {
			continue
		}
		if now < 0 {
			now = l.plan.now()
			if now >= closed || now >= opened && !l.begun {
				l.notice(now) // first, as in take
			}
		}
		if l.late(c, now) {
			l.lose(slot, c, timedOut)
			return false
		}
		l.answeredPiped(slot, c, now, opened, closed)
		if now < closed {
			p.push(slot, now)
			l.inFlight++
			c.state, c.since = asking, *p.at(slot, 0)
		} else if l.inFlight == 0 {
			l.dirty = true // drained
		}
	}
	return true
}

// answeredPiped counts the reply to a connection's oldest request.
func (l *loop) answeredPiped(slot uint32, c *conn, now, opened, closed time.Duration) {
	rest := c.put - int32(l.request.wire)
	latency := l.answered(slot, c, now)
	l.pipe.pop(slot)
	if c.put = rest; l.pipe.length[slot] > 0 {
		c.state, c.since = asking, *l.pipe.at(slot, 0)
	}
	if now >= opened && now < closed {
		l.record(slot, now-opened, latency)
	}
}
