package table

import (
	"math"

	"c1m/internal/stat"
)

// Width is the precision of the ratios to the reference under one load.
type Width struct {
	Row    int     // the row with the widest interval; -1: there is no ratio
	Half   float64 // its interval is ±Half of the ratio: 0.03 is ±3%; infinite without an interval
	Rounds int     // about how many rounds the goal takes; 0: unknown
}

// Width returns the precision of the ratios of a load after Rank. goal is the desired Half.
func (t Table) Width(l Load, goal float64) Width {
	w := Width{Row: -1}
	for _, i := range l.Rows {
		r := t.Rows[i].Ratio
		if r == nil || r.Reference {
			continue
		}
		half := math.Inf(1)
		if r.Interval {
			half = math.Sqrt(r.High/r.Low) - 1
		}
		if w.Row < 0 || half > w.Half {
			w.Row, w.Half = i, half
		}
		w.Rounds = max(w.Rounds, stat.PairsFor(r.Ratio, goal))
	}
	return w
}
