package live

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/format"
)

// line formats the state; messages are called what. Values that do not apply are
// omitted.
func (s *state) line(what string) string {
	parts := []string{"open " + format.Grouped(s.open.Value())}
	if n := s.messages.Value(); n == 0 {
		parts = append(parts, "no "+what+" yet")
	} else {
		span := time.Duration(s.span.Value())
		parts = append(parts, fmt.Sprintf("%s %s/s over %v", rate(s.rate.Value()), what, format.Round(span, 3)))
		if mean := s.mean.Value(); mean > 0 {
			parts = append(parts, rate(mean)+"/s since start")
		}
		parts = append(parts, format.Grouped(n)+" in total")
	}
	if ns := s.latency.Value(); ns > 0 {
		parts = append(parts, fmt.Sprintf("mean latency %v", format.Round(time.Duration(ns), 3)))
	}
	if n := s.queued.Value(); n > 0 {
		parts = append(parts, "queue "+format.Grouped(n))
	}
	if n := s.errors.Value(); n > 0 {
		parts = append(parts, "errors "+format.Grouped(n))
	}
	return strings.Join(parts, " · ")
}

// rate formats a rate as a whole number; below 10, with two digits.
func rate(r float64) string {
	if r < 9.95 && r != math.Trunc(r) {
		return strconv.FormatFloat(r, 'g', 2, 64)
	}
	return format.Grouped(int64(math.Round(r)))
}
