//go:build linux

package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

const (
	unscheduled = -1 // the due time of a first request, which is not part of the schedule

	// sendBurst is how many waiting requests are sent before replies are read again.
	sendBurst = 32
)

// openLoop sends requests when they are due, whether or not others have been answered,
// each on the connection that has been idle for longest. Throughput counts replies by when
// they arrive, latency counts from when their requests were due.
type openLoop struct {
	base
	backlog backlog
	dueAt   []time.Duration // of the request in flight, per connection
	idle    queue           // connections, in the order in which they became idle

	sentSum time.Duration   // of the operations' latencies from when they were sent
	raw     *hist.Histogram // latencies from when requests were sent

	stages stageTallies // empty at a constant rate

	unanswered    censored // ages since they were due
	rawUnanswered censored // ages since they were sent
	backlogOpened int64
	backlogClosed int64
	neverSent     int64 // requests that were removed from the backlog at the end

	moved    time.Duration // when the number in flight last changed
	integral float64       // of the number in flight over the window, in requests × ns
}

func newOpenLoop(l *loop, cfg *Config) *openLoop {
	return newOpenLoopOn(l, cfg, func() schedule { return newSchedule(cfg, l.number) })
}

func newOpenLoopOn(l *loop, cfg *Config, schedule func() schedule) *openLoop {
	count := len(l.conns)
	return &openLoop{
		base:    base{l},
		backlog: newBacklog(cfg, schedule),
		dueAt:   make([]time.Duration, count),
		idle:    queue{slots: make([]uint32, count)},
		raw:     hist.New(),
	}
}

// move adds the time since the last change to the integral of the number in flight. It
// uses counts, not time stamps of requests.
func (o *openLoop) move(now, opened, closed time.Duration, inFlight int64) {
	from, to := max(o.moved, opened), min(now, closed)
	if to > from {
		o.integral += float64(inFlight) * float64(to-from)
	}
	o.moved = now
}

// first sends a request before the schedule starts.
func (o *openLoop) first(slot uint32, c *conn) {
	now := o.l.plan.now()
	opened, closed := o.l.plan.window()
	o.dueAt[slot] = unscheduled
	o.move(now, opened, closed, o.l.inFlight)
	o.l.sendRequest(slot, c, now)
}

func (o *openLoop) due(now time.Duration) time.Duration {
	wait := o.pump(now)
	o.l.waiting = 0
	if o.l.open > 0 { // without a connection nothing can be sent
		o.l.waiting = o.backlog.length()
	}
	return wait
}

// pump sends due requests, oldest first, on the connections that have been idle for
// longest, and returns how long until there is more to do.
func (o *openLoop) pump(now time.Duration) time.Duration {
	l, b := o.l, &o.backlog
	opened, closed := l.plan.window()
	b.look(now, now, opened, closed)
	for range sendBurst {
		if b.length() == 0 {
			return b.wait(now, closed)
		}
		slot, ok := o.longestIdle()
		if !ok {
			return min(patrolEvery, b.wait(now, closed))
		}
		now = l.plan.now()
		o.dueAt[slot] = b.take()
		o.move(now, opened, closed, l.inFlight)
		l.sendRequest(slot, &l.conns[slot], now)
	}
	return 0
}

// longestIdle removes the connection that has been idle for longest from the queue. It
// skips those that were lost meanwhile.
func (o *openLoop) longestIdle() (uint32, bool) {
	for o.idle.length > 0 {
		if slot := o.idle.pop(); o.l.conns[slot].state == ready {
			return slot, true
		}
	}
	return 0, false
}

// replied counts a reply. One later than the timeout after it was due is a timeout and not
// an operation. The connection is kept unless the time since sending exceeds the timeout
// too: it did not fail if the request only waited for a free connection.
func (o *openLoop) replied(slot uint32, c *conn, now time.Duration) {
	l := o.l
	if l.late(c, now) {
		l.lose(slot, c, timedOut)
		return
	}
	opened, closed := l.plan.window()
	o.move(now, opened, closed, l.inFlight)
	raw := l.answered(slot, c, now)
	due := o.dueAt[slot]
	late := due != unscheduled && now-due > l.timeout
	inside := now >= opened && now < closed
	switch {
	case late:
		if inside {
			l.tally.givenUp += raw
			l.tally.pass(now - opened)
		}
		if !l.concluded {
			l.faultKept(slot, timedOut, "")
			l.dirty = true
		}
	case inside:
		o.sentSum += raw
		l.tally.count(now-opened, l.request.size)
		o.stages.replied(now - opened)
		l.serve(slot)
	}
	if due >= opened && due < closed && !l.concluded {
		o.record(due-opened, now-due, late)
		o.raw.Record(int64(raw))
	}
	o.idle.push(slot)
	o.pump(now)
	if l.inFlight == 0 && now >= closed {
		l.dirty = true // drained
	}
}

