package stat

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aclements/go-moremath/stats"
)

var update = flag.Bool("update", false, "make the tables of docs/statistics.md again")

const (
	alpha  = 0.05
	margin = 0.05 // that of ops/s, of which the traces are
)

// A section is a table of docs/statistics.md: a first line and a job for each
// other line, which are independent, each with its own seed. draws is how often
// a line repeats its experiment.
type section struct {
	name  string
	draws int
	head  []string
	lines []func(random *rand.Rand, draws int) []string
}

// write makes the table, as many lines at a time as there are processors.
func (s section) write(draws int) string {
	lines := make([][]string, len(s.lines))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, line := range s.lines {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			lines[i] = line(rand.New(rand.NewPCG(uint64(len(s.name)), uint64(i+1))), draws)
		})
	}
	wait.Wait()
	rule := make([]string, len(s.head))
	for i := range rule {
		rule[i] = "---"
	}
	var text strings.Builder
	for _, line := range append([][]string{s.head, rule}, lines...) {
		fmt.Fprintf(&text, "| %s |\n", strings.Join(line, " | "))
	}
	return text.String()
}

// The tables of the page are those that the code makes. Without -update only
// their lines are counted: to make them takes minutes.
func TestPage(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "statistics.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, s := range sections(t) {
		t.Run(s.name, func(t *testing.T) {
			found := regexp.MustCompile(`(?s)<!-- table ` + s.name + ` -->\n(.*?)<!-- end -->`).FindStringSubmatchIndex(page)
			if found == nil {
				t.Fatalf("%s has no such table", name)
			}
			if *update {
				page = page[:found[2]] + s.write(s.draws) + page[found[3]:]
				return
			}
			if got := strings.Count(page[found[2]:found[3]], "\n"); got != len(s.lines)+2 {
				t.Errorf("it has %d lines, want %d: go test ./internal/stat -run TestPage -update", got, len(s.lines)+2)
			}
		})
	}
	if *update {
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// half is the half-width of an interval, in logarithms; infinite without one.
func half(r Ratio) float64 {
	if !r.Interval {
		return math.Inf(1)
	}
	return math.Log(r.High/r.Low) / 2
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func width(values []float64) string {
	if m := median(values); !math.IsInf(m, 1) {
		return fmt.Sprintf("±%.1f%%", 100*math.Expm1(m))
	}
	return "none"
}

func (r Ratio) holds(truth float64) bool { return !r.Interval || r.Low <= truth && truth <= r.High }

// What compare says of a ratio of throughputs.
func (r Ratio) slower() bool    { return r.Interval && r.High < 1 && r.Estimate <= 1-margin }
func (r Ratio) faster() bool    { return r.Interval && r.Low > 1 && r.Estimate >= 1+margin }
func (r Ratio) notSlower() bool { return r.Interval && r.Low > 1-margin }

// coverage is the share of runs of a scenario in which all intervals of rows-1
// ratios hold the truth, and the widths of all of them, for each candidate.
func coverage(random *rand.Rand, s scenario, ways []candidate, rows, blocks, draws int) (share []float64, widths [][]float64) {
	share, widths = make([]float64, len(ways)), make([][]float64, len(ways))
	truths := make([]float64, len(ways))
	for i := range ways {
		truths[i] = 1
	}
	if s.only != nil {
		truths = targets(s, ways)
	}
	for range draws {
		list := pairsOf(s.run(random, rows, blocks), 0)
		for i, way := range ways {
			all := true
			for _, r := range way.ratios(list, alpha) {
				all = all && r.holds(truths[i])
				widths[i] = append(widths[i], half(r))
			}
			if all {
				share[i] += 1 / float64(draws)
			}
		}
	}
	return share, widths
}

// targets is what the estimate of each candidate comes to in very long runs of
// two rows that do not scatter alike, so that their ratio is a matter of
// definition.
func targets(s scenario, ways []candidate) []float64 {
	const runs, blocks = 400, 250
	list := make([]float64, len(ways))
	random := rand.New(rand.NewPCG(9, 9))
	for range runs {
		p := pairsOf(s.run(random, 2, blocks), 0)
		for i, way := range ways {
			list[i] += math.Log(way.ratios(p, alpha)[0].Estimate) / runs
		}
	}
	for i := range list {
		list[i] = math.Exp(list[i])
	}
	return list
}

func sections(t *testing.T) []section {
	quiet, busy, modes := recorded(t, "aa-quiet"), recorded(t, "aa-busy"), recorded(t, "modes-busy")
	return []section{
		scenariosSection(),
		coverageSection("coverage-12", 12, 2000),
		coverageSection("coverage-40", 40, 2000),
		lengthsSection(),
		powerSection("power-quiet", quiet),
		powerSection("power-busy", busy),
		neighboursSection(quiet, busy),
		blocksSection(quiet, busy),
		looksSection(quiet),
		cellsSection(quiet),
		spreadsSection(),
		untilSection(),
		driftSection(quiet, busy),
		referredSection(quiet, busy),
		modesSection(modes),
	}
}

func scenariosSection() section {
	s := section{name: "scenarios", head: []string{"scenario", "what happens"}}
	for _, sc := range scenarios() {
		s.lines = append(s.lines, func(*rand.Rand, int) []string { return []string{sc.name, sc.about} })
	}
	return s
}

// coverageSection is all candidates in all scenarios: 5 rows, 4 ratios.
func coverageSection(name string, blocks, draws int) section {
	ways := candidates()
	s := section{name: name, draws: draws, head: []string{"scenario"}}
	for _, way := range ways {
		s.head = append(s.head, way.name)
	}
	for _, sc := range scenarios() {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			line := []string{sc.name}
			share, widths := coverage(random, sc, ways, 5, blocks, draws)
			for i := range ways {
				line = append(line, percent(share[i])+" "+width(widths[i]))
			}
			return line
		})
	}
	return s
}

