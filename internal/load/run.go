//go:build linux

package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"c1m/internal/affinity"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/wait"
)

const (
	// awaitEvery is how often await calls enough.
	awaitEvery = 20 * time.Millisecond

	// usageLead is how long before the window the measurement of processor time starts,
	// if the warm-up is that long. If the loops use every processor, a timer fires only
	// when the scheduler preempts one of them, every 10 ms.
	usageLead = 25 * time.Millisecond
)

// Run makes one measurement: connect, start signal, first replies, warm-up, window, drain.
// Only replies received inside the window are operations. live, if not nil, shows the
// progress. When Run returns, every connection is closed and every goroutine that it
// started has ended.
//
// If connecting fails the error is a *ConnectError. If ctx is done, the error wraps
// ctx.Err(); an open window is then cut short, and the replica holds the measurement so
// far.
func Run(ctx context.Context, cfg Config, b Barrier, live *Live) (result.Replica, error) {
	if err := cfg.Validate(); err != nil {
		return result.Replica{}, err
	}
	if live == nil {
		live = new(Live)
	}
	g, err := newGenerator(cfg.withDefaults(), live)
	if err != nil {
		return result.Replica{}, err
	}
	return g.run(ctx, b)
}

// generator is one Run: the loops, and the goroutine that controls them.
type generator struct {
	cfg     Config
	kind    kind
	plan    *plan
	loops   []*loop
	visible []*published
	live    *Live

	asleep func() time.Duration // usage.Asleep

	signal  time.Duration // the start signal, since plan.base
	replica result.Replica
}

func newGenerator(cfg Config, live *Live) (*generator, error) {
	g := &generator{cfg: cfg, kind: kindOf(cfg.Kind()), plan: newPlan(), live: live, asleep: usage.Asleep}
	g.replica = result.Replica{
		Replicas: 1,
		Workload: cfg.Workload, // Busy is given, even where all are: the parts of a load are alike
		Window:   cfg.Window,
		Latency:  hist.New(),
		Connect:  hist.New(),
		Slices:   make([]int64, slicesOf(cfg.Window, sliceWidth(cfg.Window))),
		Errors:   map[string]int64{},
		Places:   []result.Place{usage.Place()},
	}
	if width := sliceWidth(cfg.Window); width != result.FullSlice {
		g.replica.Slice = width
	}
	g.replica.Hosts = []result.Host{usage.Host()}
	g.replica.Usable = min(float64(cfg.Loops), usage.CPUs())
	cpus := affinity.CPUs()
	for i := range cfg.Loops {
		l, err := newLoop(g.plan, &g.cfg, i)
		if err != nil {
			g.close()
			return nil, err
		}
		l.processor, l.pinned = processorOf(g.cfg, i, cpus), g.cfg.Pin
		g.loops = append(g.loops, l)
		g.visible = append(g.visible, l.visible)
	}
	live.requested.Store(int64(cfg.Conns))
	live.run.Store(&running{g.visible, g.plan})
	live.phase.Store(int32(Connecting))
	return g, nil
}

// run leads the loops through the phases and collects their counts.
func (g *generator) run(parent context.Context, b Barrier) (result.Replica, error) {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	var loops sync.WaitGroup
	for _, l := range g.loops {
		loops.Go(func() {
			if err := l.run(); err != nil {
				stop(err)
			}
		})
	}
	err := g.phases(ctx, b)
	phase := Phase(g.live.phase.Load())
	if err != nil {
		g.cut()
		if ctx.Err() != nil {
			err = context.Cause(ctx) // the reason; a barrier may return only ctx.Err()
		}
	}
	g.setStage(stageRelease)
	loops.Wait()
	g.plan.delay.Close()
	g.close()
	g.live.phase.Store(int32(Done))
	if e := g.collect(); err == nil {
		err = e
	}
	return g.replica, g.explain(err, parent, phase)
}

// phases runs the phases of a trial. It returns the cause if ctx is done.
func (g *generator) phases(ctx context.Context, b Barrier) error {
	if err := g.await(ctx, func() bool { return g.sum(settled) == g.cfg.Conns }, nil); err != nil {
		return err
	}
	g.replica.ConnectTime = time.Duration(g.plan.connectedAt.Load())
	g.replica.DialledAt = g.plan.base.Round(0)

	g.live.phase.Store(int32(Waiting))
	fixed, err := g.start(ctx, b)
	if err != nil {
		return err
	}
	g.live.phase.Store(int32(Priming))
	g.setStage(stageLoad)
	if !fixed {
		if err := g.prime(ctx, b); err != nil {
			return err
		}
	}

	g.live.phase.Store(int32(Warming))
	if err := g.measure(ctx); err != nil {
		return err
	}

	g.live.phase.Store(int32(Draining))
	if err := g.drain(ctx); err != nil {
		return err
	}
	g.setStage(stageHold)
	return b.Closed(ctx, int64(g.sum(operations)))
}

