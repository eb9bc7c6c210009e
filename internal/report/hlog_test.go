package report

import (
	"bytes"
	"strings"
	"testing"

	"c1m/internal/result/resulttest"
)

// One interval for each complete trial of a server, under its row's name.
func TestHlog(t *testing.T) {
	run := resulttest.Table()
	complete := 0
	for _, trial := range run.Trials {
		if trial.Load != nil && trial.Load.Latency.Count() > 0 {
			complete++
		}
	}
	var first, again bytes.Buffer
	if err := WriteHlog(&first, run); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(first.String(), "\nTag="); n != complete || n == 0 {
		t.Errorf("%d intervals, want %d", n, complete)
	}
	for _, tag := range []string{"Tag=multiepoll:handoff-random/1000,", "Tag=c/10000,", "Tag=other|host/1000,"} {
		if !strings.Contains(first.String(), "\n"+tag) {
			t.Errorf("no %s", tag)
		}
	}
	if err := WriteHlog(&again, run); err != nil || again.String() != first.String() {
		t.Errorf("another time, another log (%v)", err)
	}
}
