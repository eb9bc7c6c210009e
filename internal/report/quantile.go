package report

import (
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/hist"
	"c1m/internal/metric"
)

// Quantiles are the usual percentiles of a histogram in a line, marked where
// they are lower bounds or rest on fewer than ten: of the durations recorded at
// an age it needs how many there are and the least of the ages.
func Quantiles(h *hist.Histogram, ages int64, from time.Duration, write func(time.Duration) string) string {
	if h.Count() == 0 {
		return format.Absent
	}
	durations := metric.Durations{Histogram: h, Aged: ages, From: from}
	var parts []string
	for _, p := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}} {
		r := durations.At(p.share)
		parts = append(parts, p.name+" "+metric.Marks(r.AtLeast, r.Few)+write(time.Duration(r.Value)))
	}
	parts = append(parts, "max "+metric.Marks(ages > 0, false)+write(time.Duration(h.Max())))
	if text := strings.Join(parts, "  "); format.Length(text) <= lineOf {
		return text
	}
	return strings.Join(parts, " ")
}

// lineOf is how many columns Quantiles takes where it need not take more: they
// stand behind a name.
const lineOf = format.Width - 15

// BoundReading is how to read the mark of a lower bound.
const BoundReading = metric.LowerBound + ": at least that: a request that was not answered in time counts at its age, and one that took longer than 60 s as that."

// FewReading is how to read the mark of a percentile that rests on too few, and
// how many latencies there are where they are too few; 0 if it is not they.
func FewReading(fewest int64) string {
	text := metric.FewAbove + ": in some round fewer than ten durations lie above it; a p99 needs 1,000, a p99.9 10,000"
	if fewest > 0 {
		text += " (seen: " + format.Grouped(fewest) + ")"
	}
	return text + "."
}
