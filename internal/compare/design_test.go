package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"c1m/internal/stat"
)

// Looking often must not raise the chance of a wrong verdict, of either kind,
// above that of looking once. Looking after every fourth block at the level of a
// single look does.
func TestLooksKeepTheLevel(t *testing.T) {
	const (
		series = 400
		most   = 120
		made   = 110 // time is up before the last look
	)
	ops, _ := unitOf("ops/s")
	looks := growing{looks: PlanLooks(most), over: true}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		truth float64
		wrong func(Verdict) bool
	}{
		{"no change", 1, func(v Verdict) bool { return v == Worse || v == Better }},
		{"worse by the margin", 1 - ops.Gate.Least, func(v Verdict) bool { return v == Unchanged || v == NotWorse || v == Better }},
	} {
		wrong, naive := 0, 0
		for range series {
			tests := make([]test, 2)
			for i := range tests {
				tests[i] = test{Metric: ops, pairs: noise(rng, made, c.truth)}
			}
			said, naively := false, false
			for i, r := range looks.ratios(tests) {
				said = said || c.wrong(verdictOf(r, ops, least{}))
				v := CannotTell
				for n := leastRounds; v == CannotTell && n <= made; n += 4 {
					pairs := tests[i].pairs
					first := stat.Pairs{A: pairs.A[:n], B: pairs.B[:n]}
					v = verdictOf(stat.PairedRatios([]stat.Pairs{first}, Alpha/float64(len(tests)))[0], ops, least{})
				}
				naively = naively || c.wrong(v)
			}
			if said {
				wrong++
			}
			if naively {
				naive++
			}
		}
		t.Logf("%s: %d of %d verdicts are wrong, without a plan %d", c.name, wrong, series, naive)
		limit := int(Alpha*series + 2*math.Sqrt(Alpha*series))
		if wrong > limit {
			t.Errorf("%s: %d of %d verdicts are wrong, want at most %d", c.name, wrong, series, limit)
		}
		if naive <= limit {
			t.Errorf("%s: without a plan only %d of %d are wrong: this test could not fail", c.name, naive, series)
		}
	}
}

// Where pairs scatter by 12%, as they do on a busy machine of two processors, a
// change of twice the margin is found within 50 blocks, and that there is none is
// shown within 150.
func TestLooksTell(t *testing.T) {
	const series = 100
	ops, _ := unitOf("ops/s")
	looks := growing{looks: PlanLooks(200)}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		truth  float64
		blocks int
		want   []Verdict
		share  float64
	}{
		{0.9, 50, []Verdict{Worse}, 0.9},
		{1, 150, []Verdict{Unchanged, NotWorse}, 0.85},
	} {
		told := 0
		for range series {
			r := looks.ratios([]test{{Metric: ops, pairs: noise(rng, c.blocks, c.truth)}})[0]
			if slices.Contains(c.want, verdictOf(r, ops, least{})) {
				told++
			}
		}
		if told < int(c.share*series) {
			t.Errorf("%v: %v in %d of %d, want %v%%", c.truth, c.want, told, series, 100*c.share)
		}
	}
}

// noise is pairs of a machine that drifts, whose ratios scatter by 12%.
func noise(rng *rand.Rand, n int, truth float64) stat.Pairs {
	var p stat.Pairs
	level := 0.0
	for range n {
		level = 0.9*level + 0.05*rng.NormFloat64()
		a := math.Exp(level)
		p.A, p.B = append(p.A, a), append(p.B, a*truth*math.Exp(0.12*rng.NormFloat64()))
	}
	return p
}

