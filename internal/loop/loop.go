//go:build linux

// Package loop is one event loop: it accepts, reads, handles and writes for its own
// connections, or hands them to workers. It must not depend on the number of loops
// or on measuring.
package loop

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"c1m/internal/affinity"
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

	// HandshakeTimeout is how long a handshake may take, and how long a connection
	// stays open after its peer violated the protocol.
	HandshakeTimeout time.Duration

	// Push describes the notifications that Notify sends. First is the number of the
	// loop's first subscriber; it should differ between loops.
	Push  push.Config
	First int

	// Listener is the non-blocking descriptor to accept from; negative if
	// connections come only by Adopt. The caller must close it.
	Listener int

	// Edge selects edge-triggered events: a connection is then read until nothing
	// is left.
	Edge bool

	// Completions makes the loop wait by io_uring instead of epoll, on a thread of
	// its own. It cannot be combined with Edge, Shared, Admit, HandOff and Dispatch.
	Completions bool

	// Shared means that other loops accept from the same listener. The loop then
	// accepts one connection per wake-up, and none while it holds more than Share.
	Shared bool
	Share  func() (mean float64)

	// Admit, if not nil, is called before each accept; while it returns false the
	// loop does not accept.
	Admit func() bool

	// HandOff, if not nil, is called with each accepted connection, which this loop
	// does not adopt. It must make another loop adopt it.
	HandOff func(*Conn)

	// Freed, if not nil, is called when a connection has been closed: another loop
	// may be waiting for a descriptor (Loop.Resume).
	Freed func()

	// Dispatch, if not nil, is called with the connections that became ready in one
	// wake-up. The callee owns each until it is released, but must not keep the
	// slice. Without Dispatch the loop serves them itself.
	Dispatch func([]Task)

	// Reads, with Dispatch, makes the loop read, and dispatch the message.
	Reads bool
}

// NewConfig returns the part of the configuration that is the same for all modes with event
// loops, with a new table and without a listener.
func NewConfig(cfg servers.Config) (Config, error) {
	table, err := NewTable(cfg.Protocol)
	return Config{
		Table: table, Protocol: cfg.Protocol, HandshakeTimeout: cfg.Timeout(), Work: cfg.Work, Push: cfg.Push, Listener: -1,
	}, err
}

// Loop is an event loop. Run is called once, and Close after it.
type Loop struct {
	config  Config
	handler *Handler
	waiter  waiter

	pause     pause   // of accepting
	again     []again // edge-triggered connections with more to read
	ready     []Task  // for Dispatch, collected in this wake-up
	deadlines deadlines
	pusher    *pusher // nil without notifications

	pinned bool // runs on a thread of its own

	stopping atomic.Bool
	paused   atomic.Bool // pause.active, for other loops

	mu     sync.Mutex
	posted []func() // guarded by mu
}

// New returns a loop that watches its listener.
func New(config Config) (*Loop, error) {
	l := &Loop{
		config:  config,
		handler: newHandler(config.Protocol, config.Work, config.Counter, config.Push),
	}
	l.handler.failed = l.await
	if config.Push.Rate > 0 {
		l.pusher = newPusher(config.Push, config.First)
	}
	if err := l.newWaiter(); err != nil {
		return nil, err
	}
	if config.Listener >= 0 {
		if err := l.waiter.listen(); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

func (l *Loop) newWaiter() error {
	if l.config.Completions {
		w, err := newCompletion(l)
		if err != nil {
			return err
		}
		l.waiter, l.handler.output = w, w
		return nil
	}
	w, err := newReadiness(l)
	l.waiter = w
	return err
}

// Close releases the loop's own descriptors. Its connections stay in the table.
func (l *Loop) Close() error { return l.waiter.release() }

// Pin locks the calling goroutine, which must be the one that will call Run, to a thread,
// and that to a processor. It is never unlocked: the thread ends with the goroutine.
func (l *Loop) Pin(cpu int) error {
	runtime.LockOSThread()
	l.pinned = true
	return affinity.Set(cpu)
}

// Run runs the loop until ctx is done, and then returns nil. It returns an error if
// the loop cannot continue.
func (l *Loop) Run(ctx context.Context) (err error) {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		l.stopping.Store(true)
		l.waiter.wake()
	})
	defer func() {
		if !stop() {
			<-woken // otherwise it could write to a descriptor that Close has closed
		}
	}()
	if err := l.waiter.begin(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.waiter.end()) }()
	for !l.stopping.Load() {
		if err := l.waiter.wait(l.timeout()); err != nil {
			return err
		}
		if err := l.finish(); err != nil {
			return err
		}
	}
	return nil
}

// finish ends a wake-up: it does postponed work and publishes counts.
func (l *Loop) finish() error {
	l.exhaustAgain()
	if _, is := l.deadlines.first(); is {
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

// timeout returns how long the loop may wait for events.
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

// Post runs f in the loop and does not wait for it. It may be called from any
// goroutine. A function posted to a loop that has ended never runs.
func (l *Loop) Post(f func()) error {
	l.mu.Lock()
	l.posted = append(l.posted, f)
	l.mu.Unlock()
	return l.waiter.wake()
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

// Adopt makes this loop serve a connection of the table. It must run in the loop.
func (l *Loop) Adopt(c *Conn) {
	t := &l.handler.Totals
	t.Accepted++
	t.Open++
	phase := l.handler.server.Start()
	c.phase.Store(uint32(phase)) // before adopt, because a worker may get the first event
	if err := l.waiter.adopt(c); err != nil {
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

// burst is how many reads one connection gets before others are served.
const burst = 16

// exhaust serves an edge-triggered connection until nothing is left to read, because
// no further event would report it. After burst reads, the rest is read after the
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

// again is a connection with more to read, if its generation is still the same.
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

// close closes a connection.
func (l *Loop) close(c *Conn) {
	if l.pusher != nil {
		l.pusher.forget(c)
	}
	l.waiter.drop(c)
	l.handler.Totals.Open--
}

// freed resumes accepting, here or in another loop, which may wait for a descriptor: one
// has been closed.
func (l *Loop) freed() {
	l.pause.cut()
	if l.config.Freed != nil {
		l.config.Freed()
	}
}
