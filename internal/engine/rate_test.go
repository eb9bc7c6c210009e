//go:build linux

package engine

import (
	"slices"
	"testing"

	"c1m/internal/result"
)

// Each replica offers its part of the cell's rate; in a closed loop, none.
func TestRateOfReplica(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want []string // of the flags that say when requests are due
	}{
		{result.Cell{Conns: 6}, nil},
		{result.Cell{Conns: 6, Rate: 10_000}, []string{"--rate=2500"}},
		{result.Cell{Conns: 6, Rate: 10, Arrivals: "poisson"}, []string{"--rate=2.5", "--arrivals=poisson"}},
	} {
		args, err := clientArgs(Spec{Cell: test.cell}, "127.0.0.1:9", 1, 4)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, arg := range args {
			if len(arg) > 6 && (arg[:6] == "--rate" || arg[:6] == "--arri") {
				got = append(got, arg)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.cell, got, test.want)
		}
	}
}
