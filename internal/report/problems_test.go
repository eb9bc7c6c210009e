package report

import (
	"slices"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// A check that was not judged is shown behind its own mark, after what failed
// and what gave a warning; one that failed in another round has failed.
func TestNotJudged(t *testing.T) {
	trial := func(round int, checks ...result.Check) result.Trial {
		return result.Trial{Round: round, Checks: checks, Load: &result.Replica{}}
	}
	unknown := result.Check{Name: "delivered", Verdict: result.NotJudged, Value: "10", Limit: "too few"}
	for _, c := range []struct {
		trials      []result.Trial
		long, short string
	}{
		{[]result.Trial{trial(1, unknown)}, "? delivered", "? delivered"},
		{[]result.Trial{trial(1, unknown, result.Check{Name: "active", Verdict: result.NotJudged})}, "? delivered, active", "? delivered +1"},
		{[]result.Trial{trial(1, unknown), trial(2, result.Check{Name: "steady", Verdict: result.Warning})}, "! steady ? delivered", "! steady +1"},
		{[]result.Trial{trial(1, unknown), trial(2, result.Check{Name: "delivered", Verdict: result.Failed})}, "✗ delivered", "✗ delivered"},
		{[]result.Trial{trial(1, result.Check{Name: "generator", Verdict: result.Shared})}, "ok", "ok"},
	} {
		row := rowOf(c.trials...)
		if long, short := verdict(row), shortVerdict(row); long != c.long || short != c.short {
			t.Errorf("%q, %q; want %q, %q", long, short, c.long, c.short)
		}
	}
	row := rowOf(trial(1, unknown))
	other := row
	other.Cell.Row = "goroutine"
	if got, want := unjudgedNotes([]table.Row{row, other}, differences{}), []string{"? epoll, 10 connections and 1 more row: delivered not judged: 10 (too few)"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := checks(row, result.NotJudged); got != "delivered" {
		t.Errorf("csv has %q", got)
	}
}

// rowOf is a row with such trials.
func rowOf(trials ...result.Trial) table.Row {
	run := resulttest.Run(0, resulttest.Rows(10, "epoll"), nil)
	run.Trials = trials
	return table.Summarise(run).Rows[0]
}
