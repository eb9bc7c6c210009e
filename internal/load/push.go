//go:build linux

package load

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/result"
)

// subscribers send nothing and receive notifications. A connection's since is the number of
// its last broadcast, received the number of bytes received of the next.
type subscribers struct {
	base
	offset time.Duration // from push.Now to the plan's clock
	clock  uint64
	heads  map[uint32][]byte // the starts of incomplete notifications

	missed  int64 // broadcasts for a subscriber that did not arrive, in the window
	untimed int64 // deliveries stamped by another clock
}

func newSubscribers(l *loop, _ *Config) *subscribers {
	return &subscribers{base: base{l}, offset: l.plan.now() - push.Now(), clock: push.Clock(), heads: make(map[uint32][]byte)}
}

// received checks a piece of a notification, and counts it when it is complete.
func (s *subscribers) received(slot uint32, c *conn, p proto.Piece) bool {
	l, size := s.l, int64(s.l.request.size)
	if !p.Binary || p.Length > size || p.End && p.Length != size {
		l.misfit(slot, c, wrong, p.Bytes)
		return false
	}
	head, body := s.heads[slot], p.Bytes
	switch {
	case c.received == 0 && p.End: // complete, as nearly all are
		head, body = p.Bytes[:push.MinSize], p.Bytes[push.MinSize:]
		c.received = push.MinSize
	case int(c.received) < push.MinSize:
		n := min(push.MinSize-int(c.received), len(p.Bytes))
		head, body = append(head, p.Bytes[:n]...), p.Bytes[n:]
		s.heads[slot] = head
		c.received += int32(n)
	}
	if !push.IsFiller(body, int(c.received)) {
		l.lose(slot, c, wrong)
		return false
	}
	if c.received += int32(len(body)); !p.End {
		return true
	}
	c.received = 0
	n, err := push.Parse(head)
	delete(s.heads, slot)
	if err != nil {
		l.lose(slot, c, wrong)
		return false
	}
	return s.notified(slot, c, n)
}

// notified counts a notification. Its latency is known only if it was stamped
// by this machine's clock.
func (s *subscribers) notified(slot uint32, c *conn, n push.Notification) bool {
	l, now := s.l, s.l.plan.now()
	opened, closed := l.plan.window()
	last, every := uint64(c.since), uint64(n.Every)
	switch {
	case !c.answered:
	case n.Number <= last || (n.Number-last)%every != 0: // duplicate, out of order, or for another subscriber
		l.lose(slot, c, unasked)
		return false
	case now >= opened && now < closed:
		s.missed += int64((n.Number-last)/every - 1)
	}
	c.answered, c.since = true, time.Duration(n.Number)
	l.replies++
	l.countReply(slot)
	latency := max(0, now-(n.Due+s.offset))
	if n.Clock == 0 || n.Clock != s.clock {
		latency = -1
	} else {
		l.latency += latency
	}
	switch {
	case now < opened || now >= closed:
	case latency >= 0:
		l.record(slot, now-opened, latency)
	default:
		s.untimed++
		l.tally.count(now-opened, l.request.size)
		l.serve(slot)
	}
	return true
}

// addTo adds the deliveries of each subscriber.
func (s *subscribers) addTo(r *result.Replica) error {
	r.Missed += s.missed
	r.Untimed += s.untimed
	s.addShares(r, func(*conn) bool { return true })
	return nil
}