// start waits for the start signal. It reports whether the signal fixed the window.
//
// A late replica has the same window as the others. If that has already opened, it uses a
// later one, because a partial window would be useless: Late and Opened show it.
func (g *generator) start(ctx context.Context, b Barrier) (fixed bool, err error) {
	ready := time.Now()
	at, err := b.Ready(ctx, g.sum(open))
	if err != nil {
		return false, err
	}
	now := g.plan.now()
	if at.IsZero() {
		g.signal = now
		return false, nil
	}
	g.replica.Late = max(0, ready.Sub(at))
	g.signal = g.plan.at(at)
	opened := g.signal + g.cfg.Warmup
	if g.replica.Late > 0 && opened < now {
		opened = now + g.cfg.Warmup
	}
	g.setWindow(opened)
	return true, nil
}

// prime waits for the first replies, and then for the warm-up.
func (g *generator) prime(ctx context.Context, b Barrier) error {
	err := g.await(ctx, func() bool { return g.sum(unanswered) == 0 }, func() bool {
		var last time.Duration
		for _, v := range g.visible {
			last = max(last, time.Duration(v.answeredAt.Load())-g.signal)
		}
		return silent(g.plan.now()-g.signal, last, g.sum(replies), g.cfg.Timeout)
	})
	if err != nil {
		return err
	}
	begin, err := b.Primed(ctx, g.plan.now()-g.signal)
	if err != nil {
		return err
	}
	now := g.plan.now()
	if !begin.IsZero() {
		now = g.plan.at(begin)
	}
	g.setWindow(now + g.cfg.Warmup)
	return nil
}

// setWindow sets the window, which opens at a time since plan.base.
func (g *generator) setWindow(at time.Duration) {
	g.replica.Opened = at - g.signal
	g.replica.OpenedAt = g.plan.base.Add(at).Round(0) // without the monotonic clock, which is local
	g.plan.closed.Store(int64(at + g.cfg.Window))
	g.plan.opened.Store(int64(at))
	g.wake() // the traffic may depend on it: schedules and storms
}

// measure waits until the window closes, and samples the number of requests in flight from
// the published counts, in the middle of each slice.
func (g *generator) measure(ctx context.Context) error {
	opened, closed := g.plan.window()
	losses := usage.NewLossMeter()
	if err := g.sleep(ctx, opened-usageLead); err != nil {
		return err
	}
	lost := losses.Read()
	used, from := ProcessorTime(), g.plan.now()
	defer func() {
		g.replica.CPU = ProcessorTime() - used
		g.replica.CPUWall = g.plan.now() - from
		g.replica.Throttled, g.replica.Steal = losses.Read().Since(lost)
	}()
	if err := g.sleep(ctx, opened); err != nil {
		return err
	}
	g.live.phase.Store(int32(Measuring))
	g.replica.Connected = g.sum(open) + g.sum(missing)
	asleep := g.asleep()
	defer func() { g.replica.Suspended = max(0, g.asleep()-asleep) }()
	width := sliceWidth(g.cfg.Window)
	for at := opened + min(width, g.cfg.Window)/2; at < closed; at += width {
		if err := g.sleep(ctx, at); err != nil {
			return err
		}
		if g.plan.now() >= closed { // delayed: a sample after the window is useless
			break
		}
		sample := float64(g.sum(inFlight))
		g.replica.Samples++
		g.replica.Outstanding += (sample - g.replica.Outstanding) / float64(g.replica.Samples) // the mean so far
	}
	if err := g.sleep(ctx, closed); err != nil {
		return err
	}
	g.replica.Kept = g.sum(open) + g.sum(missing)
	return nil
}

// drain waits for the requests in flight, within limits.
func (g *generator) drain(ctx context.Context) error {
	g.wake()
	from := g.plan.now()
	done := func() bool {
		return g.ended() && g.sum(inFlight) == 0 && g.sum(waiting) == 0 && g.sum(missing) == 0
	}
	return g.await(ctx, done, func() bool { return g.drainOver(g.plan.now() - from) })
}

