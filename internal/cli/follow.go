//go:build linux

package cli

import (
	"slices"
	"time"

	"c1m/internal/compare"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/suite"
)

// follower judges a run of two rows after each round, and says which cells have
// their verdict.
type follower struct {
	options compare.Options
	limit   time.Duration // of the run
	now     func() time.Time

	looks stat.Looks // planned when it is known how long a round takes
	last  suite.Look
}

// look is what is known after a round of a run. Between two looks that is what was
// known at the first of them: to judge many blocks takes time. A load that has fewer
// blocks than there are rounds, because one of its trials failed, is looked at a
// little later than planned.
func (f *follower) look(run result.Run, round int) suite.Look {
	if round == compare.FirstLook-1 {
		f.looks = compare.PlanLooks(f.most(run, round))
		f.last.LastLook = f.looks.Most()
	}
	if !f.looks.Due(round) && !startless(run) {
		return f.last
	}
	c, err := compare.Growing(run, rowA, rowB, f.options, f.looks, false)
	if err != nil { // which would have been an error before
		return suite.Look{}
	}
	settled := make([]bool, len(run.Header.Cells))
	for cell, is := range c.Settled() {
		settled[cell] = is
	}
	f.last = suite.Look{Settled: settled, Rounds: c.Needed(), Text: c.Progress(), LastLook: f.looks.Most()}
	return f.last
}

// startless reports whether the last trials of a run had a server that does not
// start: its load needs no more of them.
func startless(run result.Run) bool {
	return slices.ContainsFunc(run.Trials[max(0, len(run.Trials)-len(run.Header.Cells)):], func(t result.Trial) bool { return t.Unstarted })
}

// most is how many blocks a load may have in the time of the run: as many as if
// the other loads had their verdict, and a quarter more, since the first blocks may
// have found their windows too short. The share of alpha of looks that do not take
// place is spent at the last one; more blocks would not change a verdict.
func (f *follower) most(run result.Run, round int) int {
	took := f.now().Sub(run.Header.Started)
	loads := max(1, len(run.Header.Cells)/2)
	each := max(1, took/time.Duration(round*loads))
	return min(openedRounds(len(run.Header.Cells)), int(f.limit/each*5/4))
}
