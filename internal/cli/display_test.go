//go:build linux

package cli

import (
	"bytes"
	"testing"
	"time"
	"unicode/utf8"

	"c1m/internal/result"
	"c1m/internal/suite"
	"c1m/internal/workload"
)

func TestDisplayLines(t *testing.T) {
	event := suite.Event{
		Round: 2, Rounds: 6, Trial: 9, Trials: 24, Left: 61*time.Second + 400*time.Millisecond,
		Cell: result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 1000}}, Phase: suite.Connecting,
		Connected: 512, Asked: 1000,
	}
	if got, want := line(event), "round 2/6 · trial 9/24 · 1m1s left · epoll 1000 · connecting 512/1000"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
	event.Phase = suite.Done
	count := func(n int64) *int64 { return &n }
	for _, test := range []struct {
		trial result.Trial
		want  string
	}{
		{result.Trial{Failure: "it died"}, "no measurement: it died"},
		{result.Trial{Ceiling: 1234.5}, "1234 round trips/s"},
		{
			result.Trial{
				Load:   &result.Replica{Operations: 500, Window: 500 * time.Millisecond},
				Checks: []result.Check{{Name: "a", Verdict: result.Warning}, {Name: "errors", Verdict: result.Failed}},
			},
			"1000 round trips/s · FAILED errors",
		},
		{
			result.Trial{
				Load:   &result.Replica{Operations: 500, Window: 500 * time.Millisecond, Workload: workload.Workload{Push: true}},
				Server: &result.Server{Dropped: count(7), Disconnected: count(0)},
			},
			"1000 deliveries/s · 7 dropped",
		},
		{
			result.Trial{
				Load:   &result.Replica{Operations: 500, Window: 500 * time.Millisecond, Workload: workload.Workload{Push: true}},
				Server: &result.Server{Dropped: count(0), Disconnected: count(2)},
			},
			"1000 deliveries/s · 2 disconnected",
		},
	} {
		event.Result = &test.trial
		event.Cell.Push = test.trial.Load != nil && test.trial.Load.Workload.Push
		if got, want := doneLine(event), "round 2/6 · trial 9/24 · "+cellName(event.Cell)+" · "+test.want+" · 1m1s left"; got != want {
			t.Errorf("line %q, want %q", got, want)
		}
	}
}

func TestDisplayOnTerminal(t *testing.T) {
	var b bytes.Buffer
	d := &display{w: &b, tty: &b, width: 30}
	d.draw("round 1/6 · a line that is longer than the terminal is wide")
	text, ok := bytes.CutPrefix(b.Bytes(), []byte("\r\x1b[K"))
	if !ok || utf8.RuneCount(text) != 29 || !bytes.HasSuffix(text, []byte("…")) {
		t.Errorf("drawn %q: want the line cut to 29 characters, the last of which says so", b.String())
	}
	b.Reset()
	d.end()
	if b.String() != "\r\x1b[K" {
		t.Errorf("end drew %q, want the line cleared", b.String())
	}
}

func TestDisplayQuiet(t *testing.T) {
	var b bytes.Buffer
	d := newDisplay(&b, true)
	d.plan(result.Header{}, "x")
	d.observe(suite.Event{Phase: suite.Done, Result: &result.Trial{}})
	d.end()
	if b.Len() > 0 {
		t.Errorf("-q printed %q", b.String())
	}
}

// A reason that came before is not told again, whatever port is in it.
func TestDisplayTellsAReasonOnce(t *testing.T) {
	var b bytes.Buffer
	d := newDisplay(&b, false)
	for i, why := range []string{"x (./x 127.0.0.1:4001) died", "x (./x 127.0.0.1:39001) died", "another"} {
		trial := result.Trial{Failure: why}
		d.observe(suite.Event{Round: 1, Rounds: 1, Trial: i + 1, Trials: 3, Cell: result.Cell{Row: "x", Workload: workload.Workload{Conns: 9}}, Phase: suite.Done, Result: &trial})
		if trial.Failure != why {
			t.Error("the trial itself was changed")
		}
	}
	want := `round 1/1 · trial 1/3 · x 9 · no measurement: x (./x 127.0.0.1:4001) died · 0s left
round 1/1 · trial 2/3 · x 9 · no measurement: as in trial 1 · 0s left
round 1/1 · trial 3/3 · x 9 · no measurement: another · 0s left
`
	if b.String() != want {
		t.Errorf("progress\n%swant\n%s", b.String(), want)
	}
}

// How the time was spent takes two lines, and leaves out what is of no interest.
func TestDisplayOfTime(t *testing.T) {
	spent := suite.Spent{
		Trials: 195, All: 179 * time.Second, Windows: 61200 * time.Millisecond, Warmups: 25 * time.Second,
		Between: map[suite.Phase]time.Duration{
			suite.Starting: 9240 * time.Millisecond, suite.Connecting: 41 * time.Second, suite.Done: 2 * time.Second,
			suite.Closing: 41 * time.Second, suite.Priming: time.Second, suite.Looked: 50 * time.Millisecond,
		},
	}
	want := `195 trials in 2m59s: windows 1m1s, warm-ups 25s, between them 1m33s
between: closing 41s, connecting 41s, starting 9.2s, the rest 2s
`
	if got := spentLines(spent); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := spentLines(suite.Spent{All: time.Second}); got != "" {
		t.Errorf("a run without a trial: %q", got)
	}
}

// Where rounds are added as they are needed, each says how near the answer is.
func TestDisplayOfOpenRounds(t *testing.T) {
	var b bytes.Buffer
	d := newDisplay(&b, false)
	event := suite.Event{Round: 14, Trial: 70, Left: 90 * time.Second, Look: suite.Look{Text: "±4.1%, aiming at ±3%"}, Phase: suite.Looked}
	d.observe(event)
	if want := "round 14: ±4.1%, aiming at ±3% · at most 1m30s left\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	event.Phase, event.Cell, event.Result = suite.Done, result.Cell{Row: "x", Workload: workload.Workload{Conns: 9}}, &result.Trial{Failure: "it died"}
	if got, want := doneLine(event), "round 14 · trial 70 · x 9 · no measurement: it died · 1m30s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	event.Phase = suite.Measuring
	if got, want := line(event), "round 14 · trial 70 · ±4.1%, aiming at ±3% · 1m30s left · x 9 · measuring"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
