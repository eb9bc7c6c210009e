//go:build linux

package cli

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// Searches without an answer are no answer, and the first says why.
func TestConcludeSearch(t *testing.T) {
	cell := result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10, SLO: "p99=5ms"}, Timing: workload.Timing{Window: time.Second}}
	run := result.Run{Header: result.Header{Cells: []result.Cell{cell, cell}}}
	if err := concludeSearch(run, 0, runConfig{}); code(err) != exitNoAnswer || !strings.HasPrefix(err.Error(), "2 of 2 searches without an answer: epoll") {
		t.Errorf("concluded %v", err)
	}
}
