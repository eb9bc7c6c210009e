//go:build linux

package loop

import (
	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/servers"
)

// answerFrames is Answer for a WebSocket.
func (h *Handler) answerFrames(c *Conn, in []byte) Outcome {
	s := c.session()
	out, err := h.websocket.Receive(&s, in, h.out[:0])
	c.keep(s)
	o := Empty
	if len(out) > 0 {
		o = h.reply(c, out)
	}
	if err == nil || o == Ended {
		return o
	}
	if s.Phase == proto.Failed {
		h.Totals.Errors++
	}
	c.ending = true
	if o == Blocked {
		return Blocked
	}
	return h.end(c)
}

// end ends a connection that has been sent all it was to get. One whose peer
// broke the protocol stays until the peer closes it, or its time is up: to
// close it while bytes arrive would reset it, and the peer might never read
// why.
func (h *Handler) end(c *Conn) Outcome {
	if proto.Phase(c.phase.Load()) != proto.Failed {
		return Ended
	}
	c.ending = false
	poll.EndWrites(int(c.fd))
	h.failed(c)
	return Empty
}

// goAway tells a WebSocket's peer that the server goes, in one write that does
// not wait: it is not known whether the peer takes it.
func (c *Conn) goAway() {
	if proto.Phase(c.phase.Load()) == proto.Open && c.waiting() == 0 {
		_, _ = poll.Write(int(c.fd), proto.GoingAway())
	}
}

// NewHandler makes a Handler for a worker of this loop, which does the work
// for each message and counts into counter.
func (l *Loop) NewHandler(work servers.Work, counter *servers.Counter) *Handler {
	h := newHandler(l.config.Protocol, work, counter, l.config.Push)
	h.failed = func(c *Conn) {
		generation := c.generation.Load()
		l.Post(func() {
			if c.generation.Load() == generation {
				l.await(c)
			}
		})
	}
	return h
}
