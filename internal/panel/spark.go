//go:build linux

package panel

import (
	"math"
	"strings"

	"c1m/internal/format"
)

// spark draws the last values of a series in at most width columns, from 0 up to the greatest
// of them, so that a value of half the height is half. A value that is not a number is a gap.
func spark(series []float64, width int) string {
	series = series[max(0, len(series)-max(0, width)):]
	greatest := 0.0
	for _, v := range series {
		if !math.IsNaN(v) {
			greatest = max(greatest, v)
		}
	}
	var out strings.Builder
	for _, v := range series {
		switch {
		case math.IsNaN(v):
			out.WriteString(format.Gap)
		case greatest == 0:
			out.WriteRune(format.Height(0))
		default:
			out.WriteRune(format.Height(v / greatest))
		}
	}
	return out.String()
}
