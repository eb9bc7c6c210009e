package search

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/check"
	"c1m/internal/format"
	"c1m/internal/result"
)

// Objective limits a percentile of the latency, measured from when each request
// was due.
type Objective struct {
	Percentile float64 // 50, 90, 99 or 99.9
	Limit      time.Duration
}

// percentiles are the supported ones: those that tables show.
var percentiles = map[string]float64{"p50": 50, "p90": 90, "p99": 99, "p99.9": 99.9}

// ParseObjective parses an objective such as p99=5ms.
func ParseObjective(s string) (Objective, error) {
	name, value, _ := strings.Cut(s, "=")
	p, known := percentiles[strings.TrimSpace(name)]
	limit, err := time.ParseDuration(strings.TrimSpace(value))
	if !known || err != nil || limit <= 0 {
		return Objective{}, fmt.Errorf("want p50, p90, p99 or p99.9 and its limit, such as p99=5ms")
	}
	return Objective{p, limit}, nil
}

// Name returns the percentile, such as p99.
func (o Objective) Name() string {
	return "p" + strconv.FormatFloat(o.Percentile, 'f', -1, 64)
}

// leastRate returns the lowest useful rate, in requests per second: at it, one
// request of a window lies above the percentile.
func (o Objective) leastRate(window time.Duration) float64 {
	const rounding = 1e-9 // 100 − 99.9 is not 0.1
	beyond := 1 - o.Percentile/100
	return math.Ceil(1/(beyond*window.Seconds()) - rounding)
}

// Miss returns why a complete trial missed the objective: the failed checks, and
// the percentile if it exceeds the limit. It is empty if the trial passed.
func (o Objective) Miss(trial result.Trial) string {
	var why []string
	for _, c := range trial.Checks {
		if check.Worst([]result.Check{c}) == result.Failed && c.Follows == "" {
			why = append(why, failing(c.Name))
		}
	}
	latency := trial.Load.Latency
	seen := time.Duration(latency.Quantile(o.Percentile / 100))
	switch {
	case latency.Count() == 0:
		why = append(why, "no replies")
	case seen > o.Limit:
		why = append(why, o.Name()+" "+format.Round(seen, 3).String())
	}
	return strings.Join(why, ", ")
}

// failing describes a failed check without context.
func failing(check string) string {
	if check == "sustained" {
		return "not sustained"
	}
	return check
}
