package check

import (
	"fmt"
	"math"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	// starvedShare is the share of the mean below which a connection is
	// starved. In 160 trials of our own modes, most of 300 ms with 16 and 53
	// loops on 2 processors shared with other programs, the connection with the
	// fewest round trips had a tenth of the mean in the worst trial and more
	// than a quarter in nine of ten.
	starvedShare = 0.05

	// FairFrom is the lowest mean that can be judged, in operations of a
	// connection: there the limit is one. A Poisson count with a mean of 20 is 0
	// once in 5·10⁸.
	FairFrom = 1 / starvedShare
)

// fair: no connection starves while the others are served. If one does,
// throughput and percentiles describe only the others. It warns and never
// fails, because those numbers are correct.
func fair(load result.Replica) result.Check {
	s := load.Shares
	mean := s.Mean()
	c := result.Check{
		Name:    "fair",
		Verdict: result.OK,
		Limit:   "every connection at least a twentieth of the mean",
	}
	switch {
	case s.Parts() == 0:
		c.Value = "operations per connection not counted"
		return c
	case mean < FairFrom:
		c.Value = fmt.Sprintf("%s per connection, too few to tell starvation from chance", format.Unscaled(mean))
		c.Limit = "judged from 20 per connection; active requires one"
		return c
	}
	// Other checks report the lost ones.
	starved := s.Below(math.Floor(starvedShare*mean)) - int64(max(0, load.Asked()-load.Kept))
	c.Value = fmt.Sprintf("least %d, quartiles %d %d %d, most %d, mean %s",
		s.Quantile(0), s.Quantile(0.25), s.Quantile(0.5), s.Quantile(0.75), s.Quantile(1), format.Unscaled(mean))
	if starved > 0 {
		c.Verdict = result.Warning
		c.Value = fmt.Sprintf("%d of %d connections starved: %s", starved, s.Parts(), c.Value)
		c.Fix = "change the server to serve its connections in turn; throughput and latency describe only the others"
	}
	return c
}
