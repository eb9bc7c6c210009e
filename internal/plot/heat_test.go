package plot

import (
	"math"
	"strings"
	"testing"
)

// Cells of one strength are one path; those without a position or a strength are left out.
func TestHeat(t *testing.T) {
	p := example()
	p.Curves = nil
	p.Heat = &Heat{Colour: "var(--s3)", Cells: []Cell{
		{0, 1, 20, 40, 1}, {1, 2, 20, 40, 0.99}, {0, 1, 40, 80, 0.01}, {0, 1, 80, 160, 2},
		{1, 2, 40, 80, 0}, {1, 2, 0, 20, 1}, {1, 2, 20, 40, math.NaN()}, {1, math.Inf(1), 20, 40, 1},
	}}
	svg := draw(t, p)
	_, cells, found := strings.Cut(svg, `<g style="color:var(--s3)" fill="currentColor" stroke="none">`)
	if !found {
		t.Fatalf("no heat in %s", svg)
	}
	cells, _, _ = strings.Cut(cells, "</g>")
	if strings.Count(cells, "<path") != 2 || strings.Count(cells, "z") != 4 || !strings.Contains(cells, `z" fill-opacity="0.125"`) || !strings.Contains(cells, `z" fill-opacity="1"`) {
		t.Errorf("cells %s", cells)
	}
	if p.Heat = nil; strings.Contains(draw(t, p), "fill-opacity") {
		t.Error("cells without a heat")
	}
}
