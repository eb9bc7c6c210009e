package plot

import (
	"fmt"
	"strings"
	"testing"
)

// loads is a plot whose horizontal axis has n labels of this text.
func loads(n int, text string) Plot {
	p := example()
	p.X = Axis{Low: -0.5, High: float64(n) - 0.5}
	for i := range n {
		p.X.Ticks = append(p.X.Ticks, Tick{At: float64(i), Label: text})
	}
	return p
}

// Labels that would run into each other are slanted, and fit in even then.
func TestLabelsHaveRoom(t *testing.T) {
	for _, tt := range []struct {
		n       int
		text    string
		slanted bool
	}{
		{1, "1k", false},
		{3, "10k·90%", false},
		{7, "1k", false},
		{7, "10k·90%", true},
		{3, "10k·64B·sleep:10ms·at 20k/s", true},
		{40, "1k", true},
		{1, strings.Repeat("long ", 20), true},
		{5, strings.Repeat("long ", 20), true},
	} {
		p := loads(tt.n, tt.text)
		a := p.unslanted()
		if got := collide(p.X, a); got != tt.slanted {
			t.Errorf("%d × %s: slanted %v", tt.n, tt.text, got)
		}
		if tt.slanted {
			p.X.Ticks = abbreviated(p.X.Ticks)
		}
		a = p.fitted(a, tt.slanted)
		for _, tick := range p.X.Ticks {
			at, left, right := a.x(p.X, tick.At), textWidth(tick.Label)/2, textWidth(tick.Label)/2
			if tt.slanted {
				left, right = slope*textWidth(tick.Label), 0
			}
			if at-left < 0 || at+right > width {
				t.Errorf("%d × %s: a label reaches from %v to %v", tt.n, tt.text, at-left, at+right)
			}
		}
		if a.right-a.left < width/2 {
			t.Errorf("%d × %s: %v are left for the curves", tt.n, tt.text, a.right-a.left)
		}
		if got := strings.Contains(draw(t, loads(tt.n, tt.text)), "rotate(-45"); got != tt.slanted {
			t.Errorf("%d × %s: drawn slanted %v", tt.n, tt.text, got)
		}
	}
}

func TestAbbreviated(t *testing.T) {
	long := []Tick{{0, "1k"}, {1, "10k·ws·64B·sleep:10ms·pushed·at·20k/s"}}
	if got := fmt.Sprint(texts(abbreviated(long))); got != "[1k 10k·ws·64B·sle…shed·at·20k/s]" {
		t.Error(got)
	}
	if long[1].Label != "10k·ws·64B·sleep:10ms·pushed·at·20k/s" {
		t.Error("the caller's ticks have changed")
	}
}
