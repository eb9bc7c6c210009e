package plot

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
)

// levels is how many strengths a reader is shown.
const levels = 8

// heat is a Heat for the template: path data of the cells of each strength.
type heat struct {
	Colour template.CSS
	Levels []level
}

type level struct{ Cells, Opacity string }

// heat returns the cells of the plot that have a position on the axes. Those that touch one
// another leave no gap.
func (p Plot) heat(a area) *heat {
	if p.Heat == nil {
		return nil
	}
	var paths [levels]strings.Builder
	for _, c := range p.Heat.Cells {
		left, right := a.x(p.X, c.Left), a.x(p.X, c.Right)
		low, high := a.y(p.Y, c.Low), a.y(p.Y, c.High)
		strength := math.Ceil(c.Strength * levels)
		if !finite(left) || !finite(right) || !finite(low) || !finite(high) || !(strength >= 1) {
			continue
		}
		path := &paths[int(min(strength, levels))-1]
		path.WriteString("M" + decimal(left) + "," + decimal(low) + "H" + decimal(right) + "V" + decimal(high) + "H" + decimal(left) + "z")
	}
	drawn := &heat{Colour: p.Heat.Colour}
	for i := range paths {
		drawn.Levels = append(drawn.Levels, level{paths[i].String(), strconv.FormatFloat(float64(i+1)/levels, 'f', -1, 64)})
	}
	drawn.Levels = slices.DeleteFunc(drawn.Levels, func(l level) bool { return l.Cells == "" })
	return drawn
}
