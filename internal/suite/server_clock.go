//go:build linux

package suite

import (
	"time"

	"c1m/internal/scrape"
)

// serverClock converts the uptime of a server to the time of this process. A sample was
// taken between its request and its answer, so the one that was answered fastest says
// best when that was (F. Cristian, Probabilistic clock synchronization, 1989).
type serverClock struct {
	started time.Time     // when the uptime was 0
	within  time.Duration // the largest error
}

// clockOf returns the clock of samples, of which those that are nil are ignored.
func clockOf(samples ...*scrape.Sample) serverClock {
	best := serverClock{within: -1}
	for _, s := range samples {
		if s == nil {
			continue
		}
		half := s.To.Sub(s.From) / 2
		if best.within < 0 || half < best.within {
			best = serverClock{s.From.Add(half - s.Uptime), half}
		}
	}
	return best
}

// at returns when a sample was taken.
func (c serverClock) at(s scrape.Sample) time.Time { return c.started.Add(s.Uptime) }

// agrees reports whether a sample was taken between its request and its answer, give or
// take a time by which clocks may have drifted apart. One of a restarted server was not.
func (c serverClock) agrees(s scrape.Sample, slack time.Duration) bool {
	slack += c.within
	at := c.at(s)
	return !at.Before(s.From.Add(-slack)) && !at.After(s.To.Add(slack))
}
