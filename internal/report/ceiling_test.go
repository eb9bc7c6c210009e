package report

import (
	"strings"
	"testing"

	"c1m/internal/result/resulttest"
)

// A ceiling that a row was above is spelled out.
func TestCeilingDisturbed(t *testing.T) {
	run := resulttest.Table()
	if strings.Contains(render(t, run, Options{}), "disturbed") {
		t.Fatal("a ceiling above every row is disturbed")
	}
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Ceiling > 0 && trial.Round > 2 {
			trial.Ceiling = 200_000 // one row has 250,000
		}
	}
	for want, o := range map[string]Options{
		"! ceiling disturbed (4 of 6 rounds): its share is left out there":                    {Wide: true},
		"! ceiling: disturbed in 4 of 6 rounds, first in round 3: 200k round trips/s, while ": {Notes: true},
	} {
		if out := strings.Join(strings.Fields(render(t, run, o)), " "); !strings.Contains(out, want) {
			t.Errorf("the table does not say %q:\n%s", want, out)
		}
	}
}
