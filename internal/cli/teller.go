//go:build linux

package cli

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"c1m/internal/result"
)

// teller prints the tagged lines of one server or replica. A line that cannot
// be written is lost, but for a result: whoever read them is gone, and says so
// by other means.
type teller struct {
	mu        sync.Mutex
	w         io.Writer
	run, from string
}

func (t *teller) tell(l result.Line) { _ = t.write(l) }

func (t *teller) write(l result.Line) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.Run, l.From = t.run, t.from
	return result.WriteLine(t.w, l)
}

func (t *teller) ready(r result.Ready)   { t.tell(result.Line{Ready: &r}) }
func (t *teller) counts(c result.Counts) { t.tell(result.Line{Server: &c}) }
func (t *teller) use(u result.Use)       { t.tell(result.Line{Use: &u}) }

// replica tells a result. It is what a replica was for: that it is lost must be
// known.
func (t *teller) replica(r result.Replica) error { return t.write(result.Line{Replica: &r}) }

func (t *teller) failed(err error) {
	t.tell(result.Line{Failed: &result.Failure{Message: err.Error(), Code: code(err)}})
}

// reports are goroutines that tell about something while it runs.
type reports struct {
	ctx   context.Context
	group sync.WaitGroup
}

// newReports returns the reports and what ends them; it waits until they have.
func newReports(ctx context.Context) (*reports, func()) {
	ctx, cancel := context.WithCancel(ctx)
	r := &reports{ctx: ctx}
	return r, func() {
		cancel()
		r.group.Wait()
	}
}

func (r *reports) start(f func(context.Context)) {
	r.group.Go(func() { f(r.ctx) })
}

// each calls f every interval until ctx is done.
func each(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}

func pid() int { return os.Getpid() }
