//go:build linux

package engine

import (
	"slices"
	"testing"

	"c1m/internal/result"
)

func TestTrafficOfReplicas(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want []string
	}{
		{result.Cell{}, nil},
		{result.Cell{Idle: true}, []string{"--idle"}},
		{result.Cell{Busy: 7}, []string{"--busy=7"}},
		{result.Cell{Churn: 50}, []string{"--churn=50"}},
		{result.Cell{Storm: true}, []string{"--storm"}},
		{result.Cell{Pipeline: 4}, []string{"--pipeline=4"}},
	} {
		if got := trafficArgs(test.cell); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.cell, got, test.want)
		}
	}
}
