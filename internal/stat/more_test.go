package stat

import (
	"math"
	"testing"
)

// Fisher's table of tea: three of four cups right, and four of four.
func TestMore(t *testing.T) {
	for _, c := range []struct {
		x, a, y, b int64
		want       float64
	}{
		{1, 4, 3, 4, 17.0 / 70},
		{0, 4, 4, 4, 1.0 / 70},
		{0, 6, 6, 6, 1.0 / 924},
		{0, 6, 1, 6, 0.5},
		{3, 6, 0, 6, 1},
		{0, 0, 3, 6, 1},
		{0, 6, 0, 0, 1},
	} {
		if got := More(c.x, c.a, c.y, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%d of %d and %d of %d: %v, want %v", c.x, c.a, c.y, c.b, got, c.want)
		}
	}
}
