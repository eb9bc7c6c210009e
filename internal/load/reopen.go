//go:build linux

package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/poll"
	"c1m/internal/result"
)

// reopening is a closed loop that closes and reopens connections: some all the time
// (churn), or all at once (storm).
type reopening struct {
	closedLoop
	persistent bool // retry failed dials

	again     []uint32      // closed connections, to be dialled
	notBefore time.Duration // the end of a pause after a failure
	pause     time.Duration
	failures  int64 // failed dials that were repeated
	absent    int   // busy connections that are closed and not up again

	connect  *hist.Histogram // ns, of the connections reopened inside the window
	reopened int64           // connections reopened inside the window

	// The requests in flight and the missing busy connections, integrated over the
	// window at each change: in a closed loop both change seldom, so that is more
	// precise than sampling.
	noted                  time.Duration
	inFlightSum, absentSum float64 // × ns
	lastInFlight           int64
	lastAbsent             int
}

func newReopening(l *loop) reopening {
	return reopening{closedLoop: closedLoop{base{l}}, connect: hist.New()}
}

// note adds the time since the last change to the integrals.
func (r *reopening) note(now time.Duration) {
	opened, closed := r.l.plan.window()
	if from, to := max(r.noted, opened), min(now, closed); to > from {
		r.inFlightSum += float64(r.lastInFlight) * float64(to-from)
		r.absentSum += float64(r.lastAbsent) * float64(to-from)
	}
	r.noted, r.lastInFlight, r.lastAbsent = now, r.l.inFlight, r.absent
}

func (r *reopening) first(slot uint32, c *conn) {
	r.closedLoop.first(slot, c)
	r.note(r.l.plan.now())
}

func (r *reopening) edge(e edge, now time.Duration) {
	if e == closing {
		r.note(now)
	}
}

func (r *reopening) abandon(slot uint32, c *conn, now time.Duration) {
	r.closedLoop.abandon(slot, c, now)
	r.note(now)
}

// leave closes a connection by calling close, and queues it to be dialled again.
func (r *reopening) leave(slot uint32, c *conn, close func(fd int)) {
	r.l.shut(slot, c, close)
	c.state, c.since = unused, 0
	r.l.lifetime[slot] = 0
	r.again = append(r.again, slot)
	r.l.missing++
	if !c.idle {
		r.absent++
	}
	r.l.open--
	r.l.dirty = true
}

// redialAll dials the queued connections, and returns how long until there is more to do,
// at most wait.
func (r *reopening) redialAll(now, wait time.Duration) time.Duration {
	for range burst {
		if len(r.again) == 0 {
			return wait
		}
		if pause := r.notBefore - now; pause > 0 {
			return min(wait, pause)
		}
		slot := r.again[0]
		r.again = r.again[1:]
		r.redial(slot)
	}
	return 0
}

// redial dials a connection. Its time to reconnect counts from the first attempt.
func (r *reopening) redial(slot uint32) {
	l, c := r.l, &r.l.conns[slot]
	if c.since == 0 {
		c.since = l.plan.now()
	}
	target, local := l.route(int(l.first + slot))
	fd, _, err := poll.Connect(target, local)
	if err == nil {
		c.fd, c.state = int32(fd), dialling
		err = l.poller.Add(fd, slot, interest)
	}
	if err != nil {
		l.traffic.failed(slot, c, dialFailure(errno(err)))
	}
}

// returned handles a connection that is up again, and sends its next request unless the
// window has closed.
func (r *reopening) returned(slot uint32, c *conn) {
	l := r.l
	now := l.plan.now()
	if l.inside(now) {
		r.connect.Record(int64(now - c.since))
		r.reopened++
	}
	r.pause = 0
	r.arrive(c)
	if _, closed := l.plan.window(); now < closed && !c.idle {
		l.sendRequest(slot, c, now)
	}
	r.note(now)
}

// arrive removes a connection from the missing ones.
func (r *reopening) arrive(c *conn) {
	r.l.missing--
	if !c.idle {
		r.absent--
	}
	r.l.dirty = true
}

// failed handles a connection that could not be reopened: it is dialled again if
// persistent, otherwise it is lost, an error.
func (r *reopening) failed(slot uint32, c *conn, f failure) {
	l := r.l
	if c.fd >= 0 {
		l.shut(slot, c, poll.Reset)
	}
	now := l.plan.now()
	if r.persistent && f.again && now-c.since < l.timeout {
		r.failures++
		c.state = unused
		r.again = append(r.again, slot)
		if now >= r.notBefore { // once for many that failed together
			r.pause = backOff(r.pause)
			r.notBefore = now + r.pause
		}
		return
	}
	r.arrive(c)
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, f.why, f.detail)
	}
	c.state = lost
	r.note(now)
}

func (r *reopening) addTo(sum *result.Replica) error {
	if sum.Reconnect == nil {
		sum.Reconnect = hist.New()
	}
	sum.Reopened += r.reopened
	sum.Outstanding += r.inFlightSum / max(1, float64(sum.Window))
	sum.Absent += r.absentSum / max(1, float64(sum.Window))
	if err := sum.Reconnect.Merge(r.connect); err != nil {
		return err
	}
	return r.closedLoop.addTo(sum)
}
