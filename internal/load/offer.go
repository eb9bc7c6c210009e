//go:build linux

package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

const (
	unscheduled = -1 // instead of a due time: a first request, which no schedule asked for

	// sendBurst is how many requests that wait are sent before replies are
	// looked for again.
	sendBurst = 32
)

// offer is the part of a loop that sends requests when they are due: an open
// loop. Two places on one schedule are all it knows of what waits, so that a
// backlog needs no memory however long it gets.
type offer struct {
	arrived schedule // the next request that is not due yet
	sent    schedule // the next that has not been sent
	warmup  time.Duration
	start   time.Duration // of the schedule; known when the window is
	started bool
	settled bool // what was never answered has been recorded

	due  []time.Duration // of the request in flight, for each connection
	idle queue           // connections, in the order in which they fell idle

	replies  int64         // in the window
	rawSum   time.Duration // the sum of their latencies from when they were sent
	asked    int64         // due in the window
	slices   []int64       // the same in its pieces
	raw      *hist.Histogram
	lateness *hist.Histogram

	unanswered    censored // by their ages since they were due
	rawUnanswered censored // and since they were sent
	backlogOpened int64
	backlogClosed int64

	moved    time.Duration // when the number in flight last changed
	integral float64       // of the number in flight over the window, in requests × ns
}

// newOffer is that of loop i of cfg, with count connections.
func newOffer(cfg *Config, i, count int) *offer {
	return &offer{
		arrived:  newSchedule(cfg, i),
		sent:     newSchedule(cfg, i), // the same requests
		warmup:   cfg.Warmup,
		slices:   make([]int64, slicesOf(cfg.Window)),
		due:      make([]time.Duration, count),
		idle:     queue{slots: make([]uint32, count)},
		raw:      hist.New(),
		lateness: hist.New(),
	}
}

// queue is a ring of connections. Each is in it once at most.
type queue struct {
	slots  []uint32
	head   int
	length int
}

func (q *queue) push(slot uint32) {
	q.slots[(q.head+q.length)%len(q.slots)] = slot
	q.length++
}

func (q *queue) pop() uint32 {
	slot := q.slots[q.head]
	q.head = (q.head + 1) % len(q.slots)
	q.length--
	return slot
}

// backlog is how many requests were due at the last look and have not been
// sent.
func (o *offer) backlog() int64 { return o.arrived.taken - o.sent.taken }

// look takes note of the requests that fell due before a time, seen at now.
// Nothing is due outside the window and its warm-up.
func (o *offer) look(before, now, opened, closed time.Duration) {
	if !o.started {
		if opened == unknown {
			return
		}
		o.started, o.start = true, opened-o.warmup
	}
	before = min(before, closed)
	for o.start+o.arrived.next < before {
		due := o.start + o.arrived.take()
		if due >= opened {
			o.asked++
			o.slices[(due-opened)/sliceWidth]++
			o.lateness.Record(int64(now - due))
		}
	}
}

// wait is how long there is nothing to send, as far as the schedule says.
func (o *offer) wait(now, closed time.Duration) time.Duration {
	if !o.started || o.start+o.arrived.next >= closed {
		return patrolEvery
	}
	// Due means in the past: a request is due at the nanosecond after.
	return max(0, o.start+o.arrived.next+1-now)
}

// move adds the time since the last change to the integral of what is in
// flight. It is made of counts, not of the stamps of requests.
func (o *offer) move(now, opened, closed time.Duration, inFlight int64) {
	from, to := max(o.moved, opened), min(now, closed)
	if to > from {
		o.integral += float64(inFlight) * float64(to-from)
	}
	o.moved = now
}

// pump sends what is due, the oldest first, on the connections that have been
// idle for longest, and returns how long until there is more to do.
func (l *loop) pump(now time.Duration) time.Duration {
	o := l.offer
	opened, closed := l.plan.window()
	o.look(now, now, opened, closed)
	for range sendBurst {
		if o.backlog() == 0 {
			return o.wait(now, closed)
		}
		slot, ok := l.idlest()
		if !ok {
			return min(patrolEvery, o.wait(now, closed))
		}
		now = l.plan.now()
		o.due[slot] = o.start + o.sent.take()
		o.move(now, opened, closed, l.inFlight)
		l.ask(slot, &l.conns[slot], now)
	}
	return 0
}

// waiting is how many requests are still to be sent. Without a connection none
// will be.
func (l *loop) waiting() int64 {
	if l.open == 0 {
		return 0
	}
	return l.offer.backlog()
}

// idlest takes the connection that has been idle for longest. Those that were
// lost while they were idle are passed over.
func (l *loop) idlest() (uint32, bool) {
	for q := &l.offer.idle; q.length > 0; {
		if slot := q.pop(); l.conns[slot].state == idle {
			return slot, true
		}
	}
	return 0, false
}

