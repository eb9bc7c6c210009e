package report

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// reopened is the fixture with connections that are reopened, ALL OF IT
// INVENTED.
func reopened(change func(*result.Cell, *result.Replica, *result.Server)) result.Run {
	run := resulttest.Table()
	for i := range run.Header.Cells {
		if run.Header.Cells[i].Kind != result.KindCeiling {
			change(&run.Header.Cells[i], nil, nil)
		}
	}
	for _, trial := range run.Trials {
		if trial.Load == nil {
			continue
		}
		trial.Load.Reconnect = resulttest.All(100, 3*time.Millisecond)
		change(nil, trial.Load, trial.Server)
	}
	return run
}

func TestChurnGolden(t *testing.T) {
	golden(t, "churn.txt", reopened(func(c *result.Cell, l *result.Replica, _ *result.Server) {
		if c != nil {
			c.Churn = 100
			return
		}
		l.Workload.Churn, l.Reopened = 100, 99
	}), Options{})
}

func TestStormGolden(t *testing.T) {
	run := reopened(func(c *result.Cell, l *result.Replica, s *result.Server) {
		if c != nil {
			c.Storm = true
			return
		}
		l.Storm = &result.Storm{Recovered: 150 * time.Millisecond, Failures: 3}
		if s != nil {
			peak := *s.User + 1_000_000
			s.Peak = &peak
		}
	})
	// One row never came back: it has no time of recovery.
	for _, trial := range run.Trials {
		if trial.Load != nil && run.Header.Cells[trial.Cell].Row == "other|host" {
			trial.Load.Storm.Silent = 7
		}
	}
	golden(t, "storm.txt", run, Options{})
	golden(t, "storm-wide.txt", run, Options{Wide: true})
	for _, row := range table.Summarise(run).Rows {
		if (row.Values["recovered_ns"] == nil) != (row.Cell.Row == "other|host") {
			t.Errorf("%s recovered after %v", row.Cell.Row, row.Values["recovered_ns"])
		}
	}
	if text := render(t, run, Options{Format: "csv"}); !strings.Contains(text, ",150000000,3,") {
		t.Errorf("no recovery in\n%s", text)
	}
}
