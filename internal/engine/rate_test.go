//go:build linux

package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
)

// Each replica offers its part of the cell's rate; in a closed loop, none.
func TestRateOfReplica(t *testing.T) {
	for _, test := range []struct {
		cell  result.Cell
		drain time.Duration
		want  []string // of the flags that an open loop has
	}{
		{result.Cell{Conns: 6}, 2 * time.Second, nil},
		{result.Cell{Conns: 6, Rate: 10_000}, 0, []string{"--rate=2500"}},
		{result.Cell{Conns: 6, Rate: 10, Arrivals: "poisson"}, 2 * time.Second, []string{"--rate=2.5", "--arrivals=poisson", "--drain=2s"}},
	} {
		args, err := clientArgs(Spec{Cell: test.cell, Drain: test.drain}, "127.0.0.1:9", 1, 4)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, arg := range args {
			if strings.HasPrefix(arg, "--rate") || strings.HasPrefix(arg, "--arrivals") || strings.HasPrefix(arg, "--drain") {
				got = append(got, arg)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.cell, got, test.want)
		}
	}
}
