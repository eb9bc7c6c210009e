//go:build linux

package load

import (
	"fmt"
	"time"

	"c1m/internal/hist"
	"c1m/internal/poll"
	"c1m/internal/proto"
)

const (
	batch    = 128      // events per wake-up, as in a server's loop
	burst    = 256      // connections dialled, or first requests sent, per wake-up
	readSize = 64 << 10 // bytes

	// interest is requested once per connection and never changed. With edge-triggered
	// events the kernel need not check a connection again after it has reported it,
	// and Out costs nothing until a socket is full.
	interest = poll.In | poll.Out | poll.PeerDone | poll.Edge

	// gone are the events after which reading returns the end or an error.
	gone = poll.PeerDone | poll.HangUp | poll.Fault
)

// loop is one event loop: a poller, a table of connections, and a tally that only it
// writes. Its traffic decides what connections carry.
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
	primed    int           // connections, from the start of the table, that were sent a first request
	patrol    time.Duration // time of the last patrol
	begun     bool          // has noticed the start of the window
	ended     bool          // has noticed the end of the window
	concluded bool          // has counted requests without a reply
	inFlight  int64
	waiting   int64 // requests that are due and not sent
	replies   int64
	latency   time.Duration // the sum over replies
	tally     *tally
	watch     watch

	dirty      bool // the second part of visible must be published
	open       int
	settled    int // connections that were ever up, or are lost
	missing    int // connections that the traffic closed and that are not up again
	unanswered int // busy connections that are up and have no reply yet
	answeredAt time.Duration
	visible    *published
	told       *ask // the last that was answered
	processor  int  // to run on while connecting
	pinned     bool // and under load
}

// newLoop returns loop i of cfg.
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
		dialer:   dialer{pace: pace(cfg.ConnectRate / float64(cfg.Loops)), stages: connectTurns(cfg, i), route: cfg.route},
		visible:  new(published),
		watch:    watch{clock: p.now, delay: &p.delay},
	}
	l.tally = newTally(cfg.Window, &l.open)
	if client.Start() == proto.Handshake {
		l.tally.upgrade = hist.New()
	}
	for i := range l.conns {
		l.conns[i].idle = !isBusy(i, count, busy)
	}
	l.traffic = kindOf(cfg.Kind()).create(l, cfg)
	return l, nil
}

// run runs the loop until stageRelease. It closes the connections in any case.
func (l *loop) run() error {
	defer l.closeAll()
	// While connecting, each loop has its own processor, so that connections arrive on
	// all of them, as from the queues of a network card: over loopback a connection
	// arrives on the processor that sent it. Under load the scheduler decides, unless
	// the loops are pinned.
	release, err := borrow(l.processor)
	if err != nil && l.pinned {
		return fmt.Errorf("-pin: %w", err)
	}
	l.poller.YieldThread = err == nil
	for {
		s := stage(l.plan.stage.Load())
		if s != stageConnect && release != nil && !l.pinned {
			release()
			release = nil
			l.poller.YieldThread = false
		}
		wait, err := l.step(s)
		if err != nil {
			return err
		}
		l.publish()
		if wait < 0 {
			l.conclusion()
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

// step does the work of a stage that needs no event, and returns how long the loop may
// wait for events. A negative time means that the loop is done.
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

// load sends first requests, notices the ends of the window, patrols, and sends what is
// due. It returns how long until there is more to do.
func (l *loop) load() time.Duration {
	now := l.plan.now()
	l.look(now)
	l.notice(now)
	if l.ended {
		l.primed = len(l.conns)
	}
	for n := 0; l.primed < len(l.conns) && n < burst; l.primed, n = l.primed+1, n+1 {
		if c := &l.conns[l.primed]; c.state == ready && !c.idle {
			l.traffic.first(uint32(l.primed), c)
		}
	}
	if now-l.patrol >= l.every {
		l.patrol = now
		l.expire(now)
	}
	if l.primed < len(l.conns) {
		return 0
	}
	return min(l.traffic.due(now), l.every)
}

// dispatch handles one event.
func (l *loop) dispatch(e *poll.Event) error {
	slot := e.Generation()
	c := &l.conns[slot]
	if int(c.fd) != e.FD() || c.state == unused || c.state == lost {
		l.poller.IsWake(e) // the next step reads the stage
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

// publish publishes the counts, once per wake-up.
func (l *loop) publish() {
	v := l.visible
	v.inFlight.Store(l.inFlight)
	v.replies.Store(l.replies)
	v.latency.Store(int64(l.latency))
	v.waiting.Store(l.waiting)
	if a := l.plan.asked.Load(); a != l.told {
		l.tell(a)
	}
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
	if l.allSettled() {
		l.plan.signal() // not before: it wakes a thread, and nobody waits for some of them
	}
}
