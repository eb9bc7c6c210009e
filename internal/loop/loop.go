//go:build linux

// Package loop is one event loop: it accepts, reads, handles and writes for
// the connections that are its own, or hands them to workers. It knows
// neither how many loops there are nor that anything is measured.
package loop

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// Config is the configuration of a loop.
type Config struct {
	Table    *Table
	Protocol proto.Protocol
	Work     servers.Work
	Counter  *servers.Counter

	// HandshakeTimeout is how long a connection's handshake may take, and a peer that
	// broke the protocol to go.
	HandshakeTimeout time.Duration

	// Push is what is sent to its connections, by Notify. First is the number
	// of the first of them, which should differ between loops.
	Push  push.Config
	First int

	// Listener is the descriptor to accept from, non-blocking; negative if
	// connections only come by Adopt. It stays the caller's to close.
	Listener int

	// Edge asks for edge-triggered events: a connection is then read until
	// nothing is left.
	Edge bool

	// Shared says that others accept from the listener as well. The loop
	// then takes one connection per wake-up, and leaves the rest to them
	// while it holds more than Share says.
	Shared bool
	Share  func() (mean float64)

	// Admit, if not nil, is asked before each accept; while it says no the
	// listener is left alone.
	Admit func() bool

	// HandOff, if not nil, is given each accepted connection in place of
	// this loop. The receiver must see to it that some loop adopts it.
	HandOff func(*Conn)

	// Freed, if not nil, is called when a connection has been closed, whose
	// descriptor another loop may be waiting for (Loop.Resume).
	Freed func()

	// Dispatch, if not nil, is given the connections that became ready in
	// one wake-up; each belongs to the receiver until it is released. The
	// slice does not. Without Dispatch the loop serves them itself.
	Dispatch func([]Task)

	// Reads, with Dispatch, makes the loop read and dispatch what it read.
	Reads bool
}

// Loop is an event loop. Run is called once, and Close after it.
type Loop struct {
	config  Config
	handler *Handler
	poller  *poll.Poller
	events  []poll.Event

	pause     pause   // of accepting
	again     []again // edge-triggered connections with more to read
	ready     []Task  // for Dispatch, gathered in this wake-up
	deadlines deadlines
	pusher    *pusher // nil if nothing is pushed

	stopping atomic.Bool
	paused   atomic.Bool // pause.active, for other loops to see

	mu     sync.Mutex
	posted []func() // guarded by mu
}

// batch is how many events are taken per wake-up. The kernel looks at each
// socket when it tells of it; at 128 that is still in the cache when it is
// read. Measured at 380,000 connections: with 128 at both ends 6% more round
// trips than with 1024 here and 512 in the client.
const batch = 128

// New makes a loop that watches its listener.
func New(config Config) (*Loop, error) {
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	l := &Loop{
		config:  config,
		handler: newHandler(config.Protocol, config.Work, config.Counter, config.Push),
		poller:  poller,
		events:  make([]poll.Event, batch),
	}
	l.handler.failed = l.await
	if config.Push.Rate > 0 {
		l.pusher = newPusher(config.Push, config.First)
	}
	if config.Listener >= 0 {
		if err := l.watchListener(); err != nil {
			poller.Close()
			return nil, err
		}
	}
	return l, nil
}

// Close releases the loop's own descriptors. Its connections stay in the table.
func (l *Loop) Close() error { return l.poller.Close() }

// Run turns the loop until ctx is done, and returns nil then. It returns an
// error if the loop cannot go on.
func (l *Loop) Run(ctx context.Context) error {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		l.stopping.Store(true)
		l.poller.Wake()
	})
	defer func() {
		if !stop() {
			<-woken // or it would write to a descriptor that Close has closed
		}
	}()
	for !l.stopping.Load() {
		n, err := l.poller.Wait(l.events, l.timeout())
		if err != nil {
			return err
		}
		for i := range l.events[:n] {
			if l.stopping.Load() { // work may make a batch take long
				return nil
			}
			if err := l.dispatch(&l.events[i]); err != nil {
				return err
			}
		}
		if err := l.finish(); err != nil {
			return err
		}
	}
	return nil
}

