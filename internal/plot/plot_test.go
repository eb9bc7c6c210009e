package plot

import (
	"encoding/xml"
	"errors"
	"flag"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func plain(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

func of[T any](v T) *T { return &v }

// example has whatever a plot can have.
func example() Plot {
	var s Span
	points := []Point{{X: 0, Y: 20, Low: of(10.0), High: of(35.0)}, {X: 1, Y: 300}, {X: 2, Y: 40}}
	for _, p := range points {
		s.AddPoint(p)
	}
	return Plot{
		ID: "f1", Title: "Latency", Description: "An example.",
		X: Axis{Label: "load", Low: -0.5, High: 2.5, Ticks: []Tick{{0, "1k"}, {1, "10k"}, {2, "100k"}}},
		Y: Logarithmic("latency", s, plain),
		Curves: []Curve{
			{Style: Style{Colour: "var(--s1)", Dashes: "5 2.5"}, Points: points[:2:2], Width: 0.7, Faint: true},
			{Style: Style{Colour: "var(--s0)", Dashes: "1.5 2", Mark: Circle}, Points: points, Width: 1.4, Marked: true},
		},
	}
}

func draw(t *testing.T, p Plot) string {
	t.Helper()
	svg, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, svg)
	return string(svg)
}

func wellFormed(t *testing.T, svg template.HTML) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

func TestGolden(t *testing.T) {
	name := filepath.Join("testdata", "plot.svg")
	got := draw(t, example()) + "\n"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the drawing has changed; go test -update, and look at it:\n%s", got)
	}
}

// Text from outside is text in the drawing.
func TestTextIsEscaped(t *testing.T) {
	const hostile = `"><script>alert(1)</script>&<!--`
	p := example()
	p.ID, p.Title, p.Description, p.X.Label, p.Y.Label = hostile, hostile, hostile, hostile, hostile
	p.X.Ticks[0].Label, p.Curves[0].Style.Dashes = hostile, hostile
	if svg := draw(t, p); strings.Contains(svg, "<script") || strings.Contains(svg, "<!--") {
		t.Errorf("text is markup: %s", svg)
	}
}

// What has no place is left out and keeps nothing else from being drawn.
func TestPointsWithoutAPlace(t *testing.T) {
	p := example()
	clean := draw(t, p)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -1} {
		for i := range p.Curves {
			p.Curves[i].Points = append(p.Curves[i].Points, Point{X: 1, Y: v})
		}
	}
	p.Curves = append(p.Curves, Curve{Width: 1, Points: []Point{{X: 1, Y: -1}}}, Curve{Width: 1})
	if got := draw(t, p); got != clean {
		t.Errorf("points without a place change the drawing:\n%s", got)
	}
	p.Curves = []Curve{{Marked: true, Points: []Point{{X: 1, Y: 30, Low: of(0.0), High: of(40.0)}}}}
	if got := draw(t, p); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Errorf("an interval down to 0 on a logarithmic axis:\n%s", got)
	}
}

func TestSpan(t *testing.T) {
	var s Span
	s.Add(math.NaN(), math.Inf(1))
	if s.Any {
		t.Errorf("a span of nothing: %+v", s)
	}
	s.Add(3)
	s.AddPoint(Point{Y: 4, Low: of(-1.0), High: of(9.0)})
	s.AddPoint(Point{Y: 5, High: of(100.0)}) // no interval without both ends
	if want := (Span{-1, 9, true}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func TestPlaces(t *testing.T) {
	a := area{left: 50, right: 350, top: 10, bottom: 210}
	linear, logarithmic := Axis{Low: 0, High: 10}, Axis{Low: 1, High: 10_000, Logarithmic: true}
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"linear x, low end", a.x(linear, 0), 50},
		{"linear x, middle", a.x(linear, 5), 200},
		{"linear y, low end", a.y(linear, 0), 210},
		{"linear y, high end", a.y(linear, 10), 10},
		{"logarithmic y, 1 of 4 decades", a.y(logarithmic, 10), 160},
		{"logarithmic y, high end", a.y(logarithmic, 10_000), 10},
	} {
		if math.Abs(tt.got-tt.want) > 1e-9 {
			t.Errorf("%s at %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestMarks(t *testing.T) {
	seen := make(map[string]Mark)
	for m := range Marks {
		key := m.outline() + strconv.FormatBool(m.filled())
		if other, ok := seen[key]; ok || m.outline() == "" {
			t.Errorf("marks %d and %d look alike", m, other)
		}
		seen[key] = m
		svg, err := Sample(Style{Colour: "red", Mark: m})
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
	}
}

// Intervals across lie between the places of their ends on X; a line crosses the
// figure; a plot may be as low as its rows need, and an axis without a label takes no
// room for one.
func TestAcross(t *testing.T) {
	one := 1.0
	p := Plot{
		ID: "f2", Title: "Ratios", Across: true, Height: 60,
		X:      Axis{Label: "ratio", Low: 0, High: 2, Line: &one, Ticks: []Tick{{1, "1"}}},
		Y:      Axis{Low: -0.5, High: 1.5, Ticks: []Tick{{0, "b"}, {1, "a"}}},
		Curves: []Curve{{Points: []Point{{X: 1, Y: 0, Low: of(0.5), High: of(1.5)}}, Marked: true}},
	}
	a := p.unslanted()
	at := p.place(p.Curves[0].Points, a)
	if len(at) != 1 || *at[0].low != a.x(p.X, 0.5) || *at[0].high != a.x(p.X, 1.5) || at[0].y != a.y(p.Y, 0) {
		t.Fatalf("%+v", at)
	}
	want := "M" + decimal(*at[0].low) + "," + decimal(at[0].y) + "H" + decimal(*at[0].high)
	if got := bars(at); !strings.HasPrefix(got, want) {
		t.Errorf("bars %s, want %s…", got, want)
	}
	if a.bottom-a.top != 60 {
		t.Errorf("the area is %v high", a.bottom-a.top)
	}
	svg := draw(t, p)
	if line := "M" + decimal(a.x(p.X, 1)) + "," + decimal(a.top) + "V" + decimal(a.bottom); !strings.Contains(svg, line) {
		t.Errorf("no line at 1, %s, in %s", line, svg)
	}
	labelled := p
	labelled.Y.Label = "rows"
	if svg == draw(t, labelled) || strings.Contains(svg, "rotate(-90") || labelled.unslanted().left <= a.left {
		t.Error("an axis without a label has one")
	}
}
