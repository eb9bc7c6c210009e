//go:build linux

package loop

import (
	"slices"
	"sync/atomic"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
)

// pusher is what a loop knows of notifications. Its connections stand in
// groups, so that a broadcast to one in so many visits those alone.
type pusher struct {
	config   push.Config
	schedule push.Schedule
	groups   [][]subscriber
	number   int // of the next subscriber

	posted atomic.Bool
	latest atomic.Uint64 // the last broadcast that is due

	next  uint64 // the broadcast under way, or the next; 0 before the first
	under bool   // way
	at    int    // how many of its group are still to be sent it

	message []byte
	frame   []byte // as it is sent; kept by whoever is given it

	// Where workers serve the connections: what came for those that had an
	// owner.
	queued map[*Conn]*queue
}

// subscriber is a connection that is to be notified, if it is still the same
// and has been upgraded.
type subscriber struct {
	*Conn
	generation uint32
}

// queue is frames that wait for a connection's owner to let go.
type queue struct {
	frames []byte
	number int
}

func newPusher(config push.Config, first int) *pusher {
	config = config.WithDefaults()
	return &pusher{
		config:   config,
		schedule: push.NewSchedule(config.Rate),
		groups:   make([][]subscriber, config.Every),
		number:   first,
		queued:   make(map[*Conn]*queue),
	}
}

// add takes a connection among the subscribers.
func (p *pusher) add(c *Conn) {
	g := p.number % len(p.groups)
	p.number++
	p.groups[g] = append(p.groups[g], subscriber{c, c.generation.Load()})
}

// forget drops what waits for a connection. Its subscription goes when its
// turn comes.
func (p *pusher) forget(c *Conn) { delete(p.queued, c) }

// Notify passes the number of the latest broadcast due to the loop, from
// outside. A loop that is behind gets only the latest number, and so never has
// more before it than a number: it sends all in order, late.
func (l *Loop) Notify(latest uint64) {
	if p := l.pusher; p != nil {
		p.latest.Store(latest)
		l.postPush()
	}
}

// postPush sees to it that push runs again, behind what is ready.
func (l *Loop) postPush() {
	if l.pusher.posted.CompareAndSwap(false, true) {
		l.Post(l.push)
	}
}

// pushBurst is how many subscribers are sent to before connections that are
// ready have a turn.
const pushBurst = 1024

// push sends what is due, at most one broadcast at a time: a loop that was held
// up would else send a subscriber more than it can take, at once.
func (l *Loop) push() {
	p := l.pusher
	p.posted.Store(false)
	if !p.under && !l.beginBroadcast() {
		return
	}
	for range pushBurst {
		c := p.take()
		if c == nil {
			p.under = false
			p.next++
			break
		}
		l.pushTo(c)
	}
	l.postPush() // for the rest
}

// beginBroadcast reports whether one is due.
func (l *Loop) beginBroadcast() bool {
	p := l.pusher
	latest := p.latest.Load()
	if p.next == 0 {
		p.next = latest
	}
	if p.next > latest {
		return false
	}
	p.message = push.Notification{
		Due: p.schedule.Due(p.next), Number: p.next, Every: p.config.Every, Clock: push.Clock(),
	}.Append(p.message[:0], p.config.Size)
	p.frame = l.handler.server.AppendMessage(nil, p.message)
	p.under = true
	p.at = len(p.groups[p.next%uint64(len(p.groups))])
	return true
}

// take is the next subscriber of the broadcast, or nil. It drops those that
// have gone. It goes from the last to the first, so that whoever takes the
// place of one that is dropped has been sent to.
func (p *pusher) take() *Conn {
	group := &p.groups[p.next%uint64(len(p.groups))]
	for p.at > 0 {
		p.at--
		s := (*group)[p.at]
		if s.Conn.generation.Load() == s.generation {
			return s.Conn
		}
		last := len(*group) - 1
		(*group)[p.at] = (*group)[last]
		*group = slices.Delete(*group, last, last+1)
	}
	return nil
}

// pushTo sends the broadcast's frame to a connection, or sees to it that its
// owner does.
func (l *Loop) pushTo(c *Conn) {
	if c.at() != proto.Open {
		return
	}
	if l.config.Dispatch != nil {
		l.pushByWorker(c)
		return
	}
	switch o := l.handler.notify(c, l.pusher.frame, 1); {
	case o == Ended:
		l.close(c)
	case !l.config.Edge:
		l.settle(c, o)
	}
}

// pushByWorker makes a task of the frame if nobody owns the connection. Else
// it leaves it for the loop, which the owner gives the connection back to.
func (l *Loop) pushByWorker(c *Conn) {
	p := l.pusher
	if c.state.Or(owned|notified)&owned == 0 {
		c.state.And(^uint32(notified))
		l.ready = append(l.ready, Task{c, p.frame, 1})
		return
	}
	q := p.queued[c]
	if q == nil {
		q = new(queue)
		p.queued[c] = q
	}
	if !p.config.Fits(len(q.frames), len(p.frame)) {
		if p.config.Slow != push.Disconnect {
			l.handler.Totals.Dropped++
			return
		}
		if q.number > 1 && len(q.frames) > p.config.Queue {
			return // one too many is enough for its owner to see
		}
	}
	q.frames = append(q.frames, p.frame...)
	q.number++
}

// pushed takes the notifications that waited for a connection's owner to let
// go.
func (l *Loop) pushed(c *Conn) (Task, bool) {
	if l.pusher == nil || c.state.And(^uint32(notified))&notified == 0 {
		return Task{}, false
	}
	q := l.pusher.queued[c]
	delete(l.pusher.queued, c)
	if q == nil {
		return Task{}, false
	}
	return Task{c, q.frames, q.number}, true
}

// notify sends a number of notifications, framed, or as many of their bytes as
// the peer takes. It returns Empty, Blocked or Ended.
func (h *Handler) notify(c *Conn, frames []byte, number int) Outcome {
	if c.ending || c.at() != proto.Open {
		return Empty
	}
	if !h.push.Fits(c.waiting(), len(frames)) || number > 1 && len(frames) > h.push.Queue {
		if h.push.Slow == push.Disconnect {
			h.Totals.Disconnected++
			poll.AbortOnClose(int(c.fd)) // otherwise the kernel would keep the unsent data
			return Ended
		}
		h.Totals.Dropped += int64(number)
		return Blocked
	}
	h.Totals.Pushed += int64(number)
	return h.write(c, frames)
}
