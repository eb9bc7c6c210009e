//go:build linux

package suite

import (
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestOutcomeOf(t *testing.T) {
	run := result.Run{Header: result.Header{
		Rounds: 3,
		Cells:  []result.Cell{{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10}}, {Kind: result.KindCeiling, Row: "ceiling"}},
	}}
	good := &result.Replica{}
	failed := []result.Check{{Verdict: result.Failed}, {Verdict: result.Failed}}
	run.Trials = []result.Trial{
		{Cell: 0, Load: good, Checks: []result.Check{{Verdict: result.Warning}, {Verdict: result.Shared}}},
		{Cell: 1, Failure: "a ceiling that failed decides nothing"},
		{Cell: 0, Failure: "first"},
		{Cell: 0, Failure: "second"},
		{Cell: 0, Load: good, Checks: failed},
	}
	want := Outcome{Planned: 3, Complete: 2, Failed: 2, Checks: 1, Failure: "epoll, 10 connections: first"}
	if got := OutcomeOf(run); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	run.Header.Until, run.Header.Rounds = &result.Until{For: time.Minute}, 10_000
	run.Trials[2].Unstarted = true
	want.Planned = 4 // which were made
	if got := OutcomeOf(run); got != want {
		t.Errorf("where the number of rounds is open: %+v, want %+v", got, want)
	}
}

func TestSearchesOf(t *testing.T) {
	cell := result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10, SLO: "p99=5ms"}, Timing: workload.Timing{Window: time.Second}}
	other := cell
	other.Row = "goroutine"
	run := result.Run{Header: result.Header{Cells: []result.Cell{cell, other}}}
	run.Trials = []result.Trial{{Cell: 1, Failure: "it died"}}
	want := Searches{Unanswered: 2, Failure: "epoll, 10 connections: not converged in 0 steps"}
	if got := SearchesOf(run); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
