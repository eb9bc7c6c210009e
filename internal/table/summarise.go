package table

import (
	"slices"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// Summarise computes the table of a run. Every complete trial is a sample,
// believable or not: to leave out the ones that failed a check would be to
// choose. Medians are over trials; a p99 is the median of the trials' p99.
func Summarise(run result.Run) Table {
	h := run.Header
	t := Table{
		Run:         h.Run,
		Command:     h.Command,
		Started:     h.Started,
		Engine:      h.Engine,
		Seed:        h.Seed,
		Rounds:      h.Rounds,
		Truncated:   run.Truncated,
		Environment: h.Environment,

		ServerPlaces: placesOf(run.Trials, ServerPlaces),
		ClientPlaces: placesOf(run.Trials, ClientPlaces),

		Work: h.Work,
		Rows: []Row{},
	}
	ceilings := ceilingByRound(run)
	var samples []float64
	trials := make([][]result.Trial, len(h.Cells))
	for _, trial := range run.Trials {
		if trial.Cell < 0 || trial.Cell >= len(h.Cells) {
			continue // Read refuses such a file; a Run made in memory may hold anything
		}
		trials[trial.Cell] = append(trials[trial.Cell], trial)
		if h.Cells[trial.Cell].Kind != result.KindCeiling {
			continue
		}
		if ceiling := ceilings[trial.Round]; ceiling != nil {
			samples = append(samples, *ceiling)
		} else {
			t.CeilingFailures = addFailure(t.CeilingFailures, trial)
		}
	}
	t.Ceiling = metric.ValueOf(samples)
	t.Disturbed = ceilings.disturbed(run)
	for i, cell := range h.Cells {
		if cell.Kind != result.KindCeiling {
			t.Rows = append(t.Rows, summariseRow(h, cell, trials[i], ceilings))
		}
	}
	t.Tried = tried(t.Rows, trials, h.Cells)
	return t
}

func summariseRow(h result.Header, cell result.Cell, trials []result.Trial, ceilings ceilingOf) Row {
	row := Row{
		Row:      metric.Row{Cell: cell},
		Trials:   len(trials),
		Problems: problems(trials),
		Failures: []Failure{},
		Samples:  []metric.Sample{},

		ServerPlaces: placesOf(trials, ServerPlaces),
		ClientPlaces: placesOf(trials, ClientPlaces),
	}
	if cell.SLO != "" {
		trials = row.searched(trials)
	}
	for _, trial := range trials {
		row.Lengthened = max(row.Lengthened, trial.Window)
		for _, c := range trial.Checks {
			row.Shared = row.Shared || c.Verdict == result.Shared
		}
		if trial.Server != nil {
			row.Printed = max(row.Printed, trial.Server.Printed)
		}
		if !Complete(trial) {
			row.Failures = addFailure(row.Failures, trial)
			continue
		}
		var ceiling *float64
		if bounds(h, cell) {
			ceiling = ceilings[trial.Round]
		}
		row.Samples = append(row.Samples, sample(cell, trial, ceiling))
	}
	row.Complete = len(row.Samples)
	row.Values = metric.Summarise(row.Samples, row.Search)
	row.Grows = row.Kind() == workload.Open && unsustained(row)
	return row
}

// Sustained is the check of whether a server keeps up with what is offered.
const Sustained = "sustained"

// unsustained reports whether the rate was not sustained in half the trials or
// more. Then the median latency tells how long the window was, and nothing else.
func unsustained(r Row) bool {
	for _, p := range r.Problems {
		if p.Check == Sustained && p.Verdict == result.Failed {
			return 2*p.Rounds >= r.Complete
		}
	}
	return false
}

// tried counts the rounds in which every row had a trial, apart from rows that
// were given up because their server does not start.
func tried(rows []Row, trials [][]result.Trial, cells []result.Cell) int {
	seen := make(map[int]int) // round → rows with a trial in it
	want := len(rows)
	for i, of := range trials {
		if cells[i].Kind == result.KindCeiling {
			continue
		}
		rounds := make(map[int]bool)
		for _, trial := range of {
			rounds[trial.Round] = true
		}
		if unstarted(of) {
			want--
			continue
		}
		for round := range rounds {
			seen[round]++
		}
	}
	n := 0
	for _, have := range seen {
		if have == want {
			n++
		}
	}
	return n
}

// unstarted reports whether a cell was given up because its server does not
// start.
func unstarted(trials []result.Trial) bool {
	return slices.ContainsFunc(trials, func(t result.Trial) bool { return t.Unstarted })
}

// addFailure counts a trial without a measurement. Its reason is said once,
// however often it came.
func addFailure(failures []Failure, trial result.Trial) []Failure {
	message := trial.Failure
	if message == "" {
		message = "no reason was recorded"
	}
	for i := range failures {
		if SameReason(failures[i].Message, message) {
			failures[i].Rounds++
			return failures
		}
	}
	return append(failures, Failure{Message: message, Rounds: 1, First: trial.Round, Unstarted: trial.Unstarted})
}
