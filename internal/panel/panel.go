//go:build linux

// Package panel shows work in progress on the whole of a terminal: how much is done, the
// figures of the moment, and a table that fills up. It must not depend on what the work is,
// and has no clock: it is told when there is something new.
package panel

import (
	"context"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Options are a panel.
type Options struct {
	// In is the terminal that keys come from, Out the one that the panel is on. In may be
	// nil: then there are no keys, and the terminal turns Ctrl-C into a signal itself.
	In, Out *os.File

	Colours bool

	// Read returns what to show in so many columns. It is called from one goroutine at a
	// time, when the panel is told of a change, and when the size of the terminal changes.
	Read func(width int) State

	// Interrupt is called if the user asks for the end of the work, after the terminal is
	// restored.
	Interrupt func(Key)
}

// Key is how the user asks for the end of the work.
type Key int

// The keys.
const (
	Quit  Key = iota + 1 // q
	Break                // Ctrl-C
)

// Panel is a panel on a terminal.
type Panel struct {
	program *tea.Program
	changed chan struct{} // holds at most one change
	closing chan struct{}
	once    sync.Once
	ended   chan struct{} // closed when the terminal is restored
}

// framesPerSecond is how often the library looks whether there is something to draw. A look
// that finds nothing costs next to nothing.
const framesPerSecond = 20

// restoring is how long the terminal may take to accept the last bytes: one that accepts none
// must not keep the process.
const restoring = 2 * time.Second

// Start shows a panel until Close is called, ctx is done, or the user asks for the end of the
// work.
func Start(ctx context.Context, o Options) *Panel {
	p := &Panel{changed: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{})}
	m := &model{read: o.Read, colours: o.Colours, keys: o.In != nil, wait: p.wait}
	options := []tea.ProgramOption{
		tea.WithOutput(o.Out), tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(), tea.WithInput(nil),
	}
	if o.In != nil {
		options = append(options, tea.WithInput(o.In))
	}
	p.program = tea.NewProgram(m, options...)
	go p.run(ctx, m, o.Interrupt)
	return p
}

// run shows the panel and restores the terminal. If the terminal fails, there is no panel any
// more, which Ended tells: the work goes on.
func (p *Panel) run(ctx context.Context, m *model, interrupt func(Key)) {
	signals := holdSignals(p.program.Quit)
	stop := context.AfterFunc(ctx, p.program.Quit)
	_, _ = p.program.Run()
	stop()
	close(p.ended)
	signals.release()
	if m.ended != 0 && ctx.Err() == nil {
		interrupt(m.ended)
	}
}

// Changed tells that there is something new to show. It does not block.
func (p *Panel) Changed() {
	select {
	case p.changed <- struct{}{}:
	default: // one is waiting, and what it will show is new as well
	}
}

// Ended reports whether the terminal is restored.
func (p *Panel) Ended() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Close restores the terminal. It may be called again.
func (p *Panel) Close() {
	p.once.Do(func() {
		close(p.closing)
		go p.program.Quit() // blocks while the program has not begun
	})
	limit := time.NewTimer(restoring)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
	}
}

// wait is the command that waits for a change.
func (p *Panel) wait() tea.Msg {
	select {
	case <-p.changed:
		return changed{}
	case <-p.closing:
		return nil
	case <-p.ended:
		return nil
	}
}