// lengthsSection is the winner in all scenarios, by number of blocks.
func lengthsSection() section {
	lengths := []int{6, 8, 10, 15, 20, 30, 60, 120}
	s := section{name: "lengths", draws: 10_000, head: []string{"scenario"}}
	for _, n := range lengths {
		s.head = append(s.head, fmt.Sprint(n))
	}
	for _, sc := range scenarios() {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			line := []string{sc.name}
			for _, n := range lengths {
				share, _ := coverage(random, sc, candidates()[:1], 5, n, draws)
				line = append(line, percent(share[0]))
			}
			return line
		})
	}
	return s
}

// powerSection is what one look at a stretch of a trace says.
func powerSection(name string, tr trace) section {
	s := section{name: name, draws: 2000, head: []string{"blocks", "way", "interval", "A/A slower", "A/A faster", "A/A not slower", "−7% slower", "−10% slower"}}
	type verdicts struct{ slower, faster, notSlower func(Pairs) bool }
	for _, n := range []int{10, 20, 40, 60, 120} {
		for _, way := range append(candidates()[:5], candidate{name: "Mann-Whitney"}) {
			s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
				var widths []float64
				ratio := func(p Pairs) Ratio { return way.ratios([]Pairs{p}, alpha)[0] }
				v := verdicts{
					func(p Pairs) bool { return ratio(p).slower() },
					func(p Pairs) bool { return ratio(p).faster() },
					func(p Pairs) bool { return ratio(p).notSlower() },
				}
				if way.ratios == nil {
					change := func(p Pairs) float64 { return median(slices.Clone(p.B)) / median(slices.Clone(p.A)) }
					v = verdicts{
						func(p Pairs) bool { return mannWhitney(p) < alpha && change(p) <= 1-margin },
						func(p Pairs) bool { return mannWhitney(p) < alpha && change(p) >= 1+margin },
						nil,
					}
				}
				counts := make([]float64, 5)
				count := func(i int, says bool) {
					if says {
						counts[i] += 1 / float64(draws)
					}
				}
				for range draws {
					p := tr.pairs("a", "b").draw(random, n, 0)
					count(0, v.slower(p))
					count(1, v.faster(p))
					if v.notSlower != nil {
						count(2, v.notSlower(p))
						widths = append(widths, half(ratio(p)))
					}
					count(3, v.slower(p.times(0.93)))
					count(4, v.slower(p.times(0.90)))
				}
				line := []string{fmt.Sprint(n), way.name, "—"}
				if widths != nil {
					line[2] = width(widths)
				}
				for i, c := range counts {
					if i == 2 && widths == nil {
						line = append(line, "—")
						continue
					}
					line = append(line, percent(c))
				}
				return line
			})
		}
	}
	return s
}

