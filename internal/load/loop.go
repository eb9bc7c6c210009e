//go:build linux

package load

import (
	"net/netip"
	"time"

	"c1m/internal/hist"
	"c1m/internal/poll"
	"c1m/internal/proto"
)

const (
	batch    = 128      // events taken per wake-up, as a server's loop does
	burst    = 256      // connections dialled, or first requests sent, per wake-up
	readSize = 64 << 10 // bytes

	// interest is asked for once per connection and never changed. Under edge
	// triggering the kernel need not look at a connection again after it has
	// told of it, and Out costs nothing until a write has found the socket
	// full.
	interest = poll.In | poll.Out | poll.PeerDone | poll.Edge

	// gone are the events after which there is an end or an error to read.
	gone = poll.PeerDone | poll.HangUp | poll.Fault
)

// loop is one event loop: a poller, a table of connections, and a tally that
// only it writes.
type loop struct {
	plan     *plan
	poller   *poll.Poller
	conns    []conn
	served   []uint32 // operations of each connection inside the window
	lifetime []uint32 // replies on each connection, since it was opened
	first    uint32   // the number of the first connection, over all loops
	timeout  time.Duration
	every    time.Duration // between two patrols
	request  *request
	in       []byte
	events   []poll.Event

	client     proto.Client
	handshakes int32  // begun so far; its number is what a connection has of its own
	hello      []byte // the handshake that is being written

	offer *offer // nil in a closed loop
	pipe  *pipe  // nil with one request in flight on each connection

	subs   *subscriptions // nil where requests are sent
	reopen *reopener      // nil where connections are not closed on purpose

	dialer
	asked     int           // connections from the table's start that were sent a first request
	patrol    time.Duration // when the last patrol was
	begun     bool          // the window's opening has been seen
	ended     bool          // its end has been seen
	concluded bool          // what had no reply then has been counted
	inFlight  int64
	replies   int64
	latency   time.Duration // the sum over replies
	tally     *tally
	watch     watch

	dirty     bool // something in the second part of visible changed
	open      int
	settled   int
	unheard   int
	heardAt   time.Duration
	visible   *published
	processor int // where it runs while it connects
}

// newLoop makes the loop for count connections from first on, of which busy
// carry requests. route says where each goes.
func newLoop(p *plan, cfg *Config, first, count, busy int, route func(int) (netip.AddrPort, netip.Addr)) (*loop, error) {
	client := cfg.Protocol.NewClient(cfg.Request(), cfg.Size)
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	l := &loop{
		plan:     p,
		poller:   poller,
		conns:    make([]conn, count),
		served:   make([]uint32, count),
		lifetime: make([]uint32, count),
		first:    uint32(first),
		timeout:  cfg.Timeout,
		every:    patrolOf(cfg.Timeout),
		client:   client,
		request:  newRequest(cfg.Size, client),
		in:       make([]byte, readSize),
		events:   make([]poll.Event, batch),
		dialer:   dialer{pace: pace(cfg.ConnectRate / float64(cfg.Loops)), route: route},
		tally:    newTally(cfg.Window),
		visible:  new(published),
		watch:    watch{delay: &p.delay},
	}
	if client.Start() == proto.Handshake {
		l.tally.upgrade = hist.New()
	}
	for i := range l.conns {
		l.conns[i].quiet = !isBusy(i, count, busy)
	}
	if cfg.Pipeline > 1 {
		l.pipe = newPipe(cfg.Pipeline, count)
	}
	if cfg.Push {
		l.subs = newSubscriptions(p)
	}
	l.reopen = newReopener(cfg, first, count)
	return l, nil
}

// run serves the loop until it is told to release its connections. Whatever
// it returns, it has closed them.
func (l *loop) run() error {
	defer l.closeAll()
	// While it connects each loop has a processor, so that connections come
	// in on all of them, as they do from the queues of a network card: over
	// loopback a connection comes in where it was sent.
	release := borrow(l.processor)
	for {
		s := stage(l.plan.stage.Load())
		if s != stageConnect && release != nil {
			release()
			release = nil
		}
		wait, err := l.step(s)
		if err != nil {
			return err
		}
		l.publish()
		if wait < 0 {
			return nil
		}
		n, err := l.poller.Wait(l.events, wait)
		if err != nil {
			return err
		}
		for i := range n {
			if err := l.dispatch(&l.events[i]); err != nil {
				return err
			}
			if l.request.wire >= bulk {
				l.look(l.plan.now())
			}
		}
	}
}

// step does what is due without an event, and returns how long the loop may
// wait for one. A negative time means that there is no more to do.
func (l *loop) step(s stage) (time.Duration, error) {
	switch s {
	case stageConnect:
		return l.connect(l.plan.now())
	case stageLoad:
		l.watch.wait = min(l.load(), lookEvery)
		return l.watch.wait, nil
	case stageHold:
		l.conclude(l.plan.now())
		return patrolEvery, nil
	}
	now := l.plan.now()
	l.notice(now)
	l.conclude(now)
	return -1, nil
}

