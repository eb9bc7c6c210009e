//go:build linux

package cli

import (
	"bytes"
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"c1m/internal/compare"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/suite"
)

// runOf is a run of rows at 100 connections whose throughput in each round is
// what ops says.
func runOf(rounds int, ops func(round, row int) float64, rows ...string) result.Run {
	cells := resulttest.Rows(100, rows...)
	for i := range cells {
		cells[i].Kind, cells[i].Command = result.KindExec, "./server {addr}"
	}
	return resulttest.Run(rounds, cells, func(t *result.Trial, c result.Cell) {
		t.Load = resulttest.Steady(c, ops(t.Round-1, t.Cell))
	})
}

// store writes a run to a file of a new directory.
func store(t *testing.T, name string, run result.Run) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	resulttest.Write(t, name, run)
	return name
}

// What was not shown is no pass: a fifth less in rounds that scatter has the exit
// code 3, in rounds that do not it is 1, and only what was shown to be alike is 0.
func TestCompareExits(t *testing.T) {
	of := func(factor, scatter float64) func(round, _ int) float64 {
		return func(round, _ int) float64 { return 1e5 * factor * (1 + scatter*math.Sin(7*float64(round*round))) }
	}
	for name, c := range map[string]struct {
		old, new func(int, int) float64
		want     int
		says     string
	}{
		"-20%, scattered": {of(1, 0.4), of(0.8, 0.45), exitNoAnswer, "CANNOT TELL: 1 cannot tell"},
		"-20%":            {of(1, 0.01), of(0.8, 0.012), exitNo, "SLOWER: 1 slower"},
		"the same":        {of(1, 0.01), of(1, 0.012), exitOK, "UNCHANGED: 1 unchanged"},
		"+20%":            {of(1, 0.01), of(1.2, 0.012), exitOK, "FASTER: 1 faster"},
	} {
		old, new := store(t, "old.jsonl", runOf(12, c.old, "echo")), store(t, "new.jsonl", runOf(12, c.new, "echo"))
		var out, said bytes.Buffer
		if code := run(context.Background(), "bench", []string{"compare", old, new}, streams{strings.NewReader(""), &out, &said}); code != c.want || !strings.HasPrefix(out.String(), c.says+"\n") {
			t.Errorf("%s: exit code %d, want %d\n%s%s", name, code, c.want, out.String(), said.String())
		}
		if told := said.String(); (c.want == exitNoAnswer) != strings.Contains(told, "too wide for a margin of 5%") {
			t.Errorf("%s: %q", name, told)
		}
	}
}

// Rows of one run are compared within blocks: what pairs clearly is told although
// the rows overlap as a whole.
func TestBlocksExit(t *testing.T) {
	drifting := func(factor float64) func(round, row int) float64 {
		return func(round, row int) float64 {
			ops := 1e5 * (1 + 0.3*math.Sin(float64(round)))
			if row == 1 {
				ops *= factor * (1 + 0.01*math.Sin(7*float64(round*round)))
			}
			return ops
		}
	}
	for name, c := range map[string]struct {
		blocks int
		factor float64
		want   int
	}{
		"-10%":       {12, 0.9, exitNo},
		"within 2%":  {40, 1, exitOK},
		"too few":    {5, 0.5, exitNoAnswer},
		"the margin": {40, 0.951, exitNoAnswer},
	} {
		verdict, err := compare.Halves(runOf(c.blocks, drifting(c.factor), rowA, rowB), rowA, rowB, compare.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if u := verdict.Rows[0].Units[0]; c.factor >= 0.9 && (u.New.Most < u.Old.Median || u.Old.Least > u.New.Median) {
			t.Fatalf("%s: the rows do not overlap: %+v, %+v", name, u.Old, u.New)
		}
		for _, format := range compare.Formats() {
			var out bytes.Buffer
			if got := code(showVerdict(verdict, format, streams{strings.NewReader(""), &out, &out})); got != c.want {
				t.Errorf("%s, %s: exit code %d, want %d\n%s", name, format, got, c.want, out.String())
			}
		}
	}
}

// An interrupted run shows what is known, and is no answer.
func TestInterruptedExits(t *testing.T) {
	slower := runOf(12, func(round, row int) float64 { return 1e5 * (1 - 0.5*float64(row)) * (1 + 0.01*float64(round*round%7)) }, rowA, rowB)
	open := &follower{}
	open.looks = compare.PlanLooks(50)
	for _, c := range []struct {
		f         abFlags
		trials    int
		out, said string
	}{
		{abFlags{follower: open}, 24, "SLOWER: 1 slower", "interrupted: 24 trials are complete"},
		{abFlags{follower: open}, 4, "CANNOT TELL: 1 cannot tell", "interrupted: 4 trials are complete"},
		{abFlags{follower: open}, 0, "", "interrupted: 0 trials are complete"},
		{abFlags{}, 16, "SLOWER: 1 slower", "interrupted: 16 of 24 trials are complete"},
	} {
		part := slower
		part.Trials = slower.Trials[:c.trials]
		var out bytes.Buffer
		err := c.f.interrupted(part, suite.OutcomeOf(part), streams{strings.NewReader(""), &out, &out})
		if head, _, _ := strings.Cut(out.String(), "\n"); code(err) != exitNoAnswer || err.Error() != c.said || head != c.out {
			t.Errorf("%d trials: exit code %d, %v, %q; want 3, %q, %q", c.trials, code(err), err, head, c.said, c.out)
		}
	}
}

// The follower plans its looks from how long the first blocks took, says how the
// interval closes in, and which cells are settled.
func TestFollower(t *testing.T) {
	alike := runOf(40, func(round, row int) float64 {
		return 1e5 * (1 + 0.02*math.Sin(7*float64(round*round+row)))
	}, rowA, rowB)
	f := &follower{limit: time.Minute, now: func() time.Time { return alike.Header.Started.Add(5 * time.Second) }}
	told := ""
	for round := 1; round <= 40; round++ {
		part := alike
		part.Trials = alike.Trials[:2*round]
		look := f.look(part, round)
		if round < 6 {
			if look.Text != "" || look.Settled != nil || (look.LastLook > 0) != (round == 5) {
				t.Errorf("round %d: %+v before the first look", round, look)
			}
			continue
		}
		if look.LastLook != 75 {
			t.Errorf("round %d: the last look is at %d", round, look.LastLook)
		}
		if len(look.Settled) != 2 || look.Settled[0] != look.Settled[1] {
			t.Fatalf("round %d: %v", round, look.Settled)
		}
		if look.Settled[0] {
			if want := "at 100: unchanged"; look.Text != want || round > 30 {
				t.Errorf("round %d: %q, want %q", round, look.Text, want)
			}
			break
		}
		if round == 6 {
			if told = look.Text; !strings.HasPrefix(told, "b/a at 100: 0.") || !strings.HasSuffix(told, " after 6 blocks") || look.Rounds <= 6 {
				t.Errorf("%+v", look)
			}
		}
		if round == 40 {
			t.Error("40 blocks that differ by 2% are not settled")
		}
	}
	gone := alike
	gone.Trials = []result.Trial{{Round: 1, Cell: 0, Failure: "it did not start", Unstarted: true}, alike.Trials[1]}
	if look := f.look(gone, 1); len(look.Settled) != 2 || !look.Settled[0] || !look.Settled[1] {
		t.Errorf("a server that does not start: %+v", look)
	}
	if f.looks.Most() != 75 {
		t.Errorf("at most %d blocks of a second in a minute, want a quarter more than 60", f.looks.Most())
	}
}
