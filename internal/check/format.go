package check

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// number shows three digits, or all before the point.
func number(v float64) string {
	switch a := math.Abs(v); {
	case !finite(v):
		return "—"
	case a >= 99.95 && a < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// percent shows a share as a percentage, finely enough near 5% to tell which
// side of a limit it is on.
func percent(share float64) string {
	if p := 100 * share; math.Abs(p) < 10 {
		return strconv.FormatFloat(p, 'f', 2, 64) + "%"
	}
	return number(100*share) + "%"
}

func probability(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return "p = " + strconv.FormatFloat(p, 'g', 2, 64)
}

// duration shows three digits and a unit up to seconds.
func duration(d time.Duration) string {
	switch {
	case d <= -time.Second || d >= time.Second:
		return number(d.Seconds()) + " s"
	case d <= -time.Millisecond || d >= time.Millisecond:
		return number(float64(d)/1e6) + " ms"
	case d <= -time.Microsecond || d >= time.Microsecond:
		return number(float64(d)/1e3) + " µs"
	}
	return fmt.Sprintf("%d ns", d.Nanoseconds())
}
