package compare

import (
	"slices"
	"testing"

	"c1m/internal/result"
)

// Progress says how an interval (of the last look) closes in, of each load that has no verdict yet.
func TestProgress(t *testing.T) {
	// Two loads in one run: one whose servers differ by half, and one that is
	// about to be told.
	loads := func(n int) result.Run {
		r, other := blocks(n, 0.5, 1), blocks(n, 1, 30)
		for i := range other.Header.Cells {
			other.Header.Cells[i].Conns = 1000
		}
		for _, trial := range other.Trials {
			trial.Cell += 2
			r.Trials = append(r.Trials, trial)
		}
		r.Header.Cells = append(slices.Clone(r.Header.Cells), other.Header.Cells...)
		return r
	}
	looks := PlanLooks(100)
	for _, c := range []struct {
		run  result.Run
		gate []string
		want string
	}{
		{loads(5), nil, ""},
		{loads(8), nil, "b/a at 1,000: 0.57–1.87 after 7 blocks; at 100: slower"},
		{blocks(8, 1, 30), nil, "b/a at 100: 0.61–1.75 after 7 blocks"},
		{blocks(8, 0.5, 1), []string{"ops/s", "memory"}, "ops/s at 100: slower"},
	} {
		got, err := Growing(c.run, "a", "b", Options{Gate: c.gate}, looks, false)
		if err != nil || got.Progress() != c.want {
			t.Errorf("%v: %q, want %q", err, got.Progress(), c.want)
		}
	}
}
