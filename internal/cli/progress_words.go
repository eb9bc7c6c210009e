//go:build linux

package cli

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// trafficName is what connections carry, where that is not what they carry by
// default, for the line of progress.
func trafficName(c result.Cell) string {
	text := ""
	if c.Protocol != "" && c.Protocol != proto.Echo {
		text += " " + string(c.Protocol)
	}
	if c.Idle {
		text += " idle"
	}
	if c.Busy > 0 {
		text += fmt.Sprintf(", %d busy", c.Busy)
	}
	if c.Pipeline > 1 {
		text += fmt.Sprintf(", %d in flight each", c.Pipeline)
	}
	if c.Churn > 0 {
		text += fmt.Sprintf(", churn %s/s", format.Unscaled(c.Churn))
	}
	if c.Storm {
		text += ", storm"
	}
	if c.Size != workload.DefaultSize && c.Size > 0 && !c.Idle {
		text += fmt.Sprintf(" of %d bytes", c.Size)
	}
	if !c.Work.IsZero() {
		text += " " + c.Work.String()
	}
	return text
}

// rateSource says where a cell's rate comes from if only the run knows it.
func rateSource(c result.Cell) string {
	switch {
	case c.SLO != "":
		return "what the search for " + c.SLO + " tries next; its first step is a closed loop, without --rate"
	case c.RateShare > 0:
		return format.ExactPercent(c.RateShare) + " of what the row does in the closed loop of the same round"
	}
	return ""
}

// loadName is what is offered to a cell, for the line of progress; empty in a
// closed loop.
func loadName(c result.Cell) string {
	switch {
	case c.Rate > 0:
		return " at " + format.Unscaled(c.Rate) + "/s"
	case c.RateShare > 0:
		return " at " + format.ExactPercent(c.RateShare)
	}
	return ""
}
