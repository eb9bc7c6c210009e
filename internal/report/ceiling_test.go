package report

import (
	"strings"
	"testing"

	"c1m/internal/table/tabletest"
)

// A ceiling that a row was above is spelled out.
func TestCeilingDisturbed(t *testing.T) {
	run := tabletest.Run()
	if strings.Contains(render(t, run, Options{}), "disturbed") {
		t.Fatal("a ceiling above every row is disturbed")
	}
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Ceiling > 0 && trial.Round > 2 {
			trial.Ceiling = 200_000 // one row has 250,000
		}
	}
	if out := strings.Join(strings.Fields(render(t, run, Options{})), " "); !strings.Contains(out, "! ceiling: disturbed in 4 of 6 rounds, first in round 3: 200k round trips/s, while ") {
		t.Errorf("the table does not say it:\n%s", out)
	}
}
