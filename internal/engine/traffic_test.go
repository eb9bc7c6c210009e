//go:build linux

package engine

import (
	"slices"
	"testing"

	"c1m/internal/result"
)

func TestTrafficOfReplica(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want []string
	}{
		{result.Cell{}, nil},
		{result.Cell{Idle: true}, []string{"--idle"}},
		{result.Cell{Busy: 7}, []string{"--busy=2"}},
	} {
		if got := trafficArgs(test.cell, 1, 4); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.cell, got, test.want)
		}
	}
}