// The page's tables take minutes; these few experiments do not, and would show a
// change for the worse. Their seeds are fixed, so they always come out the same.
func TestSimultaneousIntervalsHold(t *testing.T) {
	const draws = 500
	for i, s := range scenarios() {
		for _, n := range []int{8, 20} {
			share, widths := coverage(rand.New(rand.NewPCG(11, uint64(i))), s, candidates()[:1], 5, n, draws)
			least := 0.935 // 95% less one and a half deviations of 500 draws
			if s.only != nil {
				least = 0.91 // as the page says
			}
			if share[0] < least {
				t.Errorf("%s, %d blocks: all four intervals hold in %s", s.name, n, percent(share[0]))
			}
			if s.name == "drift" && n == 20 && median(widths[0]) > 0.09 {
				t.Errorf("%s, %d blocks: intervals of %s", s.name, n, width(widths[0]))
			}
		}
	}
}

// On the recorded quiet machine bench ab's looks find a server 10% slower, and
// call one that is not neither slower nor faster.
func TestLooksAtTrace(t *testing.T) {
	p := recorded(t, "aa-quiet").pairs("a", "b")
	random := rand.New(rand.NewPCG(12, 1))
	const draws = 300
	var different, notSlower, slower int
	var blocks []float64
	for range draws {
		switch r := chosen(1).verdict(p.draw(random, most, 0)); {
		case r.slower() || r.faster():
			different++
		case r.notSlower():
			notSlower++
		}
		r := chosen(1).verdict(p.draw(random, most, math.Log(0.9)))
		blocks = append(blocks, float64(r.N))
		if r.slower() {
			slower++
		}
	}
	if different > draws/100 || notSlower < draws*95/100 {
		t.Errorf("equal servers: %d of %d slower or faster, %d not slower", different, draws, notSlower)
	}
	if slower < draws*95/100 || median(blocks) > 40 {
		t.Errorf("10%% slower: %d of %d found, in %v blocks", slower, draws, median(blocks))
	}
}

// times has B multiplied by a factor.
func (p Pairs) times(factor float64) Pairs {
	b := make([]float64, len(p.B))
	for i, v := range p.B {
		b[i] = v * factor
	}
	return Pairs{p.A, b}
}

// neighboursSection is how much a pair's ratio scatters by how far apart its
// two trials are.
func neighboursSection(quiet, busy trace) section {
	apart := []int{0, 1, 2, 5, 10, 20, 50, 100}
	s := section{name: "neighbours", head: []string{"blocks apart"}}
	for _, n := range apart {
		s.head = append(s.head, fmt.Sprint(n))
	}
	for _, c := range []struct {
		name string
		tr   trace
	}{{"quiet", quiet}, {"busy", busy}} {
		s.lines = append(s.lines, func(*rand.Rand, int) []string {
			line := []string{c.name}
			p := c.tr.pairs("a", "b")
			for _, n := range apart {
				line = append(line, percent(spread(Pairs{p.A[:len(p.A)-n], p.B[n:]}.logs())))
			}
			return line
		})
	}
	return s
}

// spread is the deviation of a sample without the tenths at its ends, as if it
// were normal there: a robust one.
func spread(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[n-1-n/10] - sorted[n/10]) / 2 / stats.StdNormal.InvCDF(0.9)
}

