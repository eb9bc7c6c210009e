//go:build linux

package multiepoll

import (
	"slices"
	"testing"

	"c1m/servers"
)

// share counts which loops the chooser names in 3000 turns, each connection
// being adopted before the next comes.
func share(t *testing.T, variant string, before func(*servers.Counters)) []int {
	t.Helper()
	counters, err := servers.NewCounters(3)
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	choose := chooser(servers.Config{Variant: variant, Concurrency: 3, Counters: counters})
	if before != nil {
		before(counters)
	}
	got := make([]int, 3)
	for range 3000 {
		i := choose()
		got[i]++
		counters.Writer(i).Accepted.Add(1)
		counters.Writer(i).Open.Add(1)
	}
	return got
}

func TestRoundRobin(t *testing.T) {
	if got := share(t, "handoff", nil); !slices.Equal(got, []int{1000, 1000, 1000}) {
		t.Errorf("shares %v", got)
	}
}

func TestRandom(t *testing.T) {
	for i, n := range share(t, "handoff-random", nil) {
		if n < 800 || n > 1200 { // over 7 standard deviations
			t.Errorf("loop %d got %d of 3000", i, n)
		}
	}
}

func TestLeast(t *testing.T) {
	if got := share(t, "handoff-least", nil); !slices.Equal(got, []int{1000, 1000, 1000}) {
		t.Errorf("shares of equal loops: %v", got)
	}
	// 600 connections of loop 2 have ended, so it gets 600 more than the
	// others to be level with them.
	got := share(t, "handoff-least", func(c *servers.Counters) { c.Writer(2).Open.Add(-600) })
	if !slices.Equal(got, []int{800, 800, 1400}) {
		t.Errorf("shares after 600 of loop 2 ended: %v", got)
	}
}

// Connections handed over but not yet adopted count as well.
func TestLeastCountsWhatIsOnTheWay(t *testing.T) {
	counters, err := servers.NewCounters(2)
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	choose := least(counters, 2)
	var got []int
	for range 4 {
		got = append(got, choose())
	}
	if !slices.Equal(got, []int{0, 1, 0, 1}) {
		t.Errorf("chose %v", got)
	}
}
