//go:build linux

package load

import (
	"syscall"
	"time"

	"c1m/internal/hist"
	"c1m/internal/poll"
	"c1m/internal/result"
)

// reopener is the part of a loop that closes connections which are up and opens
// them anew: some all the time (churn), or all at once (storm).
type reopener struct {
	churn *churn // one of the two
	storm *storm

	again     []uint32      // closed, and to be dialled
	notBefore time.Duration // the end of a pause after a failure
	pause     time.Duration
	waiting   int // connections that are closed and not up again, busy or not
	asleep    int // the busy ones of them

	connect  *hist.Histogram // ns, of those dialled inside the window
	reopened int64           // of those that came up inside the window

	// The requests in flight and the busy connections without one, integrated
	// over the window at each change: both change so seldom in a closed loop
	// that samples would say less.
	moved            time.Duration
	inFlight, absent float64 // × ns
	lastInFlight     int64
	lastAbsent       int
}

// newReopener is that of a loop of cfg with count connections from first on;
// nil where none is closed on purpose.
func newReopener(cfg *Config, first, count int) *reopener {
	r := &reopener{connect: hist.New()}
	switch {
	case cfg.Churn > 0:
		r.churn = newChurn(cfg, first, count)
	case cfg.Storm:
		r.storm = &storm{after: cfg.Window / 2, owed: make([]bool, count)}
	default:
		return nil
	}
	return r
}

// reopens reports whether a connection that comes up has been up before: those
// are reopened that all were.
func (l *loop) reopens() bool { return l.reopen != nil && l.settled == len(l.conns) }

// note integrates what was in flight until now, and takes note of what is.
func (l *loop) note(now time.Duration) {
	r := l.reopen
	opened, closed := l.plan.window()
	if from, to := max(r.moved, opened), min(now, closed); to > from {
		r.inFlight += float64(r.lastInFlight) * float64(to-from)
		r.absent += float64(r.lastAbsent) * float64(to-from)
	}
	r.moved, r.lastInFlight, r.lastAbsent = now, l.inFlight, r.asleep
}

// turn does what is due: it closes, and dials. It returns how long until there
// is more to do.
func (l *loop) turn(now time.Duration) time.Duration {
	r := l.reopen
	wait := patrolEvery
	switch {
	case r.churn != nil:
		wait = l.rotate(now)
	case r.storm != nil:
		wait = l.strike(now)
	}
	for range burst {
		if len(r.again) == 0 {
			return wait
		}
		if pause := r.notBefore - now; pause > 0 {
			return min(wait, pause)
		}
		slot := r.again[0]
		r.again = r.again[1:]
		l.redial(slot)
	}
	return 0
}

// leaves sees each reply, before the next request on its connection. It reports
// whether there is to be none, because the connection has been closed.
func (l *loop) leaves(slot uint32, c *conn, now time.Duration) bool {
	if s := l.reopen.storm; s != nil {
		l.back(slot, now)
		return false
	}
	if !l.reopen.churn.marked[slot] {
		return false
	}
	l.reopen.churn.marked[slot] = false
	l.leave(slot, c)
	l.note(now)
	return true
}

// leave closes a connection, to be dialled again. A storm breaks off what is in
// flight; otherwise nothing is, and the connection ends as clients end it.
func (l *loop) leave(slot uint32, c *conn) {
	r := l.reopen
	if r.storm == nil {
		l.shut(slot, c, poll.EndAndReset)
	} else {
		l.shut(slot, c, poll.Reset)
	}
	c.state = unused
	l.lifetime[slot] = 0
	r.again = append(r.again, slot)
	r.waiting++
	if !c.quiet {
		r.asleep++
	}
	l.open--
	l.dirty = true
}

// redial dials a connection that was left.
func (l *loop) redial(slot uint32) {
	c := &l.conns[slot]
	if l.reopen.storm == nil || l.reopen.storm.attempts(slot) {
		c.since = l.plan.now() // a storm's connections count from their first attempt
	}
	target, local := l.route(int(l.first + slot))
	fd, _, err := poll.Connect(target, local)
	if err == nil {
		c.fd, c.state = int32(fd), dialling
		err = l.poller.Add(fd, slot, interest)
	}
	if err != nil {
		l.refused(slot, c, errno(err))
	}
}

// reopened takes the outcome of a dial, and sends the connection's next
// request. It reports whether the connection is up.
func (l *loop) reopened(slot uint32, c *conn) bool {
	if err := poll.ConnectResult(int(c.fd)); err != nil {
		l.refused(slot, c, errno(err))
		return false
	}
	l.begin(slot, c)
	return c.state != lost && c.state != unused
}

// returned takes note that a connection can carry requests again.
func (l *loop) returned(slot uint32, c *conn) {
	r := l.reopen
	now := l.plan.now()
	opened, closed := l.plan.window()
	if now >= opened && now < closed {
		r.connect.Record(int64(now - c.since))
		r.reopened++
	}
	r.pause = 0
	l.arrive(c)
	c.state = idle
	l.open++
	switch {
	case now >= closed: // too late to count, and to ask
	case c.quiet:
		l.back(slot, now)
	default:
		l.ask(slot, c, now)
	}
	l.note(now)
}

// arrive takes a connection from those that are missing.
func (l *loop) arrive(c *conn) {
	l.reopen.waiting--
	if !c.quiet {
		l.reopen.asleep--
	}
	l.dirty = true
}

// refused takes note that a connection did not come up again. Under churn that
// is an error and its end; a storm's clients try again, as clients do.
func (l *loop) refused(slot uint32, c *conn, e syscall.Errno) {
	r := l.reopen
	if c.fd >= 0 {
		l.shut(slot, c, poll.Reset)
	}
	now := l.plan.now()
	if s := r.storm; s != nil && retryable(e) && now-c.since < l.timeout {
		s.failures++
		c.state = unused
		r.again = append(r.again, slot)
		if now >= r.notBefore { // once for many that failed together
			r.pause = backOff(r.pause)
			r.notBefore = now + r.pause
		}
		return
	}
	l.arrive(c)
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, unconnected, e.Error())
	}
	c.state = lost
	l.note(now)
}

// overdue gives up the dials that have had no answer for too long.
func (l *loop) overdue(now time.Duration) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == dialling && now-c.since > l.timeout {
			l.refused(uint32(i), c, syscall.ETIMEDOUT)
		}
	}
	l.overdueHandshakes(now)
}

// addTo adds what was reopened to the replica. The loop has ended.
func (r *reopener) addTo(sum *result.Replica) error {
	sum.Reopened += r.reopened
	sum.Outstanding += r.inFlight / max(1, float64(sum.Window))
	sum.Absent += r.absent / max(1, float64(sum.Window))
	if s := r.storm; s != nil {
		s.addTo(sum)
	}
	return sum.Reconnect.Merge(r.connect)
}