// blocksSection is 120 pairs as blocks of several trials of each row: the mean
// logarithm of a block is then the sample.
func blocksSection(quiet, busy trace) section {
	s := section{name: "blocks", draws: 2000, head: []string{"trials of a row in a block", "blocks", "quiet", "busy"}}
	for _, size := range []int{1, 2, 4, 8} {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			line := []string{fmt.Sprint(size), fmt.Sprint(120 / size)}
			for _, tr := range []trace{quiet, busy} {
				var widths []float64
				for range draws {
					logs := tr.pairs("a", "b").draw(random, 120, 0).logs()
					var means []float64
					for at := 0; at < len(logs); at += size {
						m, _ := moments(logs[at : at+size])
						means = append(means, m)
					}
					widths = append(widths, half(pairedRatio(means, alpha)))
				}
				line = append(line, width(widths))
			}
			return line
		})
	}
	return s
}

// A design is when to look, and the level of each look.
type design struct {
	name   string
	at     []int
	levels []float64
}

// chosen is the plan of package stat, with alpha divided by so many cells.
func chosen(cells float64) design {
	plan := PlanLooks(LeastPairs, most)
	d := design{name: "in proportion to new blocks", at: plan.at}
	for _, n := range plan.at {
		d.levels = append(d.levels, plan.Alpha(n, alpha)/cells)
	}
	return d
}

func designs() []design {
	plan := PlanLooks(LeastPairs, most)
	constant := func(level float64) []float64 { return slices.Repeat([]float64{level}, len(plan.at)) }
	shares := func(power float64) []float64 { // of alpha that is spent so far
		list := make([]float64, len(plan.at))
		for i, n := range plan.at {
			list[i] = alpha * math.Pow(float64(n)/float64(most), power)
		}
		return list
	}
	steps := func(spent []float64) []float64 {
		list := slices.Clone(spent)
		for i := range list[1:] {
			list[i+1] -= spent[i]
		}
		return list
	}
	return []design{
		{"one look, at the end", []int{most}, []float64{alpha}},
		{"all of alpha at each look", plan.at, constant(alpha)},
		{"in equal parts", plan.at, constant(alpha / float64(len(plan.at)))},
		chosen(1),
		{"by the square of the blocks", plan.at, steps(shares(2))},
		{"in proportion, correlation counted in", plan.at, boundaries(plan.at, shares(1))},
		{"by the square, correlation counted in", plan.at, boundaries(plan.at, shares(2))},
		{"curtailment", plan.at, curtailed(plan.at)},
	}
}

// curtailed are the levels of looks that stop where a single look at the end
// would say the same with a probability of nine tenths, if there were no
// effect: a martingale, so that the chance of ever being there is at most the
// single look's level divided by nine tenths (Ville's inequality; Lan, Simon and
// Halperin, Sequential Analysis 1, 1982). Of normal steps.
func curtailed(at []int) []float64 {
	const sure = 0.9
	normal := stats.StdNormal
	most := float64(at[len(at)-1])
	limit := -normal.InvCDF(sure * alpha / 2)
	levels := make([]float64, len(at))
	for i, n := range at {
		n := float64(n)
		levels[i] = 2 * normal.CDF(-(limit*math.Sqrt(most)+normal.InvCDF(sure)*math.Sqrt(most-n))/math.Sqrt(n))
	}
	return levels
}

// verdict looks at growing pairs until there is one.
func (d design) verdict(p Pairs) (r Ratio) {
	logs := p.logs()
	for i, n := range d.at {
		r = pairedRatio(logs[:n], d.levels[i])
		if r.slower() || r.faster() || r.notSlower() {
			break
		}
	}
	return r
}

var outcomeHead = []string{"A/A slower or faster", "A/A not slower", "blocks", "−7% slower", "blocks", "−10% slower", "blocks"}

// looksSection is what designs say of stretches of a trace.
func looksSection(tr trace) section {
	s := section{name: "looks", draws: 4000, head: append([]string{"alpha is spent"}, outcomeHead...)}
	for _, d := range designs() {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			return append([]string{d.name}, outcomes(d, draws, func(effect float64) Pairs {
				return tr.pairs("a", "b").draw(random, most, effect)
			})...)
		})
	}
	return s
}