// record adds the latency of a request that was due at a time since the window opened. If
// it was not answered in time, the latency is its age.
func (o *openLoop) record(due, latency time.Duration, unanswered bool) {
	o.l.tally.recordLatency(latency)
	if unanswered {
		o.unanswered.add(latency)
	}
	o.stages.record(due, latency, unanswered)
}

func (o *openLoop) abandon(slot uint32, c *conn, now time.Duration) {
	opened, closed := o.l.plan.window()
	o.move(now, opened, closed, o.l.inFlight)
	o.recordUnanswered(slot, c, now)
	o.base.abandon(slot, c, now)
}

// recordUnanswered records a request in flight that will have no reply, with its age.
func (o *openLoop) recordUnanswered(slot uint32, c *conn, now time.Duration) {
	opened, closed := o.l.plan.window()
	due := o.dueAt[slot]
	if o.l.concluded || due < opened || due >= closed {
		return
	}
	o.record(due-opened, now-due, true)
	o.rawUnanswered.add(now - c.since)
	o.raw.Record(int64(now - c.since))
}

// conclude records requests of the window without a reply: in flight or not yet sent.
// Those that waited longer than the timeout count as timeouts.
func (o *openLoop) conclude(now time.Duration) bool {
	l := o.l
	for i := range l.conns {
		if c := &l.conns[i]; c.state == awaiting {
			o.recordUnanswered(uint32(i), c, now)
			if now-o.dueAt[i] > l.timeout && o.dueAt[i] != unscheduled || l.late(c, now) {
				l.tally.errors[timedOut]++
			}
		}
	}
	opened, closed := l.plan.window()
	for o.backlog.length() > 0 {
		due := o.backlog.take()
		o.neverSent++
		if due >= opened && due < closed {
			o.record(due-opened, now-due, true)
		}
		if now-due > l.timeout {
			l.tally.errors[timedOut]++
		}
	}
	l.waiting, l.dirty = 0, true
	return true
}

// edge records the length of the backlog.
func (o *openLoop) edge(e edge, now time.Duration) {
	opened, closed := o.l.plan.window()
	at, length := opened, &o.backlogOpened
	if e == closing {
		at, length = closed, &o.backlogClosed
	}
	o.backlog.look(at, now, opened, closed)
	o.move(now, opened, closed, o.l.inFlight)
	*length = o.backlog.length()
}

func (o *openLoop) tell(d *detail) {
	b := &o.backlog
	d.aged = o.unanswered.n
	d.scheduled, d.due, d.sent, d.lateness = true, b.arrived.taken, b.sent.taken-o.neverSent, b.lateness.Clone()
}

func (o *openLoop) addTo(r *result.Replica) error {
	if r.Raw == nil {
		r.Raw, r.Lateness = hist.New(), hist.New()
		r.DueSlices = make([]int64, len(o.backlog.slices))
	}
	r.Due += o.backlog.due
	for i, n := range o.backlog.slices {
		r.DueSlices[i] += n
	}
	r.RawSum += o.sentSum
	r.Outstanding += o.integral / max(1, float64(r.Window))
	o.unanswered.addTo(&r.Unanswered, &r.UnansweredFrom)
	o.rawUnanswered.addTo(&r.RawUnanswered, &r.RawUnansweredFrom)
	r.BacklogOpened += o.backlogOpened
	r.BacklogClosed += o.backlogClosed
	if err := r.Raw.Merge(o.raw); err != nil {
		return err
	}
	if err := r.Lateness.Merge(o.backlog.lateness); err != nil {
		return err
	}
	return o.base.addTo(r)
}
