package table

import (
	"c1m/internal/metric"
	"c1m/internal/result"
)

// Summarise computes the table of a run. Every complete trial is a sample, even if it failed
// a check, because omitting such trials would bias the result. Medians are over trials; a
// p99 is the median of the trials' p99. Rows are compared by Rank.
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

		ServerPlaces: placesOf(run.Trials, serverPlaces),
		ClientPlaces: placesOf(run.Trials, clientPlaces),

		Work:     h.Work,
		LastLook: run.LastLook(),
		Rows:     []Row{},
	}
	ceilings, trials := ceilingByRound(run), run.ByCell()
	var samples []float64
	for i, cell := range h.Cells {
		if cell.Kind != result.KindCeiling {
			continue
		}
		for _, trial := range trials[i] {
			if ceiling := ceilings[trial.Round]; ceiling != nil {
				samples = append(samples, *ceiling)
			} else {
				t.CeilingFailures = addFailure(t.CeilingFailures, trial)
			}
		}
	}
	t.Ceiling = metric.ValueOf(samples)
	t.Disturbed = ceilings.disturbed(run)
	for _, i := range h.RowCells() {
		t.Rows = append(t.Rows, summariseRow(h, h.Cells[i], trials[i], ceilings))
	}
	t.Loads = loadsOf(t.Rows)
	t.countRounds(h, trials)
	return t
}

func summariseRow(h result.Header, cell result.Cell, trials []result.Trial, ceilings ceilingOf) Row {
	row := Row{
		Row:      metric.Row{Cell: cell},
		Trials:   len(trials),
		Problems: problems(trials),
		Failures: []Failure{},

		Conformance: h.ConformanceOf(cell),
		Samples:     []metric.Sample{},

		ServerPlaces: placesOf(trials, serverPlaces),
		ClientPlaces: placesOf(trials, clientPlaces),
	}
	if cell.SLO != "" {
		trials = row.searched(trials)
	}
	var loads []result.Replica
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
		loads = append(loads, *trial.Load)
		row.Samples = append(row.Samples, sample(cell, trial, ceiling))
	}
	row.Complete = len(row.Samples)
	row.Stages = StagesOf(cell, loads)
	row.Values = metric.Summarise(row.Samples, row.Search)
	row.Grows = row.Search == nil && row.Stages == nil && unsustained(row) // behind a spike a queue may shrink
	return row
}

// Sustained is the name of the check whether a server keeps up with the rate.
const Sustained = "sustained"

// unsustained reports whether the rate was not sustained in half the trials or more. Then
// the median latency depends only on the length of the window.
func unsustained(r Row) bool {
	for _, p := range r.Problems {
		if p.Check == Sustained && p.Verdict == result.Failed {
			return 2*p.Rounds >= r.Complete
		}
	}
	return false
}

// addFailure counts a trial without a measurement, once per reason.
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
