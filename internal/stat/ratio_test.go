package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// invent makes pairs whose log ratios are as given; what both have of a block
// is arbitrary.
func invent(logs ...float64) Pairs {
	var p Pairs
	for i, l := range logs {
		level := 1e5 * (1 + 0.3*float64(i%3))
		p.A, p.B = append(p.A, level), append(p.B, level*math.Exp(l))
	}
	return p
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// The quantiles are those of every table of Student's t, e.g. Fisher and Yates,
// Statistical Tables, table III.
func TestStudent(t *testing.T) {
	for _, c := range []struct{ level, df, want float64 }{
		{0.05, 1, 12.706}, {0.05, 5, 2.571}, {0.05, 9, 2.262}, {0.05, 30, 2.042},
		{0.01, 5, 4.032}, {0.01, 120, 2.617}, {0.001, 10, 4.587}, {0.05, 1e6, 1.960},
	} {
		near(t, "student", student(c.level, c.df), c.want, 0.0005)
	}
	if student(1, 5) != 0 || !math.IsInf(student(0, 5), 1) {
		t.Error("a level of 1 or 0 has a quantile in between")
	}
}

// The deviations are those of scipy 1.10.1, stats.ttest_ind(trim=0.1,
// equal_var=False) against zeros, and the quantiles those of stats.t, with one
// degree of freedom fewer where values are left out. The samples are the hours of
// sleep of Student's example (Biometrika 6, 1908) and the self-awareness data of
// Wilcox (Introduction to Robust Estimation and Hypothesis Testing, section
// 3.4.2), scaled to fit into an exponential.
func TestPairedRatios(t *testing.T) {
	wilcox := []float64{77, 87, 88, 114, 151, 210, 219, 246, 253, 262, 296, 299, 306, 376, 428, 515, 666, 1310, 2611}
	for i := range wilcox {
		wilcox[i] /= 1000
	}
	for _, c := range []struct {
		logs                []float64
		estimate, low, high float64
	}{
		{[]float64{1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 4.6, 1.4}, 1.4, 0.825776, 1.974224},
		{wilcox, 0.342706, 0.145254, 0.540158},
		{append([]float64{0.1, 0.2, 0.3, 0.05}, wilcox...), 0.269263, 0.168762, 0.369764},
		{[]float64{1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 1.4}, 1.244444, 0.737311, 1.751578}, // fewer than ten: none is left out
	} {
		r := PairedRatio(invent(c.logs...), 0.05)
		if r.N != len(c.logs) || !r.Interval {
			t.Fatalf("%+v", r)
		}
		near(t, "estimate", math.Log(r.Estimate), c.estimate, 2e-6)
		near(t, "low", math.Log(r.Low), c.low, 2e-6)
		near(t, "high", math.Log(r.High), c.high, 2e-6)
	}
}

// One pair that is far off hardly moves the interval of twenty.
func TestPairedRatiosResist(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	logs := make([]float64, 20)
	for i := range logs {
		logs[i] = 0.05 * random.NormFloat64()
	}
	without := PairedRatio(invent(logs...), 0.05)
	logs[7] = -3
	with := PairedRatio(invent(logs...), 0.05)
	if wider := math.Log(with.High/with.Low) / math.Log(without.High/without.Low); wider > 1.2 {
		t.Errorf("%+v, without it %+v: %.2f times as wide", with, without, wider)
	}
}

// Several ratios share alpha: each interval is that of a part of it.
func TestPairedRatiosShareAlpha(t *testing.T) {
	p := invent(0.3, -0.1, 0.2, 0.05, 0.4, -0.2, 0.1)
	four, one := PairedRatios([]Pairs{p, p, p, p}, 0.05), PairedRatios([]Pairs{p}, 0.0125)
	for _, r := range four {
		if r != one[0] {
			t.Errorf("%+v, want %+v", r, one[0])
		}
	}
}

func TestPairedRatiosLeavesOut(t *testing.T) {
	p := invent(0.1, 0.2, 0.1, 0.2, 0.1, 0.2)
	want := PairedRatio(p, 0.05)
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		p.A, p.B = append(p.A, bad, 1), append(p.B, 1, bad)
	}
	p.A = append(p.A, 5)
	if got := PairedRatio(p, 0.05); got != want || got.N != 6 {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := PairedRatio(Pairs{}, 0.05); got != (Ratio{}) {
		t.Errorf("of nothing: %+v", got)
	}
	if got := PairedRatio(invent(0.1, 0.1, 0.1, 0.1, 0.1), 0.05); got.Interval || math.Abs(got.Estimate-math.Exp(0.1)) > 1e-9 {
		t.Errorf("five pairs: %+v, want an estimate without an interval", got)
	}
}

// A ratio the other way round is the inverse, with the inverse interval.
func TestPairedRatiosInverse(t *testing.T) {
	p := invent(0.3, -0.1, 0.2, 0.05, 0.4, -0.2, 0.1)
	there, back := PairedRatio(p, 0.05), PairedRatio(Pairs{p.B, p.A}, 0.05)
	near(t, "estimate", back.Estimate, 1/there.Estimate, 1e-9)
	near(t, "low", back.Low, 1/there.High, 1e-9)
	near(t, "high", back.High, 1/there.Low, 1e-9)
}

// As many pairs as PairsFor says give about the width asked for.
func TestPairsFor(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	draw := func(n int) Pairs {
		logs := make([]float64, n)
		for i := range logs {
			logs[i] = 0.12 * random.NormFloat64()
		}
		return invent(logs...)
	}
	for _, half := range []float64{0.1, 0.03, 0.01} {
		n := PairsFor(PairedRatio(draw(400), 0.05), half)
		r := PairedRatio(draw(n), 0.05)
		if got := r.High/r.Estimate - 1; got < 0.7*half || got > 1.3*half {
			t.Errorf("±%v: %d pairs give ±%v", half, n, got)
		}
	}
	if PairsFor(DriftingRatio(draw(40), 0.05), 0.01) != 0 {
		t.Error("a number of pairs for runs that were not interleaved")
	}
	if PairsFor(Ratio{}, 0.1) != 0 || PairsFor(PairedRatio(draw(9), 0.05), 0) != 0 {
		t.Error("a number of pairs for what cannot be")
	}
}

// Two runs of one server on a machine whose level wanders slowly: the intervals
// of un-interleaved runs cover 1, and those that take neighbours for pairs do
// not, or the test would show nothing.
func TestDriftingRatio(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	const experiments, n = 2_000, 40
	covered, naive := 0, 0
	for range experiments {
		level, both := 0.0, [2][]float64{}
		for i := range 3 * n {
			level = 0.95*level + 0.03*random.NormFloat64()
			v := math.Exp(level + 0.08*random.NormFloat64())
			switch {
			case i < n:
				both[0] = append(both[0], v)
			case i >= 2*n:
				both[1] = append(both[1], v)
			}
		}
		p := Pairs{both[0], both[1]}
		if r := DriftingRatio(p, 0.05); r.Low <= 1 && 1 <= r.High {
			covered++
		}
		if r := PairedRatio(p, 0.05); r.Low <= 1 && 1 <= r.High {
			naive++
		}
	}
	if share := float64(covered) / experiments; share < 0.95 {
		t.Errorf("covers no difference in %.1f%%", 100*share)
	}
	if share := float64(naive) / experiments; share > 0.85 {
		t.Errorf("without drift they would cover it in %.1f%%", 100*share)
	}
}

func TestDriftingRatioOfUnequalLength(t *testing.T) {
	p := Pairs{A: []float64{100, 101, 99, 100, 102, 98, 100}, B: []float64{200, 201, 199, 200, 202, 198, 200, 200, 203, 197}}
	r := DriftingRatio(p, 0.05)
	if r.N != 7 || !r.Interval || !(r.Low < 2 && 2 < r.High) {
		t.Errorf("%+v, want 2 within", r)
	}
	p.B = p.B[:5]
	if r := DriftingRatio(p, 0.05); r.Interval || r.N != 5 {
		t.Errorf("%+v, want no interval of five", r)
	}
	p.B = nil
	if r := DriftingRatio(p, 0.05); r != (Ratio{}) {
		t.Errorf("of nothing: %+v", r)
	}
}

// All looks together spend alpha, and no more.
func TestLooksSpendAlpha(t *testing.T) {
	for _, c := range []struct{ first, most int }{{6, 150}, {10, 40}, {1, 7}, {30, 20}, {0, 0}, {6, 100_000}} {
		l := PlanLooks(c.first, c.most)
		spent, looks := 0.0, 0
		for n := range max(c.most, LeastPairs) + 1 {
			if l.Due(n) {
				spent += l.Alpha(n, 0.05)
				looks++
			}
		}
		near(t, "spent", spent, 0.05, 1e-12)
		if !l.Due(max(c.most, LeastPairs)) {
			t.Errorf("%+v: the last block is no look", c)
		}
		if looks > 50 {
			t.Errorf("%+v: %d looks", c, looks)
		}
		if l.Alpha(LeastPairs-1, 0.05) != 0 {
			t.Errorf("%+v: spends before there is an interval", c)
		}
	}
	if (Looks{}).Due(6) || (Looks{}).Alpha(6, 0.05) != 0 || (Looks{}).Most() != 0 || (Looks{}).Until(6, 0.05, true) != nil {
		t.Error("no plan has a look")
	}
}

// The end of a run spends what the looks before it have left, and no more: all the shares
// up to it add up to alpha. Between looks, and after the last one, there is no other.
func TestLooksUntil(t *testing.T) {
	l := PlanLooks(6, 50)
	if l.Most() != 50 {
		t.Errorf("at most %d blocks", l.Most())
	}
	for n := range 60 {
		looks := l.Until(n, 0.05, false)
		for _, look := range looks {
			if !l.Due(look.N) || look.N > n || look.Alpha != l.Alpha(look.N, 0.05) {
				t.Errorf("%d blocks: %+v", n, look)
			}
		}
		if len(looks) > 0 && l.Alpha(n, 0.05) != looks[len(looks)-1].Alpha {
			t.Errorf("%d blocks: %+v, want the level of the last look", n, looks)
		}
		over := l.Until(n, 0.05, true)
		if n >= 50 {
			if !slices.Equal(over, looks) {
				t.Errorf("%d blocks: %+v after the last look", n, over)
			}
			continue
		}
		spent := 0.0
		for i, look := range over {
			if i+1 < len(over) && look.N == n { // the same blocks again, at the level of the end
				continue
			}
			spent += look.Alpha
		}
		near(t, fmt.Sprintf("spent on %d blocks", n), spent, 0.05, 1e-12)
		if last := over[len(over)-1]; last.N != n || len(over) != len(looks)+1 {
			t.Errorf("%d blocks: %+v", n, over)
		}
	}
}

// A server against itself, looked at again and again: all looks together miss
// in at most 5%, and looks that each spend all of it in far more.
func TestLooksHold(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	const experiments, most = 1_000, 80
	l := PlanLooks(6, most)
	missed, naive := 0, 0
	for range experiments {
		logs := make([]float64, most)
		for i := range logs {
			logs[i] = 0.12 * random.NormFloat64()
		}
		out := func(n int, alpha float64) bool {
			r := pairedRatio(logs[:n], alpha)
			return r.Low > 1 || r.High < 1
		}
		spending, each := false, false
		for n := range most + 1 {
			if l.Due(n) {
				spending = spending || out(n, l.Alpha(n, 0.05))
				each = each || out(n, 0.05)
			}
		}
		if spending {
			missed++
		}
		if each {
			naive++
		}
	}
	if share := float64(missed) / experiments; share > 0.05 || share == 0 {
		t.Errorf("misses in %.1f%%, want at most 5%%", 100*share)
	}
	if share := float64(naive) / experiments; share < 0.1 {
		t.Errorf("looking costs nothing: %.1f%%", 100*share)
	}
}

// The differences, deviations and Welch's degrees of freedom are those of scipy
// 1.10.1, stats.ttest_ind(trim=0.1, equal_var=False): Student's two drugs, and the
// self-awareness data of two groups. Where values are left out there is one
// degree of freedom fewer.
func TestReferredRatio(t *testing.T) {
	exp := func(logs ...float64) []float64 {
		values := make([]float64, len(logs))
		for i, l := range logs {
			values[i] = math.Exp(l)
		}
		return values
	}
	for _, c := range []struct {
		p                   Pairs
		estimate, low, high float64
	}{
		{
			Pairs{exp(1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 1.4), exp(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8)},
			-0.556944, -2.212229, 1.098340,
		},
		{
			Pairs{
				exp(0.077, 0.087, 0.088, 0.114, 0.151, 0.210, 0.219, 0.246, 0.253, 0.262, 0.296, 0.299, 0.306, 0.376, 0.428, 0.515, 0.666, 1.310, 2.611),
				exp(0.059, 0.106, 0.174, 0.207, 0.219, 0.237, 0.313, 0.365, 0.458, 0.497, 0.515, 0.529, 0.557, 0.615, 0.625, 0.645, 0.973, 1.065, 3.215),
			},
			0.133765, -0.112792, 0.380322,
		},
	} {
		r := ReferredRatio(c.p, 0.05)
		if !r.Interval || r.N != min(len(c.p.A), len(c.p.B)) {
			t.Fatalf("%+v", r)
		}
		near(t, "estimate", math.Log(r.Estimate), c.estimate, 2e-6)
		near(t, "low", math.Log(r.Low), c.low, 2e-6)
		near(t, "high", math.Log(r.High), c.high, 2e-6)
	}
	same := []float64{2, 2, 2, 2, 2, 2}
	if r := ReferredRatio(Pairs{same, same}, 0.05); !r.Interval || r.Low != 1 || r.High != 1 {
		t.Errorf("what does not scatter: %+v", r)
	}
	if r := ReferredRatio(Pairs{same[:5], same}, 0.05); r.Interval || r.N != 5 {
		t.Errorf("%+v, want no interval of five", r)
	}
	if r := ReferredRatio(Pairs{nil, same}, 0.05); r != (Ratio{}) {
		t.Errorf("of nothing: %+v", r)
	}
}
