//go:build linux

package suite

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"c1m/internal/check"
	"c1m/internal/result"
)

var errTest = errors.New("a reason")

// runs makes a run of the cells and returns its trials.
func runs(t *testing.T, fake *fakeEngine, rounds int, cells ...result.Cell) []result.Trial {
	t.Helper()
	var trials []result.Trial
	err := Run(t.Context(), Config{
		Header: result.Header{Cells: cells, Rounds: rounds, Seed: 1},
		Engine: fake, Ceiling: ceiling,
		Append: func(tr result.Trial) error { trials = append(trials, tr); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return trials
}

// What does not start is tried once, whatever its load, and each of its cells
// says why; the others have all their rounds.
func TestWhatDoesNotStartIsTriedOnce(t *testing.T) {
	more := cell("a", "no server")
	more.Conns, more.Rate = 1000, 50
	share := cell("a", "no server")
	share.RateShare = 0.5
	fake := &fakeEngine{}
	trials := runs(t, fake, 6, cell("a", "no server"), more, share, cell("good", ""))
	tried := 0
	for _, row := range fake.order {
		if row == "a" {
			tried++
		}
	}
	if tried != 1 || len(fake.order) != 7 {
		t.Errorf("%d servers were started, a %d times, want 7 and 1", len(fake.order), tried)
	}
	var of [4]int
	for _, tr := range trials {
		of[tr.Cell]++
		if tr.Cell < 3 && (tr.Failure != "it did not start" || !tr.Unstarted) {
			t.Errorf("cell %d: failure %q, unstarted %v", tr.Cell, tr.Failure, tr.Unstarted)
		}
	}
	if of != [4]int{1, 1, 1, 6} {
		t.Errorf("the cells have %v trials, want one of each that did not start and 6 of the other", of)
	}
}

// A server that has started before is tried in every round.
func TestWhatStartedOnceIsTriedAgain(t *testing.T) {
	s := newStarts()
	c := cell("x", "")
	s.note(c, nil)
	s.note(c, errTest)
	if err := s.refusal(c); err != nil {
		t.Errorf("it is not tried again: %v", err)
	}
	other := c
	other.Concurrency = 3
	s.note(other, errTest)
	if s.refusal(other) == nil || s.refusal(c) != nil {
		t.Error("a server with other settings is another")
	}
}

// What becomes of a server when its connections close does not cost the
// measurement.
func TestDeathAfterTheWindow(t *testing.T) {
	for _, tr := range runs(t, &fakeEngine{}, 3, cell("x", "dies of the end")) {
		if tr.Failure != "" || tr.Load == nil || tr.Server == nil {
			t.Fatalf("failure %q, load %v, server %v; want a measurement", tr.Failure, tr.Load, tr.Server)
		}
		i := slices.IndexFunc(tr.Checks, func(c result.Check) bool { return c.Name == check.End(errTest).Name })
		if i < 0 || tr.Checks[i].Verdict != result.Warning || !strings.Contains(tr.Checks[i].Value, "the server died") {
			t.Errorf("checks %+v, want a warning that the server died", tr.Checks)
		}
	}
}
