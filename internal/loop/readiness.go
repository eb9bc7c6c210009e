//go:build linux

package loop

import (
	"time"

	"c1m/internal/poll"
)

// readiness waits by epoll until connections are ready, and then reads and writes.
type readiness struct {
	*Loop
	poller *poll.Poller
	events []poll.Event
}

// batch is how many events are taken per wake-up. The kernel touches each socket
// when it reports it; with 128, the socket is still in the cache when it is read.
// Measured at 380,000 connections: 128 at both ends gives 6% more round trips than
// 1024 here and 512 in the client.
const batch = 128

func newReadiness(l *Loop) (*readiness, error) {
	poller, err := poll.New()
	return &readiness{Loop: l, poller: poller, events: make([]poll.Event, batch)}, err
}

func (w *readiness) begin() error   { return nil }
func (w *readiness) end() error     { return nil }
func (w *readiness) wake() error    { return w.poller.Wake() }
func (w *readiness) release() error { return w.poller.Close() }

func (w *readiness) wait(timeout time.Duration) error {
	n, err := w.poller.Wait(w.events, timeout)
	if err != nil {
		return err
	}
	w.poller.YieldThread = w.pinned
	for i := range w.events[:n] {
		if w.stopping.Load() { // a batch may take long, because of the work
			return nil
		}
		if err := w.dispatch(&w.events[i]); err != nil {
			return err
		}
	}
	return nil
}

// dispatch takes the one step that an event requires.
func (w *readiness) dispatch(e *poll.Event) error {
	if e.FD() == w.config.Listener {
		w.poller.YieldThread = true // clients may be connecting: let them, and accept more at once
		return w.accept()
	}
	if w.poller.IsWake(e) {
		w.runPosted()
		return nil
	}
	switch c := w.config.Table.at(e.FD()); {
	case c.generation.Load() != e.Generation(): // closed in this batch
	case w.config.Dispatch != nil:
		w.claim(c, e.Events)
	case w.config.Edge:
		w.exhaust(c)
	case c.waiting() > 0 && e.Events&poll.Out != 0:
		w.settle(c, w.handler.Flush(c))
	default:
		w.settle(c, w.handler.Receive(c))
	}
	return nil
}

func (w *readiness) listen() error {
	events := uint32(poll.In)
	if w.config.Shared {
		events |= poll.Exclusive
	}
	return w.poller.Add(w.config.Listener, 0, events)
}

func (w *readiness) unlisten() error { return w.poller.Remove(w.config.Listener) }

func (w *readiness) adopt(c *Conn) error {
	c.interest = poll.In
	if w.config.Edge || w.config.Dispatch != nil {
		c.interest = poll.In | poll.Out | poll.PeerDone | poll.Urgent | poll.Edge // never modified
	}
	return w.poller.Add(int(c.fd), c.generation.Load(), c.interest)
}

// settle closes a connection, or if it is level-triggered requests the events needed
// from now on.
func (w *readiness) settle(c *Conn, o Outcome) {
	if o == Ended {
		w.close(c)
		return
	}
	if w.config.Edge {
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
	if err := w.poller.Modify(int(c.fd), c.generation.Load(), wanted); err != nil {
		w.handler.Totals.Errors++
		w.close(c)
	}
}

func (w *readiness) drop(c *Conn) {
	w.config.Table.close(c)
	w.freed()
}