// prime sends a connection's first request, or as many as it may have in
// flight, before the schedule starts.
func (l *loop) prime(slot uint32, c *conn) {
	now := l.plan.now()
	if l.pipe != nil {
		l.askAll(slot, c, now)
		return
	}
	if o := l.offer; o != nil {
		opened, closed := l.plan.window()
		o.due[slot] = unscheduled
		o.move(now, opened, closed, l.inFlight)
	}
	l.ask(slot, c, now)
	if l.reopen != nil {
		l.note(now)
	}
}

// censored counts requests that were recorded at an age, since their latency is
// not known but to be at least that.
type censored struct {
	n    int64
	from time.Duration // the least of the ages
}

func (c *censored) add(age time.Duration) {
	if c.n == 0 || age < c.from {
		c.from = age
	}
	c.n++
}

// addTo adds the requests to those of other loops.
func (c censored) addTo(n *int64, from *time.Duration) {
	if c.n > 0 && (*n == 0 || c.from < *from) {
		*from = c.from
	}
	*n += c.n
}

// replied takes a reply in an open loop: throughput counts it by when it came,
// latency by when its request was due. One that came later than the timeout
// after it was due is a timeout and no operation. Its connection serves on, if
// the server had it for less than that: it did not fail because the request had
// waited for it.
func (l *loop) replied(slot uint32, c *conn, now, opened, closed time.Duration) {
	if l.late(c, now) {
		l.lose(slot, c, timedOut)
		return
	}
	o := l.offer
	o.move(now, opened, closed, l.inFlight)
	raw := l.answered(slot, c, now)
	due := o.due[slot]
	late := due != unscheduled && now-due > l.timeout
	inside := now >= opened && now < closed
	switch {
	case late:
		if inside {
			l.tally.givenUp += raw
		}
		if !o.settled {
			l.faultKept(slot, timedOut, "")
			l.dirty = true
		}
	case inside:
		o.replies++
		o.rawSum += raw
		l.tally.count(now-opened, l.request.size)
		l.serve(slot)
	}
	if due >= opened && due < closed && !o.settled {
		l.tally.latency.Record(int64(now - due))
		o.raw.Record(int64(raw))
		if late {
			o.unanswered.add(now - due)
		}
	}
	o.idle.push(slot)
	l.pump(now)
	if l.inFlight == 0 && now >= closed {
		l.dirty = true // drained
	}
}

// forsake takes note, in an open loop, that the request of a connection that
// is being lost is in flight no longer.
func (l *loop) forsake(slot uint32, c *conn, now time.Duration) {
	opened, closed := l.plan.window()
	l.offer.move(now, opened, closed, l.inFlight)
	l.unanswered(slot, c, now)
}

// unanswered records a request in flight that will have no answer, at its age.
func (l *loop) unanswered(slot uint32, c *conn, now time.Duration) {
	o := l.offer
	opened, closed := l.plan.window()
	due := o.due[slot]
	if o.settled || due < opened || due >= closed {
		return
	}
	o.unanswered.add(now - due)
	l.tally.latency.Record(int64(now - due))
	o.rawUnanswered.add(now - c.since)
	o.raw.Record(int64(now - c.since))
}

// settle records, once, what was due in the window and has had no answer: in
// flight or not even sent. What has waited for longer than the timeout is one.
func (l *loop) settle(now time.Duration) {
	o := l.offer
	if o.settled {
		return
	}
	for i := range l.conns {
		if c := &l.conns[i]; c.state == asking {
			l.unanswered(uint32(i), c, now)
			if now-o.due[i] > l.timeout && o.due[i] != unscheduled || l.late(c, now) {
				l.tally.errors[timedOut]++
			}
		}
	}
	opened, closed := l.plan.window()
	for o.backlog() > 0 {
		due := o.start + o.sent.take()
		if due >= opened && due < closed {
			o.unanswered.add(now - due)
			l.tally.latency.Record(int64(now - due))
		}
		if now-due > l.timeout {
			l.tally.errors[timedOut]++
		}
	}
	l.dirty = true
	o.settled = true
}

// noticeOffer takes note of the backlog when the window opened or closed, at a
// time that has just passed.
func (l *loop) noticeOffer(at, now time.Duration) int64 {
	o := l.offer
	opened, closed := l.plan.window()
	o.look(at, now, opened, closed)
	o.move(now, opened, closed, l.inFlight)
	return o.backlog()
}

// addTo adds what the offer counted to the replica. The loop has ended.
func (o *offer) addTo(r *result.Replica) error {
	r.Due += o.asked
	for i, n := range o.slices {
		r.DueSlices[i] += n
	}
	r.RawSum += o.rawSum
	o.unanswered.addTo(&r.Unanswered, &r.UnansweredFrom)
	o.rawUnanswered.addTo(&r.RawUnanswered, &r.RawUnansweredFrom)
	r.BacklogOpened += o.backlogOpened
	r.BacklogClosed += o.backlogClosed
	if err := r.Raw.Merge(o.raw); err != nil {
		return err
	}
	return r.Lateness.Merge(o.lateness)
}
