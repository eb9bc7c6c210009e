//go:build linux

package cli

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// cellName returns a cell for the line of progress: its row, its connections, and what
// they carry, except for defaults.
func cellName(c result.Cell) string {
	if c.Kind == result.KindCeiling {
		return c.Row
	}
	return strings.Join(append([]string{fmt.Sprintf("%s %d", c.Row, c.Conns)}, carried(c)...), ", ")
}

// carried returns what connections carry, except for defaults.
func carried(c result.Cell) []string {
	var words []string
	if c.Protocol != "" && c.Protocol != proto.Echo {
		words = append(words, string(c.Protocol))
	}
	if c.Busy > 0 {
		words = append(words, fmt.Sprintf("%d busy", c.Busy))
	}
	if c.Size != workload.DefaultSize && c.Size > 0 && !c.Idle {
		words = append(words, format.Plural(c.Size, "byte"))
	}
	if !c.Work.IsZero() {
		words = append(words, "work "+c.Work.String())
	}
	if kind := c.Brief(); kind != "" {
		words = append(words, kind)
	}
	return words
}

// rateSource describes the source of a cell's rate that is known only during the run.
func rateSource(c result.Cell) string {
	switch {
	case c.SLO != "":
		return "what the search for " + c.SLO + " tries next; its first step is a closed loop, without --rate"
	case c.RateShare > 0:
		return format.ExactPercent(c.RateShare) + " of what the row does in the closed loop of the same round"
	}
	return ""
}
