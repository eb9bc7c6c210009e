//go:build linux

package load

import (
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
// only it writes. What its connections carry is its traffic's.
type loop struct {
	plan     *plan
	poller   *poll.Poller
	traffic  traffic
	client   proto.Client
	request  *request
	conns    []conn
	served   []uint32 // operations of each connection inside the window
	lifetime []uint32 // replies on each connection, since it was opened
	number   int      // of the loop
	first    uint32   // the number of the first connection, over all loops
	timeout  time.Duration
	every    time.Duration // between two patrols
	in       []byte
	events   []poll.Event

	dialer
	asked     int           // connections from the table's start that were sent a first request
	patrol    time.Duration // when the last patrol was
	begun     bool          // the window's opening has been seen
	ended     bool          // its end has been seen
	concluded bool          // what had no reply then has been counted
	inFlight  int64
	waiting   int64 // requests that are due and not sent
	replies   int64
	latency   time.Duration // the sum over replies
	tally     *tally
	watch     watch

	dirty      bool // something in the second part of visible changed
	open       int
	settled    int // connections that are up, or were and are not any more
	missing    int // connections that were closed on purpose and are not up again
	unanswered int // busy connections that are up and have had no reply yet
	answeredAt time.Duration
	visible    *published
	processor  int // where it runs while it connects
}

// newLoop makes loop i of cfg.
func newLoop(p *plan, cfg *Config, i int) (*loop, error) {
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	first, count, busy := cfg.part(i)
	client := cfg.Protocol.NewClient(cfg.Request(), cfg.Size)
	l := &loop{
		plan:     p,
		poller:   poller,
		client:   client,
		request:  newRequest(cfg.Size, client),
		conns:    make([]conn, count),
		served:   make([]uint32, count),
		lifetime: make([]uint32, count),
		number:   i,
		first:    uint32(first),
		timeout:  cfg.Timeout,
		every:    patrolOf(cfg.Timeout),
		in:       make([]byte, readSize),
		events:   make([]poll.Event, batch),
		dialer:   dialer{pace: pace(cfg.ConnectRate / float64(cfg.Loops)), route: cfg.route},
		tally:    newTally(cfg.Window),
		visible:  new(published),
		watch:    watch{delay: &p.delay},
	}
	if client.Start() == proto.Handshake {
		l.tally.upgrade = hist.New()
	}
	for i := range l.conns {
		l.conns[i].idle = !isBusy(i, count, busy)
	}
	l.traffic = kindOf(cfg.Kind()).create(l, cfg)
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
		if c := &l.conns[l.asked]; c.state == ready && !c.idle {
			l.traffic.first(uint32(l.asked), c)
		}
	}
	if now-l.patrol >= l.every {
		l.patrol = now
		l.expire(now)
	}
	if l.asked < len(l.conns) {
		return 0
	}
	return l.traffic.due(now)
}

// dispatch serves one event.
func (l *loop) dispatch(e *poll.Event) error {
	slot := e.Generation()
	c := &l.conns[slot]
	if int(c.fd) != e.FD() || c.state == unused || c.state == lost {
		l.poller.IsWake(e) // the step that follows looks at the stage
		return nil
	}
	if c.state == dialling {
		if err := l.dialled(slot, c); err != nil || c.fd < 0 {
			return err
		}
	}
	l.exchange(slot, c, e.Events)
	return nil
}

// publish makes the counts visible, once per wake-up.
func (l *loop) publish() {
	v := l.visible
	v.inFlight.Store(l.inFlight)
	v.replies.Store(l.replies)
	v.latency.Store(int64(l.latency))
	v.waiting.Store(l.waiting)
	if !l.dirty {
		return
	}
	l.dirty = false
	v.open.Store(int64(l.open))
	v.settled.Store(int64(l.settled))
	v.missing.Store(int64(l.missing))
	v.unanswered.Store(int64(l.unanswered))
	v.answeredAt.Store(int64(l.answeredAt))
	v.errors.Store(l.tally.lost())
	if l.ended {
		v.operations.Store(l.tally.operations)
		v.recorded.Store(l.tally.latency.Sum())
		v.ended.Store(true)
	}
	l.plan.signal()
}
