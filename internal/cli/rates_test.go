//go:build linux

package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/load"
	"c1m/internal/result"
	"c1m/internal/search"
)

func TestRates(t *testing.T) {
	for text, want := range map[string]rates{
		"500":          {{500, 0}},
		"10k,50%":      {{10_000, 0}, {0, 0.5}},
		"1M, 12.5% ,1": {{1_000_000, 0}, {0, 0.125}, {1, 0}},
		"10k,10000":    {{10_000, 0}},
		"0.5,1.5,.5":   {{0.5, 0}, {1.5, 0}},
		"1234.5":       {{1234.5, 0}},
		"200%":         {{0, 2}},
	} {
		var got rates
		if err := got.Set(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
		var again rates
		if err := again.Set(got.String()); err != nil || !slices.Equal(again, got) {
			t.Errorf("%v does not read what it writes: %v, %v", got, again, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "0.0", "10k,", "%", "0%", "-5%", "201%", "NaN%", "Inf%", "x%", "2000M", "1e99"} {
		var got rates
		if err := got.Set(text); err == nil || strings.Contains(err.Error(), "strconv") {
			t.Errorf("%q is %v with error %v, want one that says what to write", text, got, err)
		}
	}
}

// Rows × connections × loads, the closed loop first where a share needs it.
func TestCellsOfRates(t *testing.T) {
	name := func(c result.Cell) string {
		return strings.Join([]string{c.Row, perSecond(float64(c.Conns)), perSecond(c.Rate), perSecond(100 * c.RateShare), c.Arrivals, c.SLO}, " ")
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
			f.modes, f.conns, f.slo = []string{"epoll", "goroutine"}, counts{10}, test.slo
			if test.rates != "" {
				if err := f.rates.Set(test.rates); err != nil {
					t.Fatal(err)
				}
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

// A search must not ask a replica for more than it offers.
func TestSearchKnowsWhatAReplicaOffers(t *testing.T) {
	if search.MaxRate != load.MaxRate {
		t.Errorf("a search goes up to %v/s a replica, which offers up to %v", float64(search.MaxRate), float64(load.MaxRate))
	}
}

func TestJudgeSearches(t *testing.T) {
	cell := result.Cell{Kind: result.KindMode, Row: "epoll", Conns: 10, SLO: "p99=5ms", Window: time.Second}
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
		{result.Cell{Row: "epoll", Conns: 10}, "epoll 10"},
		{result.Cell{Row: "epoll", Conns: 10, Rate: 50_000}, "epoll 10 at 50000/s"},
		{result.Cell{Row: "epoll", Conns: 10, Rate: 1234.56, RateShare: 0.5}, "epoll 10 at 1235/s"},
		{result.Cell{Row: "epoll", Conns: 10, RateShare: 0.125}, "epoll 10 at 12.5%"},
	} {
		if got := cellName(test.cell); got != test.want {
			t.Errorf("%+v is %q, want %q", test.cell, got, test.want)
		}
	}
}