// A verdict stands at the look that gave it: later trials, which another unit of
// the cell may need, do not take it back.
func TestVerdictsStand(t *testing.T) {
	ops, _ := unitOf("ops/s")
	looks := growing{looks: PlanLooks(50)}
	early := spread(6, 0.5, 0.01)
	late := spread(30, 1, 0.01)
	both := stat.Pairs{A: append(early.A, late.A...), B: append(early.B, late.B...)}
	r := looks.ratios([]test{{Metric: ops, pairs: both}})[0]
	if verdictOf(r, ops, least{}) != Worse || r.N != 6 {
		t.Errorf("%s after %d pairs, %v", verdictOf(r, ops, least{}), r.N, r.Estimate)
	}
	// Between looks nothing is judged, unless the run is over.
	five := stat.Pairs{A: both.A[:5], B: both.B[:5]}
	if r := looks.ratios([]test{{Metric: ops, pairs: five}})[0]; r.Interval {
		t.Errorf("an interval before the first look: %+v", r)
	}
	seven := spread(7, 0.97, 0.005)
	if r := looks.ratios([]test{{Metric: ops, pairs: seven}})[0]; r.N != 6 {
		t.Errorf("between two looks: %+v", r)
	}
	looks.over = true
	if r := looks.ratios([]test{{Metric: ops, pairs: seven}})[0]; r.N != 7 && verdictOf(r, ops, least{}) == CannotTell {
		t.Errorf("over: %+v", r)
	}
}

// A verdict keeps the interval of the look that gave it, though the run is over: its level
// is that look's share and not all that is left, because the data chose that end. So the
// intervals that are shown miss in at most 5%.
func TestIntervalsOfAnEarlyEnd(t *testing.T) {
	ops, _ := unitOf("ops/s")
	looks := PlanLooks(100)
	end := func(pairs stat.Pairs) (n int, shown stat.Ratio) { // as ab does: the look that has a verdict ends the run
		for n = FirstLook; n < len(pairs.A); n++ {
			first := test{Metric: ops, pairs: stat.Pairs{A: pairs.A[:n], B: pairs.B[:n]}}
			if looks.Due(n) && verdictOf(growing{looks: looks}.ratio(first, 1), ops, least{}) != CannotTell {
				return n, growing{looks: looks, over: true}.ratio(first, 1)
			}
		}
		return n, growing{looks: looks, over: true}.ratio(test{Metric: ops, pairs: pairs}, 1)
	}
	n, shown := end(spread(90, 0.5, 0.01))
	first := spread(90, 0.5, 0.01)
	if want := stat.PairedRatio(stat.Pairs{A: first.A[:6], B: first.B[:6]}, looks.Alpha(6, Alpha)); n != 6 || shown != want {
		t.Errorf("%d blocks, %+v, want %+v", n, shown, want)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	const series = 400
	missed, early := 0, 0
	for range series {
		n, shown := end(noise(rng, 90, 1))
		if n < 90 {
			early++
		}
		if shown.Low > 1 || shown.High < 1 {
			missed++
		}
	}
	if limit := int(Alpha*series + 2*math.Sqrt(Alpha*series)); missed > limit || early < series/2 {
		t.Errorf("%d of %d intervals miss, want at most %d; %d ended early", missed, series, limit, early)
	}
}

// A cell is measured until all that is judged in it has its verdict.
func TestSettled(t *testing.T) {
	looks := PlanLooks(50)
	settled := func(n int, factor, percent float64, o Options) bool {
		c, err := Growing(blocks(n, factor, percent), "a", "b", o, looks, false)
		if err != nil {
			t.Fatal(err)
		}
		s := c.Settled()
		if len(s) != 2 || s[0] != s[1] {
			t.Fatalf("cells of one block: %v", s)
		}
		return s[0]
	}
	for _, c := range []struct {
		n               int
		factor, percent float64
		gate            []string
		want            bool
	}{
		{5, 0.5, 1, nil, false},
		{6, 0.5, 1, nil, true},
		{6, 1, 10, nil, false},
		{40, 1, 1, nil, true},
		{40, 0.95, 1, nil, false},
		{50, 0.95, 1, nil, true}, // there is no look after 50
		{40, 1, 1, []string{"ops/s", "p99"}, true},
		{6, 1, 1, []string{"held"}, true}, // which no trial of this load says
	} {
		if got := settled(c.n, c.factor, c.percent, Options{Gate: c.gate}); got != c.want {
			t.Errorf("%d blocks, %v ±%v%%, by %v: %v", c.n, c.factor, c.percent, c.gate, got)
		}
	}
	// A server that does not start is not waited for.
	r := blocks(1, 1, 1)
	r.Trials[0].Load, r.Trials[0].Failure, r.Trials[0].Unstarted = nil, "it did not start", true
	if c, err := Growing(r, "a", "b", Options{}, looks, false); err != nil || !c.Settled()[0] || !c.Settled()[1] {
		t.Errorf("%v, %v", c.Settled(), err)
	}
}