// ended reports whether all loops have noticed the window's end and published its counts.
func (g *generator) ended() bool {
	for _, v := range g.visible {
		if !v.ended.Load() {
			return false
		}
	}
	return true
}

// drainOver reports whether the drain has reached its limit. The mean latency is known only
// after all loops have noticed the window's end, which may take long if there are very many
// processes.
func (g *generator) drainOver(elapsed time.Duration) bool {
	limit := g.cfg.Timeout
	switch {
	case g.kind.scheduled: // waits longer, because a latency cut short is only a lower bound
		if g.cfg.Drain > 0 {
			limit = min(limit, g.cfg.Drain)
		}
	case g.ended():
		var mean time.Duration
		if n := g.sum(operations); n > 0 {
			mean = time.Duration(g.sum(recorded) / n)
		}
		limit = drainLimit(mean, limit)
	}
	return elapsed > limit
}

// cut ends the window now if it is open, and cancels it if it has not opened.
func (g *generator) cut() {
	now := g.plan.now()
	opened, closed := g.plan.window()
	if now >= closed {
		return
	}
	g.plan.closed.Store(int64(now))
	g.replica.Window = max(0, now-opened)
}

// collect adds up the counts of the loops, which have ended.
func (g *generator) collect() error {
	r := &g.replica
	if g.kind.integrated {
		r.Outstanding = 0
	}
	for _, l := range g.loops {
		if err := l.traffic.addTo(r); err != nil {
			return err
		}
		if err := l.tally.addTo(r, r.Opened); err != nil {
			return err
		}
		l.watch.addTo(r, r.Opened+g.signal)
	}
	// A window that was cut has fewer slices.
	for n := len(r.Slices); n > slicesOf(r.Window, r.SliceWidth()) && r.Slices[n-1] == 0; n-- {
		r.Slices = r.Slices[:n-1]
	}
	r.DueSlices = r.DueSlices[:min(len(r.DueSlices), len(r.Slices))]
	if err := r.CutIntervals(); err != nil {
		return err
	}
	r.Skew = r.Window
	if r.Operations > 0 {
		r.Skew = max(r.First-r.Opened, r.Opened+r.Window-r.Last)
	}
	return nil
}

// explain adds the phase to an interruption, and counts of all loops to a ConnectError.
func (g *generator) explain(err error, parent context.Context, phase Phase) error {
	if err == nil {
		return nil
	}
	if parent.Err() != nil {
		return fmt.Errorf("interrupted (%v): %w", phase, parent.Err())
	}
	var failed *ConnectError
	if errors.As(err, &failed) {
		failed.Connected, failed.Asked = g.sum(settled), g.cfg.Conns
	}
	return err
}

// The counts that are summed over the loops.
func open(v *published) int       { return int(v.open.Load()) }
func settled(v *published) int    { return int(v.settled.Load()) }
func unanswered(v *published) int { return int(v.unanswered.Load()) }
func replies(v *published) int    { return int(v.replies.Load()) }
func missing(v *published) int    { return int(v.missing.Load()) }
func inFlight(v *published) int   { return int(v.inFlight.Load()) }
func waiting(v *published) int    { return int(v.waiting.Load()) }
func operations(v *published) int { return int(v.operations.Load()) }
func recorded(v *published) int   { return int(v.recorded.Load()) }

func (g *generator) sum(of func(*published) int) int {
	n := 0
	for _, v := range g.visible {
		n += of(v)
	}
	return n
}

// setStage sets the stage of the loops.
func (g *generator) setStage(s stage) {
	g.plan.stage.Store(int32(s))
	g.wake()
}

// wake makes the loops read the plan. One that cannot be woken does so at its next patrol.
func (g *generator) wake() {
	for _, l := range g.loops {
		_ = l.poller.Wake()
	}
}

// close releases the pollers.
func (g *generator) close() {
	for _, l := range g.loops {
		l.poller.Close()
	}
}

// await returns when done is true, or enough, which is called every awaitEvery, or with the
// cause when ctx is done.
func (g *generator) await(ctx context.Context, done, enough func() bool) error {
	ticker := time.NewTicker(awaitEvery)
	defer ticker.Stop()
	for !done() {
		select {
		case <-g.plan.changed:
		case <-ticker.C:
			if enough != nil && enough() {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// sleep waits for a time since plan.base.
func (g *generator) sleep(ctx context.Context, until time.Duration) error {
	return wait.For(ctx, until-g.plan.now())
}
