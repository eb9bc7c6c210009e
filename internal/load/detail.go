package load

import (
	"sync/atomic"
	"time"

	"c1m/internal/hist"
)

// Detail is the state of a run that the loops keep to themselves until they are asked.
// Counts are cumulative.
type Detail struct {
	Latency *hist.Histogram  // of the window's operations so far
	Errors  map[string]int64 // by cause, all causes
	Delayed time.Duration    // the longest time by which a loop ran late, in the window
	Aged    int64            // of Latency: requests without a reply, with their age

	Loops  int // whose details were asked for
	Silent int // of them: did not answer in time

	Schedule *Schedule // nil without one
}

// Schedule is how far an open loop is: its requests in the warm-up and the window.
type Schedule struct {
	Due, Sent int64
	Lateness  *hist.Histogram // of the window: when a loop noticed that a request was due, after it was
}

// detail is the state of one loop. It does not change after it was stored.
type detail struct {
	latency *hist.Histogram
	errors  [causes]int64
	delayed time.Duration
	aged    int64

	scheduled bool
	due, sent int64
	lateness  *hist.Histogram
}

// ask is a request for the loops' details. Each loop answers it once, after a wake-up.
type ask struct {
	left atomic.Int32  // loops that have not answered
	done chan struct{} // closed when all have
}

// detailLimit is how long the loops may take to answer. Under load they wake up every 50 ms
// or more often; one that waits for its start signal may take a second.
const detailLimit = 250 * time.Millisecond

// Detail asks the loops for their details, and waits until they answer. Those that do not
// within a quarter of a second are silent; they, and those that no longer run, are included
// as of their last answer. Each call costs a loop a copy of its histograms, 1 to 2 ms on a
// busy machine (BenchmarkTell).
func (l *Live) Detail() Detail {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := Detail{Latency: hist.New(), Errors: make(map[string]int64, causes)}
	for _, name := range causeNames {
		d.Errors[name] = 0
	}
	r := l.run.Load()
	if r == nil {
		return d
	}
	if Phase(l.phase.Load()) != Done {
		a := &ask{done: make(chan struct{})}
		a.left.Store(int32(len(r.loops)))
		r.plan.asked.Store(a)
		timer := time.NewTimer(detailLimit)
		defer timer.Stop()
		select {
		case <-a.done:
		case <-timer.C:
		}
		d.Silent = int(a.left.Load())
	}
	d.Loops = len(r.loops)
	for _, p := range r.loops {
		if one := p.detail.Load(); one != nil {
			one.addTo(&d)
		}
	}
	return d
}

// addTo adds a loop's detail. All histograms have the same buckets.
func (one *detail) addTo(d *Detail) {
	_ = d.Latency.Merge(one.latency)
	for cause, n := range one.errors {
		d.Errors[causeNames[cause]] += n
	}
	d.Delayed = max(d.Delayed, one.delayed)
	d.Aged += one.aged
	if !one.scheduled {
		return
	}
	if d.Schedule == nil {
		d.Schedule = &Schedule{Lateness: hist.New()}
	}
	d.Schedule.Due += one.due
	d.Schedule.Sent += one.sent
	_ = d.Schedule.Lateness.Merge(one.lateness)
}

// tell answers a. The loop goes on to write its own histograms, so it gives copies away.
func (l *loop) tell(a *ask) {
	l.told = a
	d := &detail{latency: l.tally.latency.Clone(), errors: l.tally.errors, delayed: l.watch.delayed.For}
	l.traffic.tell(d)
	l.visible.detail.Store(d)
	if a.left.Add(-1) == 0 {
		close(a.done)
	}
}

// conclusion stores the last detail of a loop whose details somebody asked for: those who
// ask later get no answer.
func (l *loop) conclusion() {
	if l.told != nil {
		l.tell(&ask{}) // nobody waits
	}
}
