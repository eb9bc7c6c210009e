package trend

import (
	"math"
	"strings"

	"c1m/internal/format"
)

// border is the mark of a change.
const border = "│"

// spark draws a series in at most sparkWidth columns. Where it has more values,
// a column is the mean of several neighbours. It never stretches less than twice
// the least effect over the whole height, so that scatter which means nothing
// looks flat.
func spark(s Series) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range s.Points {
		if p.Value != nil {
			low, high = min(low, *p.Value), max(high, *p.Value)
		}
	}
	if room := (low + high) / 2 * s.Least; high-low < 2*room {
		low, high = (low+high)/2-room, (low+high)/2+room
	}
	shown := s.Changes[max(0, len(s.Changes)-sparkWidth/8):]
	columns := min(len(s.Points), sparkWidth-2*len(shown)) // a change may divide a column in two, and has one of its own
	var out strings.Builder
	var sum float64
	var n, points int
	flush := func() {
		switch share := (sum/float64(n) - low) / (high - low); {
		case points == 0:
		case n == 0:
			out.WriteString(format.Gap)
		case math.IsNaN(share):
			out.WriteRune(format.Height(0.5))
		default:
			out.WriteRune(format.Height(share))
		}
		sum, n, points = 0, 0, 0
	}
	column := 0
	for i, p := range s.Points {
		if at := i * columns / len(s.Points); at != column {
			flush()
			column = at
		}
		for len(shown) > 0 && shown[0].Since <= p.Run {
			flush()
			out.WriteString(border)
			shown = shown[1:]
		}
		points++
		if p.Value != nil {
			sum += *p.Value
			n++
		}
	}
	flush()
	return out.String()
}
