package check

import (
	"fmt"
	"math"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	// starvedShare is the share of the mean below which a connection is
	// starved. Of 160 trials of our own modes, most of 300 ms with 16 and 53
	// loops on 2 processors that others used as well, the connection with the
	// fewest round trips had a tenth of the mean in the worst and above a
	// quarter in nine of ten.
	starvedShare = 0.05

	// fairFrom is the mean from which a share of it says something: there, the
	// limit is one operation. Counts that scatter by chance as Poisson's do
	// are 0 once in 5·10⁸ with a mean of 20.
	fairFrom = 1 / starvedShare
)

// fair: no connection had next to nothing while the others were served.
// Throughput and percentiles are then those of the others. It warns and never
// fails, because they are right as far as they go.
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
		c.Value = "operations of each connection not counted"
		return c
	case mean < fairFrom:
		c.Value = fmt.Sprintf("%s for each connection, too few to tell starving from chance", format.Unscaled(mean))
		c.Limit = "of fewer than 20 each, one, which active asks for"
		return c
	}
	// Those that were lost are told by others.
	starved := s.Below(math.Floor(starvedShare*mean)) - int64(max(0, load.Asked-load.Kept))
	c.Value = fmt.Sprintf("least %d, quartiles %d %d %d, most %d, mean %s",
		s.Quantile(0), s.Quantile(0.25), s.Quantile(0.5), s.Quantile(0.75), s.Quantile(1), format.Unscaled(mean))
	if starved > 0 {
		c.Verdict = result.Warning
		c.Value = fmt.Sprintf("%d of %d connections starved: %s", starved, s.Parts(), c.Value)
		c.Cure = "a server that serves its connections in turn; throughput and latency are those of the others"
	}
	return c
}
