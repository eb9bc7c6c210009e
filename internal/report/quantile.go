package report

import (
	"slices"
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/hist"
)

// percentile is one that a sample has, by its name in JSON.
type percentile struct {
	name  string
	share float64
	to    **float64
}

// unknown are durations of a histogram that are recorded at an age: how many,
// and the least age; an older version did not say that.
type unknown struct {
	n    int64
	from time.Duration
}

// take takes percentiles from a histogram, and notes which of them are lower
// bounds or rest on too few.
func (s *Sample) take(h *hist.Histogram, ages unknown, list ...percentile) {
	if h.Count() == 0 {
		return
	}
	for _, p := range list {
		*p.to = finite(float64(h.Quantile(p.share)))
		if h.AtLeast(p.share, ages.n, int64(ages.from)) {
			s.LowerBounds = append(s.LowerBounds, p.name)
		}
		if h.FewAbove(p.share) {
			s.FewAbove = append(s.FewAbove, p.name)
		}
	}
}

// The marks of a percentile: it is a lower bound; it rests on too few.
const (
	lowerBound = "≥"
	fewMark    = "~"
)

// Marks stand before a percentile where people read.
func Marks(atLeast, few bool) string { return Value{AtLeast: atLeast, Few: few}.marks() }

func (v Value) marks() string {
	text := ""
	if v.AtLeast {
		text += lowerBound
	}
	if v.Few {
		text += fewMark
	}
	return text
}

// Quantiles are the usual percentiles of a histogram in a line, marked where
// they are lower bounds or rest on fewer than ten: of the durations recorded at
// an age it needs how many there are and the least of the ages.
func Quantiles(h *hist.Histogram, ages int64, from time.Duration, write func(time.Duration) string) string {
	if h.Count() == 0 {
		return format.Absent
	}
	var s Sample
	var of [4]*float64
	names := []string{"p50", "p90", "p99", "p99.9"}
	for i, share := range []float64{0.5, 0.9, 0.99, 0.999} {
		s.take(h, unknown{ages, from}, percentile{names[i], share, &of[i]})
	}
	var parts []string
	for i, name := range names {
		v := Value{AtLeast: slices.Contains(s.LowerBounds, name), Few: slices.Contains(s.FewAbove, name)}
		parts = append(parts, name+" "+v.marks()+write(time.Duration(*of[i])))
	}
	parts = append(parts, "max "+Value{AtLeast: ages > 0}.marks()+write(time.Duration(h.Max())))
	if text := strings.Join(parts, "  "); format.Length(text) <= lineOf {
		return text
	}
	return strings.Join(parts, " ")
}

// lineOf is how many columns Quantiles takes where it need not take more: they
// stand behind a name.
const lineOf = format.Width - 15

// BoundReading is how to read the mark of a lower bound.
const BoundReading = lowerBound + ": at least that: a request that was not answered in time counts at its age, and one that took longer than 60 s as that."

// FewReading is how to read the mark of a percentile that rests on too few, and
// how many latencies there are where they are too few; 0 if it is not they.
func FewReading(fewest int64) string {
	text := fewMark + ": in some round fewer than ten durations lie above it; a p99 needs 1,000, a p99.9 10,000"
	if fewest > 0 {
		text += " (seen: " + format.Grouped(int(fewest)) + ")"
	}
	return text + "."
}
