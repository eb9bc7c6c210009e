package check

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// shares are those of so many connections with so many operations each.
func shares(parts ...[2]int) *hist.Shares {
	s := new(hist.Shares)
	for _, p := range parts {
		for range p[0] {
			s.Add(uint32(p[1]))
		}
	}
	return s
}

func TestFair(t *testing.T) {
	for _, test := range []struct {
		name    string
		shares  *hist.Shares
		lost    int
		verdict result.Verdict
		value   string
	}{
		{"equal", shares([2]int{100, 700}), 0, result.OK, "least 700, quartiles 700 700 700, most 700, mean 700"},
		{"half starved", shares([2]int{50, 1}, [2]int{50, 1400}), 0, result.Warning, "50 of 100 connections starved: least 1, quartiles 1 1 1400, most 1400"},
		{"one starved", shares([2]int{1, 3}, [2]int{999, 100}), 0, result.Warning, "1 of 1000 connections starved"},
		{"uneven loops", shares([2]int{90, 100}, [2]int{10, 900}), 0, result.OK, "least 100"},
		{"a twentieth", shares([2]int{1, 49}, [2]int{999, 1000}), 0, result.OK, "least 49"},
		{"less than that", shares([2]int{1, 48}, [2]int{999, 1000}), 0, result.Warning, "1 of 1000"},
		{"lost", shares([2]int{3, 1}, [2]int{97, 1000}), 3, result.OK, "least 1"},
		{"lost and starved", shares([2]int{5, 1}, [2]int{95, 1000}), 3, result.Warning, "2 of 100"},
		{"too few to tell", shares([2]int{10, 1}, [2]int{90, 20}), 0, result.OK, "18.1 per connection, too few"},
		{"not counted", nil, 0, result.OK, "not counted"},
	} {
		c := fair(result.Replica{Shares: test.shares, Workload: workload.Workload{Conns: 100}, Kept: 100 - test.lost})
		if c.Verdict != test.verdict || !strings.Contains(c.Value, test.value) || (c.Fix != "") != (test.verdict != result.OK) {
			t.Errorf("%s: %+v, want %s, …%s…", test.name, c, test.verdict, test.value)
		}
	}
}

// Counts that scatter by chance give no warning, from the least mean that is
// judged on: in a million connections less than once in a hundred trials.
func TestFairOfChance(t *testing.T) {
	if p := 1e6 * math.Exp(-FairFrom); p > 0.01 {
		t.Errorf("of a million connections at a mean of %v, %v have nothing", FairFrom, p)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, mean := range []float64{20, 25, 40, 100} {
		s := new(hist.Shares)
		for range 100_000 {
			n, sum := uint32(0), random.ExpFloat64() // Poisson: arrivals at exponential distances
			for ; sum < mean; n++ {
				sum += random.ExpFloat64()
			}
			s.Add(n)
		}
		if c := fair(result.Replica{Shares: s}); c.Verdict != result.OK {
			t.Errorf("mean %v: %+v", mean, c)
		}
		if want := mean / (mean + 1); math.Abs(s.Jain()-want) > 0.001 {
			t.Errorf("mean %v: Jain %v, want %v", mean, s.Jain(), want)
		}
	}
}
