//go:build linux

package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/suite"
	"c1m/internal/table"
)

// width is the flag of how closely ratios are to be known: 3% is ±3%.
type width float64

func (w *width) Type() string { return "PERCENT" }

func (w *width) String() string {
	if *w == 0 {
		return ""
	}
	return format.ExactPercent(float64(*w))
}

func (w *width) Set(s string) error {
	number, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if !percent || err != nil || !(v >= 0.1 && v <= 100) {
		return errors.New("want 0.1% to 100%")
	}
	*w = width(v / 100)
	return nil
}

// openRounds makes the number of rounds open, if -until asks for that. It refuses what
// contradicts it.
func (f *runFlags) openRounds(given func(string) bool, cfg *runConfig) error {
	switch {
	case !given("until") && given("for"):
		return usagef("-for requires -until")
	case !given("until"):
		return nil
	case given("rounds"):
		return usagef("-until cannot be combined with -rounds: it adds rounds as they are needed; limit them with -for")
	case cfg.search:
		return usagef("-until cannot be combined with -slo: a search makes as many steps as it needs")
	case !sharesLoad(cfg.header.Cells):
		return usagef("-until requires two rows under the same load, for a ratio; add one with -modes, -peers, -exec or -target")
	}
	if err := checkTime("for", f.limit, time.Second); err != nil {
		return err
	}
	cfg.header.Rounds = openedRounds(len(cfg.header.Cells))
	cfg.header.Until = &result.Until{Width: float64(f.until), For: f.limit}
	cfg.precision = &precision{goal: float64(f.until), ranks: cfg.report.Ranks}
	cfg.limit, cfg.look = f.limit, cfg.precision.look
	return nil
}

// sharesLoad reports whether any two cells are under the same load.
func sharesLoad(cells []result.Cell) bool {
	loads := make(map[string]bool)
	for _, c := range cells {
		loads[c.LoadKey()] = true
	}
	return len(loads) < len(cells)
}

// precision ends a run when the ratios of its table are known closely enough.
type precision struct {
	goal  float64 // the half-width of their intervals: 0.03 is ±3%
	ranks table.Ranks

	next int        // the round of the next look
	last suite.Look // the last one
}

// lookShare is how many rounds are made for each look, as a share of those that were:
// a look at many takes time as well.
const lookShare = 20

// look says after a round what is known.
func (p *precision) look(run result.Run, round int) suite.Look {
	if round < stat.LeastPairs {
		return suite.Look{Text: fmt.Sprintf("intervals from round %d on, %s", stat.LeastPairs, p.aim())}
	}
	if round < p.next {
		return p.last
	}
	p.next = round + max(1, round/lookShare)
	t, cells := p.rank(run), run.Header.RowCells()
	widths := p.widths(t)
	p.last = suite.Look{Settled: make([]bool, len(run.Header.Cells)), Text: widest(t, widths) + ", " + p.aim()}
	for i, load := range t.Loads {
		if widths[i].Half > p.goal {
			p.last.Rounds = max(p.last.Rounds, widths[i].Rounds)
			continue
		}
		for _, row := range load.Rows {
			p.last.Settled[cells[row]] = true
		}
	}
	return p.last
}

func (p *precision) rank(run result.Run) table.Table {
	t := table.Summarise(run)
	t.Rank(p.ranks)
	return t
}

func (p *precision) aim() string { return "aiming at ±" + format.ExactPercent(p.goal) }

// widths are the precisions of the loads of a table.
func (p *precision) widths(t table.Table) []table.Width {
	widths := make([]table.Width, len(t.Loads))
	for i, load := range t.Loads {
		widths[i] = t.Width(load, p.goal)
	}
	return widths
}

// widest says how closely the ratio is known that is known least.
func widest(t table.Table, widths []table.Width) string {
	widest := table.Width{Row: -1}
	for _, w := range widths {
		if w.Row >= 0 && (widest.Row < 0 || w.Half > widest.Half) {
			widest = w
		}
	}
	switch {
	case widest.Row < 0:
		return "no ratio"
	case math.IsInf(widest.Half, 1):
		return "no interval yet for " + ratioName(t.Rows[widest.Row])
	}
	return fmt.Sprintf("±%s for %s", format.FinePercent(widest.Half), ratioName(t.Rows[widest.Row]))
}

// ratioName names the row of a ratio.
func ratioName(row table.Row) string {
	return plain.Line(row.Cell.Row) + " at " + format.Plural(row.Cell.Conns, "connection")
}

// missed is why a run that was made until its ratios are known closely has no such
// answer; nil if it has.
func (p *precision) missed(run result.Run, limit time.Duration) error {
	t := p.rank(run)
	widths, rounds, reached := p.widths(t), 0, true
	for i, load := range t.Loads {
		w := widths[i]
		if w.Row < 0 && len(load.Rows) > 1 {
			return noAnswerf("-until: there is no ratio at %s; the table says why", format.Plural(t.Rows[load.Rows[0]].Cell.Conns, "connection"))
		}
		reached = reached && w.Half <= p.goal
		rounds = max(rounds, w.Rounds)
	}
	if reached {
		return nil
	}
	more := "use a longer -for"
	if rounds > t.Rounds {
		more = fmt.Sprintf("about %s would do; %s", format.Plural(rounds, "round"), more)
	}
	return noAnswerf("after %s and %s: %s, not ±%s; %s", format.Setting(limit), format.Plural(t.Rounds, "round"), widest(t, widths), format.ExactPercent(p.goal), more)
}
