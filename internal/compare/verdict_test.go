package compare

import (
	"testing"

	"c1m/internal/metric"
	"c1m/internal/stat"
)

// A verdict follows from an interval and a margin, of 5% for throughput and 20%
// for p99.
func TestVerdictOfAnInterval(t *testing.T) {
	ops, _ := unitOf("ops/s")
	p99, _ := unitOf("p99")
	for _, c := range []struct {
		low, estimate, high float64
		of                  metric.Metric
		least               least
		want                Verdict
	}{
		{0.90, 0.94, 0.98, ops, least{}, Worse},
		{0.91, 0.95, 0.99, ops, least{}, Worse},       // the margin itself
		{0.92, 0.951, 0.99, ops, least{}, CannotTell}, // slower, but not by the margin
		{0.80, 0.90, 1.01, ops, least{}, CannotTell},
		{0.80, 0.90, 1.00, ops, least{}, CannotTell}, // 1 is in it
		{0.96, 0.97, 0.98, ops, least{}, Unchanged},
		{0.951, 1.00, 1.049, ops, least{}, Unchanged},
		{0.95, 1.00, 1.04, ops, least{}, CannotTell}, // the margin is in it
		{0.96, 1.00, 1.06, ops, least{}, NotWorse},
		{1.01, 1.04, 1.07, ops, least{}, NotWorse}, // faster, but not by the margin
		{1.01, 1.05, 1.09, ops, least{}, Better},
		{0.90, 1.00, 1.10, ops, least{}, CannotTell},

		{1.05, 1.20, 1.40, p99, least{}, Worse},
		{0.90, 1.00, 1.10, p99, least{}, Unchanged},
		{0.70, 0.80, 0.90, p99, least{}, Better},
		{0.70, 0.90, 1.10, p99, least{}, NotWorse},
		{0.99, 1.10, 1.21, p99, least{}, CannotTell},

		// What is at least so large on the new side may be larger, and the ratio
		// with it.
		{1.05, 1.20, 1.40, p99, least{new: true}, Worse},
		{0.90, 1.00, 1.10, p99, least{new: true}, CannotTell},
		{0.70, 0.80, 0.90, p99, least{new: true}, CannotTell},
		// On the old side it may be smaller.
		{1.05, 1.20, 1.40, p99, least{old: true}, CannotTell},
		{0.90, 1.00, 1.10, p99, least{old: true}, NotWorse},
		{0.70, 0.80, 0.90, p99, least{old: true}, Better},
		{0.70, 0.80, 0.90, p99, least{old: true, new: true}, CannotTell},
	} {
		r := stat.Ratio{N: 10, Estimate: c.estimate, Low: c.low, High: c.high, Interval: true}
		if got := verdictOf(r, c.of, c.least); got != c.want {
			t.Errorf("%s: %v–%v around %v, %+v: %s, want %s", c.of.Gate.Name, c.low, c.high, c.estimate, c.least, got, c.want)
		}
		r.Interval = false
		if got := verdictOf(r, c.of, c.least); got != CannotTell {
			t.Errorf("without an interval: %s", got)
		}
	}
}

// As many blocks as are said to be needed make a verdict, if they are like those
// there are.
func TestNeeded(t *testing.T) {
	ops, _ := unitOf("ops/s")
	for _, factor := range []float64{1, 0.97, 0.9, 0.8, 1.02} {
		few := spread(8, factor, 0.3)
		r := stat.PairedRatios([]stat.Pairs{few}, Alpha)[0]
		n := neededFor(r, ops)
		if n == nil || *n <= 8 || verdictOf(r, ops, least{}) != CannotTell {
			t.Fatalf("%v: %s with 8 blocks, needed %v", factor, verdictOf(r, ops, least{}), n)
		}
		for blocks, told := range map[int]bool{*n * 6 / 5: true, *n * 4 / 5: false} {
			r := stat.PairedRatios([]stat.Pairs{spread(blocks, factor, 0.3)}, Alpha)[0]
			if got := verdictOf(r, ops, least{}); (got != CannotTell) != told {
				t.Errorf("%v: %s with %d blocks, of %d needed", factor, got, blocks, *n)
			}
		}
	}
	if n := neededFor(stat.PairedRatios([]stat.Pairs{spread(8, 0.9501, 0.3)}, Alpha)[0], ops); n != nil {
		t.Errorf("a change as large as the margin: %d blocks", *n)
	}
}

// spread is pairs whose ratios lie on either side of a factor in turn.
func spread(n int, factor, by float64) stat.Pairs {
	var p stat.Pairs
	for i := range n {
		b := factor * (1 + by)
		if i%2 == 1 {
			b = factor / (1 + by)
		}
		p.A, p.B = append(p.A, 1), append(p.B, b)
	}
	return p
}