// most is how many blocks bench ab makes at most in these tables: about five
// minutes of one load.
const most = 240

// outcomes are the columns of what a design says of equal servers, and of those
// 7% and 10% slower.
func outcomes(d design, draws int, draw func(effect float64) Pairs) (columns []string) {
	for _, factor := range []float64{1, 0.93, 0.90} {
		var different, slower, notSlower float64
		var blocks []float64
		for range draws {
			r := d.verdict(draw(math.Log(factor)))
			blocks = append(blocks, float64(r.N))
			one := 1 / float64(draws)
			if r.slower() || r.faster() {
				different += one
			}
			if r.slower() {
				slower += one
			}
			if r.notSlower() {
				notSlower += one
			}
		}
		if factor == 1 {
			columns = append(columns, percent(different), percent(notSlower))
		} else {
			columns = append(columns, percent(slower))
		}
		m := median(blocks)
		columns = append(columns, fmt.Sprintf("%.0f (%.0f)", m, blocks[len(blocks)*9/10]))
	}
	return columns
}

// cellsSection is the chosen design by how many cells are judged at once.
func cellsSection(tr trace) section {
	s := section{name: "cells", draws: 2000, head: append([]string{"cells judged"}, outcomeHead...)}
	for _, cells := range []int{1, 2, 3, 5, 10, 20} {
		d := chosen(float64(cells))
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			return append([]string{fmt.Sprint(cells)}, outcomes(d, draws, func(effect float64) Pairs {
				return tr.pairs("a", "b").draw(random, most, effect)
			})...)
		})
	}
	return s
}

// spreadsSection is the chosen design by how much the ratio of a pair scatters,
// normally.
func spreadsSection() section {
	s := section{name: "spreads", draws: 2000, head: append([]string{"a pair's ratio scatters by"}, outcomeHead...)}
	for _, spread := range []float64{0.03, 0.05, 0.10, 0.15, 0.20, 0.30} {
		d := chosen(1)
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			return append([]string{fmt.Sprintf("%.0f%%", 100*spread)}, outcomes(d, draws, func(effect float64) Pairs {
				logs := make([]float64, most)
				for i := range logs {
					logs[i] = effect + spread*random.NormFloat64()
				}
				return invent(logs...)
			})...)
		})
	}
	return s
}

// untilSection is how often all four intervals hold the truth if a run looks at
// every block, and stops as soon as the widest of them is narrow enough.
func untilSection() section {
	goals, levels := []float64{0.20, 0.10, 0.05}, []float64{alpha, UntilWidth}
	s := section{name: "until", draws: 1000, head: []string{"scenario"}}
	for _, level := range levels {
		for _, goal := range goals {
			s.head = append(s.head, fmt.Sprintf("±%.0f%%, of %.0f%%", 100*goal, 100*level))
		}
	}
	const rows = 5
	quantiles := make([][]float64, len(levels)) // by level and number of blocks
	for i, level := range levels {
		quantiles[i] = make([]float64, most+1)
		for n := LeastPairs; n <= most; n++ {
			_, df := trimmedScale(n)
			quantiles[i][n] = student(level/(rows-1), df)
		}
	}
	for _, sc := range scenarios() {
		if sc.only != nil {
			continue
		}
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			held := make([]float64, len(levels)*len(goals))
			for range draws {
				var logs [][]float64
				for _, p := range pairsOf(sc.run(random, rows, most), 0) {
					logs = append(logs, p.logs())
				}
				next := make([]int, len(levels)) // goal of each level
				for n := LeastPairs; n <= most; n++ {
					centres := make([]centre, len(logs))
					for i := range logs {
						centres[i] = trimmed(logs[i][:n])
					}
					for i := range levels {
						widest, all := 0.0, true
						for _, c := range centres {
							half := quantiles[i][n] * c.deviation
							widest, all = max(widest, half), all && math.Abs(c.mean) <= half
						}
						for next[i] < len(goals) && (widest <= math.Log1p(goals[next[i]]) || n == most) {
							if all {
								held[i*len(goals)+next[i]] += 1 / float64(draws)
							}
							next[i]++
						}
					}
				}
			}
			line := []string{sc.name}
			for _, share := range held {
				line = append(line, percent(share))
			}
			return line
		})
	}
	return s
}

