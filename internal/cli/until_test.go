//go:build linux

package cli

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/stat"
)

// twoLoads is a run of two rows, of which the second does 20% more, under two loads:
// at 10 connections they scatter little, at 1000 much.
func twoLoads(rounds int) result.Run {
	random := rand.New(rand.NewPCG(1, 2))
	cells := append(resulttest.Rows(10, "epoll", "goroutine"), resulttest.Rows(1000, "epoll", "goroutine")...)
	run := resulttest.Run(rounds, cells, func(t *result.Trial, c result.Cell) {
		spread := map[int]float64{10: 0.01, 1000: 0.2}[c.Conns]
		t.Load = resulttest.Load(c, 100_000*(1+0.2*float64(t.Cell%2))*math.Exp(spread*random.NormFloat64()))
	})
	run.Header.Cells = append(cells, result.Cell{Kind: result.KindCeiling, Row: "ceiling"})
	run.Header.Rounds, run.Header.Until = maxRounds, &result.Until{Width: 0.05, For: time.Minute}
	return run
}

// Rounds are added until every ratio is known closely enough; a load whose are has no
// more, and the text names the one that is known least.
func TestPrecision(t *testing.T) {
	p := &precision{goal: 0.05}
	for round := 1; round < stat.LeastPairs; round++ {
		look := p.look(twoLoads(round), round)
		if look.Settled != nil || look.Text != "intervals from round 6 on, aiming at ±5%" {
			t.Errorf("round %d: %+v", round, look)
		}
	}
	look := p.look(twoLoads(12), 12)
	if len(look.Settled) != 5 || !look.Settled[0] || !look.Settled[1] || look.Settled[2] || look.Settled[3] || look.Settled[4] {
		t.Errorf("settled %v, want the load of 10 connections", look.Settled)
	}
	if !strings.Contains(look.Text, "% for goroutine at 1,000 connections, aiming at ±5%") || !strings.HasPrefix(look.Text, "±") {
		t.Errorf("text %q", look.Text)
	}
	if look.Rounds < 60 || look.Rounds > 1000 {
		t.Errorf("about %d rounds in all, want about 160", look.Rounds)
	}
	err := p.missed(twoLoads(12), time.Minute)
	if err == nil || code(err) != exitNoAnswer || !strings.HasPrefix(err.Error(), "after 1m and 12 rounds: ±") || !strings.HasSuffix(err.Error(), " rounds would do; use a longer -for") {
		t.Errorf("%v", err)
	}

	// A row that did nothing in some round has no ratio, and more rounds do not help.
	still := twoLoads(12)
	still.Trials[3].Load.Operations = 0
	if look := p.look(still, 20); !look.Settled[2] || !look.Settled[3] {
		t.Errorf("settled %v, want the load without a ratio as well", look.Settled)
	}
	if err := p.missed(still, time.Minute); err == nil || err.Error() != "-until: there is no ratio at 1,000 connections; the table says why" {
		t.Errorf("%v", err)
	}

	p = &precision{goal: 0.9}
	look = p.look(twoLoads(12), 12)
	for cell, settled := range look.Settled[:4] {
		if !settled {
			t.Errorf("cell %d is not settled within ±90%%: %s", cell, look.Text)
		}
	}
	if err := p.missed(twoLoads(12), time.Minute); err != nil {
		t.Error(err)
	}
}

// A look at many rounds takes time, so it is not taken after each of them.
func TestPrecisionLooksSeldom(t *testing.T) {
	p := &precision{goal: 0.001}
	first := p.look(twoLoads(100), 100)
	if again := p.look(result.Run{}, 104); again.Text != first.Text {
		t.Errorf("after 104 rounds %q, want what was known after 100", again.Text)
	}
	if later := p.look(twoLoads(105), 105); later.Text == first.Text {
		t.Errorf("after 105 rounds still %q", later.Text)
	}
}

func TestWidthFlag(t *testing.T) {
	for text, want := range map[string]float64{"3%": 0.03, "0.1%": 0.001, "100%": 1, "2.5%": 0.025, "3": 0, "0%": 0, "-3%": 0, "101%": 0, "x%": 0, "NaN%": 0, "": 0} {
		var w width
		if err := w.Set(text); (err == nil) != (want > 0) || math.Abs(float64(w)-want) > 1e-12 {
			t.Errorf("%q: %v, %v; want %v", text, w, err, want)
		}
		if want > 0 && w.String() != text {
			t.Errorf("%q is shown as %q", text, w.String())
		}
	}
}
