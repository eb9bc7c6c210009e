//go:build linux

package loop

import (
	"slices"
	"sync/atomic"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
)

// pusher sends the notifications of a loop. Subscribers are in config.Every groups,
// so that a broadcast to one in Every visits only one group.
type pusher struct {
	config   push.Config
	schedule push.Schedule
	groups   [][]subscriber
	number   int // of the next subscriber

	posted atomic.Bool
	latest atomic.Uint64 // the latest broadcast that is due

	next    uint64 // the current broadcast, or the next; 0 before the first
	current bool   // next is being sent
	at      int    // how many subscribers of its group are still to be sent it

	message []byte
	frame   []byte // message as sent; tasks may keep it

	// Notifications for connections that a worker or the queue owns.
	queued map[*Conn]*queue
}

// subscriber is a connection to notify, if its generation is still the same and it
// has been upgraded.
type subscriber struct {
	*Conn
	generation uint32
}

// queue is frames that wait for a connection's owner to release it.
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

// add adds a connection to the subscribers.
func (p *pusher) add(c *Conn) {
	g := p.number % len(p.groups)
	p.number++
	p.groups[g] = append(p.groups[g], subscriber{c, c.generation.Load()})
}

// forget drops a connection's queue. Its subscription is dropped by take.
func (p *pusher) forget(c *Conn) { delete(p.queued, c) }

// Notify tells the loop the number of the latest broadcast due. It may be called
// from any goroutine. A loop that is behind needs to know only the latest number: it
// sends all up to it in order, late.
func (l *Loop) Notify(latest uint64) {
	if p := l.pusher; p != nil {
		p.latest.Store(latest)
		l.postPush()
	}
}

// postPush makes push run again, after connections that are ready.
func (l *Loop) postPush() {
	if l.pusher.posted.CompareAndSwap(false, true) {
		l.Post(l.push)
	}
}

// pushBurst is how many subscribers are notified before connections that are ready
// are served.
const pushBurst = 1024

// push sends what is due, at most one broadcast at a time: otherwise a loop that was
// delayed would overflow the queues of its subscribers.
func (l *Loop) push() {
	p := l.pusher
	p.posted.Store(false)
	if !p.current && !l.beginBroadcast() {
		return
	}
	for range pushBurst {
		c := p.take()
		if c == nil {
			p.current = false
			p.next++
			break
		}
		l.pushTo(c)
	}
	l.postPush() // for the rest
}

// beginBroadcast starts the next broadcast, and reports whether one is due.
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
	p.current = true
	p.at = len(p.groups[p.next%uint64(len(p.groups))])
	return true
}

// take returns the next subscriber of the broadcast, or nil. It drops those whose
// connection was closed. It goes from last to first: the last replaces a dropped one,
// and has already been notified.
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

// pushTo sends the broadcast's frame to a connection, or makes its owner do so.
func (l *Loop) pushTo(c *Conn) {
	if c.at() != proto.Open {
		return
	}
	if l.config.Dispatch != nil {
		l.pushByWorker(c)
		return
	}
	l.waiter.settle(c, l.handler.notify(c, l.pusher.frame, 1))
}

// pushByWorker makes a task of the frame if the connection has no owner. Otherwise it
// queues the frame until the owner returns the connection to the loop.
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
			return // one frame too many is enough for the owner to disconnect it
		}
	}
	q.frames = append(q.frames, p.frame...)
	q.number++
}

// pushed returns the notifications queued for a connection.
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

// notify sends a number of notifications, framed, and queues what the peer does not
// accept. It returns Empty, Blocked or Ended.
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
