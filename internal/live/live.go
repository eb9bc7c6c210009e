// Package live prints the progress line of a server or a client every few seconds. It
// reads counts kept elsewhere and adds nothing to a hot path. Its rates are not part of
// any result.
package live

import (
	"context"
	"io"
	"time"

	"github.com/rcrowley/go-metrics"
)

// Reading is the state at one moment. Counts are cumulative.
type Reading struct {
	Open     int64         // connections open now
	Messages int64         // a server's messages handled or notifications sent, a client's replies or notifications received
	Latency  time.Duration // a client's, summed over Messages; 0 for a server
	Queued   int64         // connections waiting for a worker now
	Errors   int64
}

// Display prints a line per interval.
type Display struct {
	w        io.Writer
	interval time.Duration
	what     string
	read     func() Reading
	state    *state
}

// New returns a display that prints the result of read to w every interval, which must
// be above 0. what is the name of its Messages, in the plural.
func New(w io.Writer, interval time.Duration, what string, read func() Reading) *Display {
	return &Display{w: w, interval: interval, what: what, read: read, state: newState()}
}

// Run prints until ctx is done. A line that cannot be written is dropped.
func (d *Display) Run(ctx context.Context) {
	ticker := time.NewTicker(d.interval)
	defer ticker.Stop()
	d.run(ctx, time.Now(), ticker.C)
}

// run prints a line per tick; the first interval began at start.
func (d *Display) run(ctx context.Context, start time.Time, ticks <-chan time.Time) {
	d.state.update(start, d.read())
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks:
			d.state.update(now, d.read())
			_, _ = io.WriteString(d.w, d.state.line(d.what)+"\n")
		}
	}
}

// state is the content of a line: gauges in a registry, set once per interval. The
// library's meters are unsuitable: they read the wall clock, keep a goroutine, and
// include the time before the first message in their mean.
type state struct {
	open, messages, queued, errors metrics.Gauge
	span                           metrics.Gauge // the interval that ended, ns
	latency                        metrics.Gauge // the mean over the interval, ns; 0 if there is none
	rate                           metrics.GaugeFloat64
	mean                           metrics.GaugeFloat64 // the rate since the first reading with messages; 0 before the second

	last    Reading
	lastAt  time.Time
	first   Reading // the first reading with messages
	firstAt time.Time
}

func newState() *state {
	r := metrics.NewRegistry()
	return &state{
		open:     metrics.NewRegisteredGauge("open", r),
		messages: metrics.NewRegisteredGauge("messages", r),
		queued:   metrics.NewRegisteredGauge("queued", r),
		errors:   metrics.NewRegisteredGauge("errors", r),
		span:     metrics.NewRegisteredGauge("interval.ns", r),
		latency:  metrics.NewRegisteredGauge("interval.latency.ns", r),
		rate:     metrics.NewRegisteredGaugeFloat64("interval.rate", r),
		mean:     metrics.NewRegisteredGaugeFloat64("mean.rate", r),
	}
}

// update sets the gauges from a reading taken at now.
func (s *state) update(now time.Time, r Reading) {
	s.open.Update(r.Open)
	s.messages.Update(r.Messages)
	s.queued.Update(r.Queued)
	s.errors.Update(r.Errors)

	span := now.Sub(s.lastAt)
	if s.lastAt.IsZero() {
		span = 0
	}
	s.span.Update(int64(span))
	s.rate.Update(perSecond(r.Messages-s.last.Messages, span))
	s.latency.Update(0)
	if n := r.Messages - s.last.Messages; n > 0 {
		s.latency.Update(int64(r.Latency-s.last.Latency) / n)
	}
	s.mean.Update(0)
	switch {
	case r.Messages == 0:
	case s.firstAt.IsZero():
		s.first, s.firstAt = r, now
	default:
		s.mean.Update(perSecond(r.Messages-s.first.Messages, now.Sub(s.firstAt)))
	}
	s.last, s.lastAt = r, now
}

// perSecond returns a rate; 0 if no time has passed.
func perSecond(n int64, span time.Duration) float64 {
	if span <= 0 {
		return 0
	}
	return float64(n) / span.Seconds()
}
