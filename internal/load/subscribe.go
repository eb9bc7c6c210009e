//go:build linux

package load

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/result"
)

// subscriptions is the part of a loop whose connections send nothing and are
// notified. Of a connection it remembers the last broadcast, in its since, and
// how much of the next has come, in its got.
type subscriptions struct {
	offset time.Duration // from push.Now to the plan's clock
	clock  uint64
	heads  map[uint32][]byte // the beginnings of those that have not come whole

	deliveries int64 // in the window
	missed     int64 // own broadcasts that did not come, by the window's end
	untimed    int64 // deliveries whose stamps are of another clock
}

func newSubscriptions(p *plan) *subscriptions {
	return &subscriptions{offset: p.now() - push.Now(), clock: push.Clock(), heads: make(map[uint32][]byte)}
}

// takeNotification checks a piece of a notification, and counts it when it is
// all there. It reports whether the connection is still up.
func (l *loop) takeNotification(slot uint32, c *conn, p proto.Piece) bool {
	s, size := l.subs, int64(l.request.size)
	if !p.Binary || p.Length > size || p.End && p.Length != size {
		l.misfit(slot, c, wrong, p.Bytes)
		return false
	}
	head, body := s.heads[slot], p.Bytes
	switch {
	case c.got == 0 && p.End: // whole, as nearly all come
		head, body = p.Bytes[:push.MinSize], p.Bytes[push.MinSize:]
		c.got = push.MinSize
	case int(c.got) < push.MinSize:
		n := min(push.MinSize-int(c.got), len(p.Bytes))
		head, body = append(head, p.Bytes[:n]...), p.Bytes[n:]
		s.heads[slot] = head
		c.got += int32(n)
	}
	if !push.IsFiller(body, int(c.got)) {
		l.lose(slot, c, wrong)
		return false
	}
	if c.got += int32(len(body)); !p.End {
		return true
	}
	c.got = 0
	n, err := push.Parse(head)
	delete(s.heads, slot)
	if err != nil {
		l.lose(slot, c, wrong)
		return false
	}
	return l.notified(slot, c, n)
}

// notified counts a notification. Its latency is known only if it was stamped
// by this machine's clock.
func (l *loop) notified(slot uint32, c *conn, n push.Notification) bool {
	s, now := l.subs, l.plan.now()
	opened, closed := l.plan.window()
	last, every := uint64(c.since), uint64(n.Every)
	switch {
	case !c.heard:
	case n.Number <= last || (n.Number-last)%every != 0: // twice, out of order, or another's
		l.lose(slot, c, unasked)
		return false
	case now >= opened && now < closed:
		s.missed += int64((n.Number-last)/every - 1)
	}
	c.heard, c.since = true, time.Duration(n.Number)
	l.replies++
	l.countReply(slot)
	latency := max(0, now-(n.Due+s.offset))
	if n.Clock == 0 || n.Clock != s.clock {
		latency = -1
	} else {
		l.latency += latency
	}
	if now < opened || now >= closed {
		return true
	}
	s.deliveries++
	if latency >= 0 {
		l.tally.record(now-opened, latency, l.request.size)
	} else {
		s.untimed++
		l.tally.count(now-opened, l.request.size)
	}
	l.serve(slot)
	return true
}

// addTo adds what was delivered to a replica.
func (s *subscriptions) addTo(r *result.Replica) {
	r.Missed += s.missed
	r.Untimed += s.untimed
}
