//go:build linux

package suite

import (
	"errors"
	"fmt"

	"c1m/internal/engine"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// starts records which servers have started, and which failed their first start:
// those are not started again with any load.
type starts struct {
	started map[string]bool
	refused map[string]error
}

func newStarts() starts { return starts{map[string]bool{}, map[string]error{}} }

// server returns the key of a cell's server. Cells that differ only in their load
// have the same one.
func server(c result.Cell) string {
	return fmt.Sprintf("%q", []any{c.Kind, c.Row, c.Command, c.Concurrency, c.Args(workload.Server), c.ServerCPUs})
}

// refusal returns why a cell's server is not started; nil if it is.
func (s starts) refusal(c result.Cell) error { return s.refused[server(c)] }

// note records the result of a start: nil if the server started.
func (s starts) note(c result.Cell, err error) {
	name := server(c)
	switch {
	case err == nil:
		s.started[name] = true
	case !s.started[name] || errors.Is(err, engine.ErrBackground):
		s.refused[name] = err
	}
}