// dispatch takes the one step an event calls for.
func (l *Loop) dispatch(e *poll.Event) error {
	if e.FD() == l.config.Listener {
		return l.accept()
	}
	if l.poller.IsWake(e) {
		l.runPosted()
		return nil
	}
	switch c := l.config.Table.at(e.FD()); {
	case c.generation.Load() != e.Generation(): // closed in this batch
	case l.config.Dispatch != nil:
		l.claim(c, e.Events)
	case l.config.Edge:
		l.exhaust(c)
	case c.waiting() > 0 && e.Events&poll.Out != 0:
		l.settle(c, l.handler.Flush(c))
	default:
		l.settle(c, l.handler.Receive(c))
	}
	return nil
}

// finish ends a wake-up: what was put off is done, and counts are published.
func (l *Loop) finish() error {
	l.exhaustAgain()
	if len(l.deadlines.list) > 0 {
		l.expire(time.Now())
	}
	if len(l.ready) > 0 {
		l.config.Dispatch(l.ready)
		clear(l.ready)
		l.ready = l.ready[:0]
	}
	l.handler.Publish()
	return l.resume()
}

// timeout is how long the loop may wait for events.
func (l *Loop) timeout() time.Duration {
	if len(l.again) > 0 {
		return 0
	}
	switch due, is := l.deadlines.first(); {
	case is && (!l.pause.active || due.Before(l.pause.until)):
		return max(0, time.Until(due))
	case l.pause.active:
		return max(0, time.Until(l.pause.until))
	}
	return -1
}

// Post runs f in the loop. It is the one way into a loop from outside, and
// does not wait. What is posted to a loop that has ended never runs.
func (l *Loop) Post(f func()) error {
	l.mu.Lock()
	l.posted = append(l.posted, f)
	l.mu.Unlock()
	return l.poller.Wake()
}

func (l *Loop) runPosted() {
	l.mu.Lock()
	posted := l.posted
	l.posted = nil
	l.mu.Unlock()
	for _, f := range posted {
		f()
	}
}

// Adopt makes a connection that is in the table this loop's own. It must run
// in the loop.
func (l *Loop) Adopt(c *Conn) {
	t := &l.handler.Totals
	t.Accepted++
	t.Open++
	c.interest = poll.In
	if l.config.Edge || l.config.Dispatch != nil {
		c.interest = poll.In | poll.Out | poll.PeerDone | poll.Urgent | poll.Edge // once and for all
	}
	phase := l.handler.server.Start()
	c.phase.Store(uint32(phase)) // before events: a worker may be given the first
	if err := l.poller.Add(int(c.fd), c.generation.Load(), c.interest); err != nil {
		t.Errors++
		l.close(c)
		return
	}
	if phase == proto.Handshake {
		l.await(c)
	}
	if l.pusher != nil {
		l.pusher.add(c)
	}
}

// settle does what an outcome calls for on a level-triggered connection: ask
// for the events that are wanted from now on.
func (l *Loop) settle(c *Conn, o Outcome) {
	if o == Ended {
		l.close(c)
		return
	}
	wanted := uint32(poll.In)
	if c.waiting() > 0 {
		wanted = poll.Out
		if !c.ending && !c.full() {
			wanted |= poll.In
		}
	}
	if wanted == c.interest {
		return
	}
	c.interest = wanted
	if err := l.poller.Modify(int(c.fd), c.generation.Load(), wanted); err != nil {
		l.handler.Totals.Errors++
		l.close(c)
	}
}

// burst is how many reads one connection gets before the others have a turn.
const burst = 16

// exhaust serves an edge-triggered connection until nothing is left to read,
// since nothing would tell of a rest. What the burst leaves is read after the
// other events of the wake-up.
func (l *Loop) exhaust(c *Conn) {
	switch l.handler.exhaust(c, Empty) {
	case Ended:
		l.close(c)
	case More:
		if !c.listed {
			c.listed = true
			l.again = append(l.again, again{c, c.generation.Load()})
		}
	}
}

// again is a connection to come back to, if it is still the same.
type again struct {
	*Conn
	generation uint32
}

func (l *Loop) exhaustAgain() {
	list := l.again
	l.again = nil
	for _, a := range list {
		if a.Conn.generation.Load() == a.generation {
			a.listed = false
			l.exhaust(a.Conn)
		}
	}
}

// close ends a connection. Its descriptor may be what accepting waits for.
func (l *Loop) close(c *Conn) {
	if l.pusher != nil {
		l.pusher.forget(c)
	}
	l.config.Table.close(c)
	l.handler.Totals.Open--
	l.pause.cut()
	if l.config.Freed != nil {
		l.config.Freed()
	}
}