// apart is a way to the interval of the ratio of two runs that were not
// interleaved.
type apart struct {
	name  string
	ratio func(as, bs []float64) Ratio
}

func aparts() []apart {
	// The deviation of a run's level, and its degrees of freedom.
	way := func(name string, level func(series []float64) (variance, df float64)) apart {
		return apart{name, func(as, bs []float64) Ratio {
			va, df := level(as)
			vb, _ := level(bs)
			d := trimmed(bs).mean - trimmed(as).mean
			return Ratio{N: len(as), Estimate: math.Exp(d)}.within(d, student(alpha, df)*math.Sqrt(va+vb))
		}}
	}
	n := func(series []float64) float64 { return float64(len(series)) }
	return []apart{
		way("trials are independent", func(series []float64) (variance, df float64) {
			_, v := moments(series)
			return v / n(series), 2*n(series) - 2
		}),
		way("each depends on the one before", func(series []float64) (variance, df float64) {
			mean, v := moments(series)
			product := 0.0
			for i, x := range series[1:] {
				product += (x - mean) * (series[i] - mean)
			}
			rho := product / (v * (n(series) - 1))
			rho = min(max(rho+(1+3*rho)/n(series), 0), 0.95) // Kendall's correction of its bias
			return v / n(series) * (1 + rho) / (1 - rho), 2*n(series) - 2
		}),
		way("six stretches, averaged", func(series []float64) (variance, df float64) {
			_, v := moments(stretchMeans(series))
			return v / stretches, stretches - 1
		}),
		{"a run is as uncertain as a stretch", func(as, bs []float64) Ratio { return unpairedRatio(as, bs, alpha, driftHalf) }},
		way("a run is as uncertain as a trial", func(series []float64) (variance, df float64) {
			_, v := moments(series)
			return v, 2*n(series) - 2
		}),
	}
}

// driftSection cuts two stretches out of one series that has no effect, as if
// they were two runs.
func driftSection(quiet, busy trace) section {
	s := section{name: "drift", draws: 1000, head: []string{"trials", "rounds", "apart"}}
	for _, way := range aparts() {
		s.head = append(s.head, way.name)
	}
	line := func(name string, n, gap int, series func(random *rand.Rand, n, gap int) (as, bs []float64)) {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			line := []string{name, fmt.Sprint(n), fmt.Sprint(gap)}
			ways := aparts()
			held, widths := make([]float64, len(ways)), make([][]float64, len(ways))
			for range draws {
				as, bs := series(random, n, gap)
				for i, way := range ways {
					r := way.ratio(as, bs)
					widths[i] = append(widths[i], half(r))
					if r.holds(1) {
						held[i] += 1 / float64(draws)
					}
				}
			}
			for i := range ways {
				line = append(line, percent(held[i])+" "+width(widths[i]))
			}
			return line
		})
	}
	for _, n := range []int{10, 20, 40} {
		for _, gap := range []int{0, 100, 1000} {
			line("invented, drift", n, gap, func(random *rand.Rand, n, gap int) (as, bs []float64) {
				const rows = 4 // of which this is one
				machine := newMachine(random)
				var logs []float64
				for i := range (2*n + gap) * rows {
					if level := machine.next(); i%rows == 0 {
						logs = append(logs, level+0.08*random.NormFloat64())
					}
				}
				return logs[:n], logs[n+gap:]
			})
		}
	}
	for _, c := range []struct {
		name string
		tr   trace
	}{{"recorded, quiet", quiet}, {"recorded, busy", busy}} {
		rows := [][]float64{logarithms(c.tr.values["a"]), logarithms(c.tr.values["b"])}
		for _, n := range []int{10, 20, 40} {
			for _, gap := range []int{0, 50, 100} {
				line(c.name, n, gap, func(random *rand.Rand, n, gap int) (as, bs []float64) {
					a, b := rows[random.IntN(2)], rows[random.IntN(2)]
					at := random.IntN(len(a) - 2*n - gap + 1)
					return a[at:][:n], b[at+n+gap:][:n]
				})
			}
		}
	}
	return s
}

