//go:build linux

package load

import (
	"net/netip"
	"syscall"
	"time"

	"c1m/internal/poll"
)

const (
	maxDialling  = 256             // per loop, so as not to overflow the server's backlog
	refusedLimit = 2 * time.Second // of refusals without a success before giving up
)

// dialer is the part of a loop that establishes its connections.
type dialer struct {
	pace      pace
	stages    *schedule // the turns of new connections; nil without -connect-stages
	route     func(i int) (netip.AddrPort, netip.Addr)
	attempts  int
	next      int      // the first connection that was never dialled
	again     []uint32 // failed connections, to be dialled again
	dialling  int      // in progress
	start     time.Duration
	started   bool
	pause     time.Duration // the last back-off; 0 after a success
	notBefore time.Duration // the end of the back-off
	failing   time.Duration // when the failures since the last success began; 0 if there are none

	handshakes int32  // number of the next handshake; unique per connection
	hello      []byte // the handshake being written
}

// connect dials as many connections as it may now, and returns how long until there is
// more to do. An error means that connecting is hopeless.
func (l *loop) connect(now time.Duration) (time.Duration, error) {
	if !l.started {
		l.started, l.start = true, l.plan.beginConnecting(now)
	}
	if now-l.patrol > patrolEvery {
		l.patrol = now
		if err := l.stuck(now); err != nil {
			return 0, err
		}
		l.overdueHandshakes(now)
	}
	for range burst {
		if l.dialling >= maxDialling || l.next == len(l.conns) && len(l.again) == 0 {
			return patrolEvery, nil
		}
		if wait := max(l.notBefore, l.start+l.turn()) - now; wait > 0 {
			return min(wait, patrolEvery), nil
		}
		if err := l.dial(l.pick()); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// pick returns the next connection to dial.
func (l *loop) pick() uint32 {
	if n := len(l.again); n > 0 {
		slot := l.again[n-1]
		l.again = l.again[:n-1]
		return slot
	}
	if l.stages != nil {
		l.stages.take()
	}
	l.next++
	return uint32(l.next - 1)
}

// turn returns when the next connection may be dialled, since connecting began. In stages a
// connection has one turn: if it fails, only the pause after a failure delays the next dial.
func (l *loop) turn() time.Duration {
	switch {
	case l.stages == nil:
		return l.pace.due(l.attempts)
	case len(l.again) > 0:
		return 0
	}
	return l.stages.next
}

// connectTurns returns the turns of loop i of cfg in -connect-stages; nil without. The loops
// of all replicas share one curve: replica r of n has every n-th connection from r on, and
// its loops take turns, those that have one connection more than the others first. So
// together they open each connection when it is due, whatever their numbers.
func connectTurns(cfg *Config, i int) *schedule {
	if cfg.ConnectStages == "" {
		return nil
	}
	before := 0 // loops whose turn comes before
	for k := range cfg.Loops {
		if own, other := cfg.count(i), cfg.count(k); other > own || other == own && k < i {
			before++
		}
	}
	replicas := max(1, cfg.Replicas)
	turns := even(cfg.ConnectStages.Continued(), 0, before*replicas+cfg.Replica, cfg.Loops*replicas)
	return &turns
}

// dial starts one connection.
func (l *loop) dial(slot uint32) error {
	c := &l.conns[slot]
	l.attempts++
	c.since = l.plan.now()
	target, local := l.route(int(l.first + slot))
	// The poller reports the result, even if the connection is already established.
	fd, _, err := poll.Connect(target, local)
	if err != nil {
		return l.failed(slot, errno(err))
	}
	c.fd, c.state = int32(fd), dialling
	l.dialling++
	return l.poller.Add(fd, slot, interest)
}

// allSettled reports whether each connection was established or is lost. From then on
// only the traffic dials: connections that it has closed itself.
func (l *loop) allSettled() bool { return l.settled == len(l.conns) }

// dialled handles the result of a dial. An error means that connecting is hopeless.
func (l *loop) dialled(slot uint32, c *conn) error {
	err := poll.ConnectResult(int(c.fd))
	if l.allSettled() {
		if err != nil {
			l.traffic.failed(slot, c, dialFailure(errno(err)))
			return nil
		}
		l.begin(slot, c)
		return nil
	}
	l.dialling--
	if err != nil {
		poll.Reset(int(c.fd))
		c.fd, c.state = -1, unused
		return l.failed(slot, errno(err))
	}
	now := l.plan.now()
	l.tally.connect.Record(int64(now - c.since))
	l.plan.connectedAt.Store(int64(now))
	l.pause, l.notBefore, l.failing = 0, 0, 0
	c.since = now // the start of the handshake
	l.begin(slot, c)
	return nil
}

// opened handles a connection that can now carry messages.
func (l *loop) opened(slot uint32, c *conn) {
	c.state = ready
	l.open++
	l.dirty = true
	if l.allSettled() {
		l.traffic.returned(slot, c)
		return
	}
	l.settled++
	if !c.idle {
		l.unanswered++
	}
}

// dialFailure returns the failure of a dial with an errno.
func dialFailure(e syscall.Errno) failure {
	return failure{why: unconnected, detail: e.Error(), again: retryable(e)}
}

// failed handles a failed dial: it schedules another attempt after a pause, or returns
// an error. Failures before the first connection of any loop are not counted, so that a
// server may start after its clients.
func (l *loop) failed(slot uint32, e syscall.Errno) error {
	if !retryable(e) {
		return l.hopeless(slot, e)
	}
	now := l.plan.now()
	succeeded := time.Duration(l.plan.connectedAt.Load())
	if l.failing == 0 {
		l.failing = now
	}
	limit := l.timeout
	if e == syscall.ECONNREFUSED {
		limit = min(refusedLimit, limit)
	}
	if now-max(l.failing, succeeded) >= limit {
		return l.hopeless(slot, e)
	}
	if succeeded > 0 {
		l.faultKept(slot, unconnected, e.Error())
		l.dirty = true
	}
	l.again = append(l.again, slot)
	if now >= l.notBefore { // once for many that failed together
		l.pause = backOff(l.pause)
		l.notBefore = now + l.pause
	}
	return nil
}

// stuck returns an error if a dial has had no answer for the timeout, and no other
// connection was established in that time.
func (l *loop) stuck(now time.Duration) error {
	if now-time.Duration(l.plan.connectedAt.Load()) < l.timeout {
		return nil
	}
	for i := range l.conns[:l.next] {
		if c := &l.conns[i]; c.state == dialling && now-c.since >= l.timeout {
			return l.hopeless(uint32(i), syscall.ETIMEDOUT)
		}
	}
	return nil
}

// hopeless returns the error that ends the run. generator.explain adds the number of
// connections of all loops.
func (l *loop) hopeless(slot uint32, e syscall.Errno) error {
	target, _ := l.route(int(l.first + slot))
	return &ConnectError{Addr: target, Err: e}
}