// conclude takes note, once, of what the drain has not brought.
func (l *loop) conclude(now time.Duration) {
	if l.offer != nil {
		l.settle(now)
		return
	}
	if l.concluded || !l.ended {
		return
	}
	l.concluded = true
	for i := range l.conns {
		switch c := &l.conns[i]; c.state {
		case asking:
			l.tally.silent++
		case unused, dialling, upgrading:
			if l.reopen != nil && l.reopen.churn != nil { // a storm counts its own
				l.fault(uint32(i), unconnected, "no answer to a dial")
			}
		}
	}
}

// load keeps the load up, and returns how long until there is more to do.
func (l *loop) load() time.Duration { return min(l.keepUp(), l.every) }

// keepUp is load: first requests, the window's end, the patrol.
func (l *loop) keepUp() time.Duration {
	now := l.plan.now()
	l.look(now)
	l.notice(now)
	if l.ended {
		l.asked = len(l.conns)
	}
	for n := 0; l.asked < len(l.conns) && n < burst; l.asked, n = l.asked+1, n+1 {
		if c := &l.conns[l.asked]; c.state == idle && !c.quiet {
			l.prime(uint32(l.asked), c)
		}
	}
	if now-l.patrol >= l.every {
		l.patrol = now
		l.expire(now)
		if l.reopen != nil {
			l.overdue(now)
		}
	}
	if l.asked < len(l.conns) {
		return 0
	}
	if l.offer != nil {
		return l.pump(now)
	}
	if l.reopen != nil {
		return l.turn(now)
	}
	return patrolEvery
}

// look takes note of the time, so that a stop of the process is seen.
func (l *loop) look(now time.Duration) {
	opened, closed := l.plan.window()
	l.watch.look(now, opened, closed)
}

// notice takes note, once each, that the window has opened and that it has
// closed: what was in flight at that moment, before any reply that came after
// it.
func (l *loop) notice(now time.Duration) {
	opened, closed := l.plan.window()
	if !l.begun && now >= opened {
		l.begun = true
		if l.offer != nil {
			l.offer.backlogOpened = l.noticeOffer(opened, now)
		}
		l.asking(func(since time.Duration) { l.tally.carried += max(0, opened-since) })
	}
	if !l.ended && now >= closed {
		l.ended, l.dirty = true, true
		if l.reopen != nil {
			l.note(now)
		}
		if l.offer != nil {
			l.offer.backlogClosed = l.noticeOffer(closed, now)
		}
		l.asking(func(since time.Duration) {
			l.tally.inFlight++
			l.tally.left += max(0, closed-since)
			l.tally.oldest = max(l.tally.oldest, closed-since)
		})
	}
}

// asking visits the requests in flight by when they were sent.
func (l *loop) asking(visit func(since time.Duration)) {
	for i := range l.conns {
		c := &l.conns[i]
		switch {
		case c.state != asking:
		case l.pipe == nil:
			visit(c.since)
		default:
			for k := range l.pipe.length[i] {
				visit(*l.pipe.at(uint32(i), int(k)))
			}
		}
	}
}

// dispatch serves one event.
func (l *loop) dispatch(e *poll.Event) error {
	slot := e.Generation()
	c := &l.conns[slot]
	if int(c.fd) != e.FD() || c.state == unused || c.state == lost {
		l.poller.IsWake(e) // the step that follows looks at the stage
		return nil
	}
	switch {
	case c.state != dialling:
	case l.reopens():
		if !l.reopened(slot, c) {
			return nil
		}
	default:
		if up, err := l.connected(slot, c); !up {
			return err
		}
	}
	if e.Events&(poll.In|gone) != 0 {
		l.receive(slot, c, e.Events)
	}
	switch {
	case c.state == upgrading:
		l.sendHandshake(slot, c)
	case l.pipe != nil && c.state == asking:
		l.flush(slot, c)
	case c.state == asking && int(c.put) < l.request.wire:
		l.send(slot, c)
	case c.state == asking || c.state == idle:
		l.sendPending(slot, c)
	}
	return nil
}

// operations is how many replies came in the window.
func (l *loop) operations() int64 {
	if l.offer != nil {
		return l.offer.replies
	}
	if l.subs != nil {
		return l.subs.deliveries
	}
	return l.tally.latency.Count()
}

// publish makes the counts visible, once per wake-up.
func (l *loop) publish() {
	v := l.visible
	v.inFlight.Store(l.inFlight)
	v.replies.Store(l.replies)
	v.latency.Store(int64(l.latency))
	if l.offer != nil {
		v.waiting.Store(l.waiting())
	}
	if !l.dirty {
		return
	}
	l.dirty = false
	v.open.Store(int64(l.open))
	v.settled.Store(int64(l.settled))
	if l.reopen != nil {
		v.missing.Store(int64(l.reopen.waiting))
	}
	v.unheard.Store(int64(l.unheard))
	v.heardAt.Store(int64(l.heardAt))
	v.errors.Store(l.tally.lost())
	if l.ended {
		v.operations.Store(l.operations())
		v.recorded.Store(l.tally.latency.Sum())
		v.ended.Store(true)
	}
	l.plan.signal()
}
