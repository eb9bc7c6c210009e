//go:build linux

package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// Rows × connections × loads, the closed loop first where a share needs it.
func TestCellsOfRates(t *testing.T) {
	name := func(c result.Cell) string {
		return strings.Join([]string{c.Row, format.Unscaled(float64(c.Conns)), format.Unscaled(c.Rate), format.Unscaled(100 * c.RateShare), c.Arrivals, c.SLO}, " ")
	}
	for _, test := range []struct {
		rates string
		slo   string
		want  []string
	}{
		{"", "", []string{"epoll 10 0 0  ", "goroutine 10 0 0  "}},
		{"500", "", []string{"epoll 10 500 0 uniform ", "goroutine 10 500 0 uniform "}},
		{"500,50%", "", []string{
			"epoll 10 0 0  ", "goroutine 10 0 0  ",
			"epoll 10 500 0 uniform ", "goroutine 10 500 0 uniform ",
			"epoll 10 0 50 uniform ", "goroutine 10 0 50 uniform ",
		}},
		{"", "p99=5ms", []string{"epoll 10 0 0 uniform p99=5ms", "goroutine 10 0 0 uniform p99=5ms"}},
	} {
		cells := plan(t, runWith(func(f *runFlags) {
			f.modes = []string{"epoll", "goroutine"}
			f.set("conn", "10")
			if test.rates != "" {
				f.set("rate", strings.Split(test.rates, ",")...)
			}
			if test.slo != "" {
				f.set("slo", test.slo)
			}
		}))
		var got []string
		for _, c := range cells {
			got = append(got, name(c))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("-rates %q -slo %q: cells %q, want %q", test.rates, test.slo, got, test.want)
		}
	}
}

func TestJudgeSearches(t *testing.T) {
	cell := result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10, SLO: "p99=5ms"}, Window: time.Second}
	other := cell
	other.Row = "goroutine"
	run := result.Run{Header: result.Header{Cells: []result.Cell{cell, other}}}
	run.Trials = []result.Trial{{Cell: 1, Failure: "it died"}}
	answered, nothing, unanswered, failure := judgeSearches(run)
	if answered != 0 || nothing != 0 || unanswered != 2 || failure != "epoll, 10 connections: not converged in 0 steps" {
		t.Errorf("%d answered, %d nothing, %d unanswered: %q", answered, nothing, unanswered, failure)
	}
	if err := concludeSearch(run, 0, false); code(err) != exitNoAnswer || !strings.HasPrefix(err.Error(), "2 of 2 searches without an answer: epoll") {
		t.Errorf("concluded %v", err)
	}
}

func TestDisplayOfLoads(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want string
	}{
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10}}, "epoll 10"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Rate: 50_000}}, "epoll 10 at 50000/s"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Rate: 1234.56, RateShare: 0.5}}, "epoll 10 at 1235/s"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, RateShare: 0.125}}, "epoll 10 at 12.5%"},
	} {
		if got := cellName(test.cell); got != test.want {
			t.Errorf("%+v is %q, want %q", test.cell, got, test.want)
		}
	}
}
