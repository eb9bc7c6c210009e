//go:build linux

package suite

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"c1m/internal/check"
	"c1m/internal/engine"
	"c1m/internal/result"
	"c1m/internal/wait"
	"c1m/internal/workload"
)

// slack is how long an immediate step may take on a busy machine before the trial
// counts as hung.
const slack = 30 * time.Second

// connectLimit is how long connecting may take before the trial counts as hung.
// The replicas themselves give up long before.
func connectLimit(c result.Cell) time.Duration {
	return 2*c.Timeout + slack + time.Duration(c.Conns)*time.Millisecond + time.Duration(c.Replicas)*time.Second + c.Connecting()
}

// doneLimit is how long collecting the results may take: the replicas close their
// connections first (a million took longer than 40 s on two processors), and in containers
// each replica's log is read after it has exited.
func doneLimit(c result.Cell) time.Duration {
	return slack + time.Duration(c.Replicas)*200*time.Millisecond + time.Duration(c.Conns)*200*time.Microsecond
}

// measure makes one trial: it starts a server, loads it, and stops it.
func (r *run) measure(whole context.Context, cell result.Cell, trial *result.Trial) error {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	cell.Seed, cell.Drain = Seed(r.Header.Seed, trial.Round, trial.Cell), drain(cell)
	spec := engine.Spec{Run: r.Header.Run, Cell: cell, Progress: r.connecting(cell)}
	if r.Watch != nil {
		spec.Counts = r.Watch.Counts
	}

	r.enter(cell, Starting)
	server, err := r.Engine.Server(ctx, spec)
	if whole.Err() == nil { // one that was interrupted says nothing about the server
		r.starts.note(cell, err)
	}
	if err != nil {
		return err
	}
	defer server.Stop()
	if r.Watch != nil {
		r.Watch.Server(server)
		defer r.Watch.Server(nil)
	}
	// If the server dies, whatever the trial waits for is cancelled.
	go func() {
		select {
		case <-server.Done():
			cancel(server.Err())
		case <-ctx.Done():
		}
	}()

	meter := r.sampler(ctx, cell, server)
	defer meter.stop()
	meter.before()
	r.enter(cell, Connecting)
	load, err := r.Engine.Load(ctx, spec, server.Addr())
	if err != nil {
		return because(whole, server, err)
	}
	defer load.Stop()
	// Likewise if a replica dies.
	failed := load.Failed()
	go func() {
		select {
		case <-failed:
			cancel(load.Err())
		case <-ctx.Done():
		}
	}()
	lookout := new(lookout)
	defer lookout.end()
	closed, err := r.drive(ctx, cell, load, meter, lookout)
	if err != nil {
		return because(whole, server, err)
	}
	// Now the window is measured; a later failure of the server does not discard
	// it.
	measured, err := r.collect(whole, cell, server, load, closed)
	if err != nil {
		return because(whole, server, err)
	}
	r.enter(cell, Stopping)
	load.Stop()
	counts, end := ending(server)
	used, trouble := meter.result(counts)
	trial.Server = used
	if trial.Server == nil { // then by its own account
		trial.Server = measured.Reported(server.Uses())
	}
	if s, ok := server.(interface{ Printed() int64 }); ok && trial.Server != nil {
		trial.Server.Printed = s.Printed()
	}
	trial.Load = &measured
	lookout.tell(trial)
	trial.Checks = check.Seen{Server: trial.Server, Harness: trial.Harness}.Trial(cell, measured)
	if trouble != nil {
		trial.Checks = append(trial.Checks, check.Sampled(trouble))
	}
	if end != nil {
		trial.Checks = append(trial.Checks, check.End(end))
	}
	return nil
}

// ending stops the server of a measured trial. It fails if the server has died
// before, or does not shut down gracefully.
func ending(server engine.Server) (*result.Counts, error) {
	var died error
	select {
	case <-server.Done():
		died = server.Err()
	default:
	}
	counts, err := server.Stop()
	return counts, cmp.Or(died, err)
}

// deathLimit is how long a server's death may take to be noticed: a swarm is polled
// every 2 s, and the rest of a log may take another second.
const deathLimit = 4 * time.Second

// because returns why replicas failed: the death of their server, if it died. They
// often notice it first.
func because(ctx context.Context, server engine.Server, err error) error {
	if server.Done() == nil {
		return err
	}
	timer := time.NewTimer(deathLimit)
	defer timer.Stop()
	select {
	case <-server.Done():
		return server.Err()
	case <-timer.C:
	case <-ctx.Done():
	}
	return err
}

// drive takes the replicas through the phases of a trial, until the window has
// closed and its outstanding requests are done. It returns the time at which the
// window closed.
func (r *run) drive(ctx context.Context, cell result.Cell, load engine.Load, meter sampler, lookout *lookout) (closed time.Time, err error) {
	if err := within(ctx, connectLimit(cell), "connected", load.Connected); err != nil {
		return closed, err
	}
	r.enter(cell, Priming)
	if err := within(ctx, cell.Timeout+slack, "at their first replies", load.Go); err != nil {
		return closed, err
	}
	r.enter(cell, Measuring)
	lead := meter.rehearse(cell.Window)
	start, err := load.Window()
	if err != nil {
		return closed, err
	}
	opens := start.Add(cell.Warmup)
	if err := wait.Until(ctx, opens.Add(-lead)); err != nil {
		return closed, err
	}
	meter.settle(opens)
	if err := wait.Until(ctx, opens); err != nil {
		return closed, err
	}
	meter.opened()
	lookout.begin(opens, cell.Window, meter.pids())
	if cell.Workload.Kind() == workload.Storm {
		defer meter.watch()()
	}
	closed = opens.Add(cell.Window)
	if err := wait.Until(ctx, closed); err != nil {
		return closed, err
	}
	meter.closed(closed)
	r.enter(cell, Draining)
	if err := within(ctx, cell.Timeout+slack, "drained", load.Closed); err != nil {
		return closed, err
	}
	lookout.end()
	r.enter(cell, Reading)
	meter.after()
	return closed, nil
}

// collect lets the replicas close their connections and returns their results.
func (r *run) collect(ctx context.Context, cell result.Cell, server engine.Server, load engine.Load, closed time.Time) (measured result.Replica, err error) {
	if err := accounted(ctx, server.Uses, server.Done(), closed); err != nil {
		return measured, err
	}
	r.enter(cell, Closing)
	err = within(ctx, doneLimit(cell), "done", func(ctx context.Context) (err error) {
		measured, err = load.Release(ctx)
		return err
	})
	return measured, err
}

// accountLimit is how long a server has, after its load, to read its memory: it
// does so only as often as 1% of a processor allows.
const accountLimit = 15 * time.Second

// accounted waits until a server that cannot be seen from here has read its memory,
// while the connections are still open: under load it may have been too busy.
func accounted(ctx context.Context, uses func() []result.Use, died <-chan struct{}, closed time.Time) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for limit := time.Now().Add(accountLimit); result.Unread(uses(), closed) && time.Now().Before(limit); {
		select {
		case <-look.C:
		case <-died: // it says no more
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// within runs a step with a time limit.
func within(ctx context.Context, limit time.Duration, what string, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the replicas are not %s after %v", what, limit))
	defer cancel()
	return step(ctx)
}
