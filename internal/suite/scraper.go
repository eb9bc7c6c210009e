//go:build linux

package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/scrape"
	"c1m/internal/wait"
)

// scraper samples a server on another machine through its own live metrics. In place of
// its processes, which it cannot see, it reads four samples: before the first connection,
// at both ends of the window, and after the load.
type scraper struct {
	*meter // of no process: what a scraper lacks is not sampled

	ctx      context.Context // of the samples
	cancel   context.CancelFunc
	target   metrics
	cell     result.Cell
	unloaded unloaded
	memory   *int64 // that the server needs without connections; nil if unknown

	window      time.Duration
	sampling    sync.WaitGroup // of the window
	first, last *scrape.Sample // of the trial
	start, end  *scrape.Sample // of the window
	trouble     error          // the first one
}

// metrics are the live metrics of a server.
type metrics interface {
	Read(context.Context) (scrape.Sample, error)
	ReadSettled(context.Context) (scrape.Sample, error)
	Close()
}

func newScraper(ctx context.Context, cell result.Cell, target metrics, u unloaded) *scraper {
	ctx, cancel := context.WithCancel(ctx)
	return &scraper{meter: newMeter(0), ctx: ctx, cancel: cancel, target: target, cell: cell, unloaded: u}
}

// sample reads a sample; nil if there is none.
func (s *scraper) sample(ctx context.Context, when string, read func(context.Context) (scrape.Sample, error)) *scrape.Sample {
	got, err := read(ctx)
	if err != nil {
		s.trouble = cmp.Or(s.trouble, fmt.Errorf("no metrics %s: %w", when, err))
		return nil
	}
	return &got
}

// answers is how many samples a new server is asked for before the one that counts: the
// first ones take memory that it keeps for later ones, about 1 MB, which is no part of
// what connections need.
const answers = 5

func (s *scraper) before() {
	read := func() *scrape.Sample { return s.sample(s.ctx, "before the load", s.target.ReadSettled) }
	s.first = read()
	for i := 0; i < answers && s.first != nil && s.first.Unused(s.cell.Conns); i++ {
		s.first = read()
	}
	if s.first != nil {
		s.memory = s.unloaded.memory(s.cell.Metrics, *s.first, s.cell.Conns)
	}
}

func (s *scraper) rehearse(window time.Duration) (lead time.Duration) {
	s.window = window
	return 0
}

// lead is how long before the end of a window its last sample is requested, if the first
// one took a time. A busy server takes a sample some time after the request, as long as
// its connections wait as well, and not always as long as the first time. One that is
// taken early is of the window too.
func lead(window, took time.Duration) time.Duration {
	return min(max(2*took, lateness(window)), window/4)
}

// opened begins to sample the window, and does not wait for it.
func (s *scraper) opened() {
	closes := s.opens.Add(s.window)
	s.sampling.Go(func() {
		ctx, cancel := context.WithDeadlineCause(s.ctx, closes, errors.New("no answer before it closed"))
		defer cancel()
		if s.start = s.sample(ctx, "in the window", s.target.Read); s.start == nil {
			return
		}
		if wait.Until(s.ctx, closes.Add(-lead(s.window, s.start.To.Sub(s.start.From)))) == nil {
			s.end = s.sample(s.ctx, "at the end of the window", s.target.Read)
		}
	})
}

func (s *scraper) after() {
	s.sampling.Wait()
	s.last = s.sample(s.ctx, "after the load", s.target.ReadSettled)
}

func (s *scraper) stop() {
	s.cancel()
	s.sampling.Wait()
	s.target.Close()
}

// acceptedShare is the least share of the load's connections that a server must have
// accepted: otherwise the metrics are of another server.
const acceptedShare = 0.5

func (s *scraper) result(*result.Counts) (*result.Server, error) {
	if s.first == nil || s.last == nil {
		return nil, s.trouble
	}
	if accepted := s.last.Accepted - s.first.Accepted; float64(accepted) < acceptedShare*float64(s.cell.Conns) {
		return nil, fmt.Errorf("the metrics are of another server: it accepted %d of %s", max(0, accepted), format.Plural(s.cell.Conns, "connection"))
	}
	used := &result.Server{Processes: s.last.Processes}
	if s.memory != nil {
		used.User = new(s.last.Memory - *s.memory)
	}
	if s.first.Kernel != nil && s.last.Kernel != nil {
		used.Kernel = new(*s.last.Kernel - *s.first.Kernel)
	}
	if s.start == nil || s.end == nil {
		return used, s.trouble
	}
	if why := s.untimely(); why != nil {
		return used, cmp.Or(s.trouble, why)
	}
	used.CPU, used.Wall = s.end.CPU-s.start.CPU, s.end.Uptime-s.start.Uptime
	if s.start.Switches != nil && s.end.Switches != nil {
		used.Switches = new(*s.end.Switches - *s.start.Switches)
	}
	return used, s.trouble
}

// coveredShare is the least share of the window between its two samples, as for a server
// in a container.
const coveredShare = 0.5

// untimely returns why the samples of the window say nothing about it; nil if they do.
func (s *scraper) untimely() error {
	clock := clockOf(s.first, s.start, s.end, s.last)
	late := lateness(s.window)
	for _, sample := range []*scrape.Sample{s.start, s.end} {
		if !clock.agrees(*sample, late) {
			return errors.New("the server restarted, or its clock and that of bench disagree")
		}
	}
	from, to := clock.at(*s.start), clock.at(*s.end)
	switch {
	case clock.within > late:
		return fmt.Errorf("the server's clock is known to ±%s only: every answer took twice that", format.Duration(clock.within))
	case to.After(s.closes.Add(late)): // from is after the window opened, as its request was
		return fmt.Errorf("the last sample is of %s after the window", format.Duration(to.Sub(s.closes)))
	case float64(to.Sub(from)) < coveredShare*float64(s.window):
		return fmt.Errorf("the samples cover %s of the window of %s", format.Duration(to.Sub(from)), format.Duration(s.window))
	case s.end.CPU < s.start.CPU:
		return errors.New("the server's processor time fell")
	}
	return nil
}
