package live

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// line is the state in words, messages being what. What does not apply is left
// out.
func (s *state) line(what string) string {
	parts := []string{"open " + thousands(s.open.Value())}
	if n := s.messages.Value(); n == 0 {
		parts = append(parts, "no "+what+" yet")
	} else {
		span := time.Duration(s.span.Value())
		parts = append(parts, fmt.Sprintf("%s %s/s over %v", rate(s.rate.Value()), what, short(span)))
		if mean := s.mean.Value(); mean > 0 {
			parts = append(parts, rate(mean)+"/s since start")
		}
		parts = append(parts, thousands(n)+" in all")
	}
	if ns := s.latency.Value(); ns > 0 {
		parts = append(parts, fmt.Sprintf("mean latency %v", short(time.Duration(ns))))
	}
	if n := s.queued.Value(); n > 0 {
		parts = append(parts, "queue "+thousands(n))
	}
	if n := s.errors.Value(); n > 0 {
		parts = append(parts, "errors "+thousands(n))
	}
	return strings.Join(parts, " · ")
}

// rate writes a whole number, or two digits of one below 10.
func rate(r float64) string {
	if r < 9.95 && r != math.Trunc(r) {
		return strconv.FormatFloat(r, 'g', 2, 64)
	}
	return thousands(int64(math.Round(r)))
}

// thousands writes n with a comma between groups of three digits.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// short rounds a duration to three digits.
func short(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for unit*1000 <= d {
		unit *= 10
	}
	return d.Round(unit)
}