// referredSection cuts two stretches out of the quotients of two rows, as if they
// were two runs, each divided by a row that both have.
func referredSection(quiet, busy trace) section {
	s := section{name: "referred", draws: 2000, head: []string{
		"trials", "rounds", "apart", "quotients are independent", "a run is as uncertain as a stretch", "not divided, as a stretch",
	}}
	for _, c := range []struct {
		name string
		tr   trace
	}{{"quiet", quiet}, {"busy", busy}} {
		for _, n := range []int{10, 20, 40} {
			for _, gap := range []int{0, 50, 100} {
				s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
					line := []string{c.name, fmt.Sprint(n), fmt.Sprint(gap)}
					held, widths := make([]float64, 3), make([][]float64, 3)
					for range draws {
						order := random.Perm(len(c.tr.rows))
						row := logarithms(c.tr.values[c.tr.rows[order[0]]])
						quotients := c.tr.pairs(c.tr.rows[order[1]], c.tr.rows[order[0]]).logs()
						at := random.IntN(len(quotients) - 2*n - gap + 1)
						as, bs := quotients[at:][:n], quotients[at+n+gap:][:n]
						for i, r := range []Ratio{
							unpairedRatio(as, bs, alpha, yuenHalf), unpairedRatio(as, bs, alpha, driftHalf), unpairedRatio(row[at:][:n], row[at+n+gap:][:n], alpha, driftHalf),
						} {
							widths[i] = append(widths[i], half(r))
							if r.holds(1) {
								held[i] += 1 / float64(draws)
							}
						}
					}
					for i := range held {
						line = append(line, percent(held[i])+" "+width(widths[i]))
					}
					return line
				})
			}
		}
	}
	return s
}

// modesSection is what stretches of a trace of different rows say of all pairs of
// them. The truth is that of the whole trace.
func modesSection(tr trace) section {
	const apart = 0.15
	type pair struct {
		a, b  string
		truth float64
	}
	var all []pair
	for i, b := range tr.rows {
		for _, a := range tr.rows[:i] {
			all = append(all, pair{a, b, PairedRatio(tr.pairs(a, b), alpha).Estimate})
		}
	}
	s := section{name: "modes", draws: 2000, head: []string{
		"blocks", "interval", "all intervals hold", fmt.Sprintf("told apart, of pairs that differ by %.0f%% or more", 100*apart), "of others", "the wrong way",
	}}
	for _, n := range []int{6, 10, 15, 20, 30, 40} {
		s.lines = append(s.lines, func(random *rand.Rand, draws int) []string {
			var held, far, farTold, near, nearTold, wrong float64
			var widths []float64
			for range draws {
				at := random.IntN(len(tr.values[tr.rows[0]]) - n + 1)
				var list []Pairs
				for _, p := range all {
					list = append(list, Pairs{tr.values[p.a][at:][:n], tr.values[p.b][at:][:n]})
				}
				holds := true
				for i, r := range PairedRatios(list, alpha) {
					widths = append(widths, half(r))
					holds = holds && r.holds(all[i].truth)
					told := 0.0
					if r.Low > 1 || r.High < 1 {
						told = 1
						if (r.Estimate > 1) != (all[i].truth > 1) {
							wrong++
						}
					}
					if math.Abs(math.Log(all[i].truth)) >= math.Log1p(apart) {
						far, farTold = far+1, farTold+told
					} else {
						near, nearTold = near+1, nearTold+told
					}
				}
				if holds {
					held++
				}
			}
			return []string{
				fmt.Sprint(n), width(widths), percent(held / float64(draws)), percent(farTold / far), percent(nearTold / near), percent(wrong / (far + near)),
			}
		})
	}
	return s
}
