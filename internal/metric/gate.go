package metric

import (
	"cmp"
	"strings"

	"c1m/internal/format"
)

// Margins names the margin of each gate, in the table's order: 5% of ops/s, 10% of p50.
func Margins() string {
	var parts []string
	for _, m := range Table() {
		if m.Gate.Least > 0 {
			parts = append(parts, format.ExactPercent(m.Gate.Least)+" of "+cmp.Or(m.Gate.Noun, m.Gate.Name))
		}
	}
	return strings.Join(parts, ", ")
}
