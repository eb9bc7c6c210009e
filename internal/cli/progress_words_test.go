//go:build linux

package cli

import (
	"testing"

	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestDisplayOfLoads(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want string
	}{
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10}}, "epoll 10"},
		{result.Cell{Row: "ceiling", Kind: result.KindCeiling, Workload: workload.Workload{Conns: 10}}, "ceiling"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Busy: 5, Size: 64, Protocol: "ws", Pipeline: 16}}, "epoll 10, ws, 5 busy, 64 bytes, 16 in flight each"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Idle: true}}, "epoll 10, idle"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Rate: 50_000}}, "epoll 10, at 50k/s"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Rate: 1234.56, RateShare: 0.5}}, "epoll 10, at 1.23k/s"},
		{result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, RateShare: 0.125}}, "epoll 10, at 12%"},
	} {
		if got := cellName(test.cell); got != test.want {
			t.Errorf("%+v is %q, want %q", test.cell, got, test.want)
		}
	}
}
