//go:build linux

package suite

import (
	"errors"
	"fmt"

	"c1m/internal/engine"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// starts knows which servers have started, and which did not when they were
// first tried: those are not tried again, whatever the load.
type starts struct {
	started map[string]bool
	refused map[string]error
}

func newStarts() starts { return starts{map[string]bool{}, map[string]error{}} }

// server names what is started for a cell. Cells that differ in their load
// alone have the same.
func server(c result.Cell) string {
	return fmt.Sprintf("%q", []any{c.Kind, c.Row, c.Command, c.Concurrency, c.Args(workload.Server), c.ServerCPUs})
}

// refusal is why a cell's server is not tried; nil if it is.
func (s starts) refusal(c result.Cell) error { return s.refused[server(c)] }

// note takes how a start went: nil, it started.
func (s starts) note(c result.Cell, err error) {
	name := server(c)
	switch {
	case err == nil:
		s.started[name] = true
	case !s.started[name] || errors.Is(err, engine.ErrBackground):
		s.refused[name] = err
	}
}
