//go:build linux

package workload

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/format"
)

// MaxStages is the largest number of stages of a load. Each of -stages has its own histogram.
const MaxStages = 32

// Stage is a time in which a rate, of requests or of new connections, is a linear function
// of time.
type Stage struct {
	Length   time.Duration
	From, To float64 // per second at its beginning and at its end
}

// Count returns how many requests or connections are due in a stage: the integral of its
// rate.
func (s Stage) Count() float64 { return (s.From + s.To) / 2 * s.Length.Seconds() }

// String returns a stage as on a command line: 30s:1k..20k.
func (s Stage) String() string {
	text := format.Setting(s.Length) + ":" + shortest(s.From)
	if s.To != s.From {
		text += ".." + shortest(s.To)
	}
	return text
}

// Stages are stages one after the other, in canonical form: 10s:1k,30s:1k..20k. It is empty
// if there are none.
type Stages string

// ParseStages parses LENGTH:RATE and LENGTH:FROM..TO, separated by commas.
func ParseStages(s string) (Stages, error) {
	list, err := parseStages(s)
	if err != nil {
		return "", err
	}
	var total time.Duration
	count := 0.0
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = one.String()
		if total += one.Length; total > Longest {
			return "", fmt.Errorf("together longer than %v", Longest)
		}
		count += one.Count()
	}
	if count < 1 {
		return "", errors.New("less than one is due in all stages together; want higher rates, or longer stages")
	}
	return Stages(strings.Join(parts, ",")), nil
}

func parseStages(s string) ([]Stage, error) {
	words := strings.Split(s, ",")
	if len(words) > MaxStages {
		return nil, fmt.Errorf("%d stages: want at most %d", len(words), MaxStages)
	}
	list := make([]Stage, len(words))
	for i, word := range words {
		one, err := parseStage(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		list[i] = one
	}
	return list, nil
}

func parseStage(s string) (Stage, error) {
	length, rates, found := strings.Cut(s, ":")
	if !found {
		return Stage{}, fmt.Errorf("%q: want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k", s)
	}
	d, err := time.ParseDuration(strings.TrimSpace(length))
	if err != nil || d < time.Millisecond || d > Longest {
		return Stage{}, fmt.Errorf("%q: want a length of 1ms to %v, such as 10s", s, Longest)
	}
	from, to, ramp := strings.Cut(rates, "..")
	if !ramp {
		to = from
	}
	one := Stage{Length: d}
	if one.From, err = parseRate(strings.TrimSpace(from)); err == nil {
		one.To, err = parseRate(strings.TrimSpace(to))
	}
	if err != nil {
		return Stage{}, fmt.Errorf("%q: %w", s, err)
	}
	return one, nil
}

// List returns the single stages; nil if there are none.
func (s Stages) List() []Stage {
	if s == "" {
		return nil
	}
	list, err := parseStages(string(s))
	if err != nil { // not from ParseStages or UnmarshalText
		return nil
	}
	return list
}

// Length returns the total length of the stages.
func (s Stages) Length() time.Duration {
	var d time.Duration
	for _, one := range s.List() {
		d += one.Length
	}
	return d
}

// Peak returns the highest rate, per second.
func (s Stages) Peak() float64 {
	most := 0.0
	for _, one := range s.List() {
		most = max(most, one.From, one.To)
	}
	return most
}

// Count returns how many requests or connections are due in all stages together.
func (s Stages) Count() float64 {
	sum := 0.0
	for _, one := range s.List() {
		sum += one.Count()
	}
	return sum
}

// Continued returns the curve of the stages, after which the rate at the end of the last one
// goes on for the longest time that a stage may have. Without stages nothing is due.
func (s Stages) Continued() Curve {
	list := s.List()
	if len(list) == 0 {
		return Curve{}
	}
	last := list[len(list)-1].To
	return NewCurve(append(list, Stage{Length: Longest, From: last, To: last})...)
}

// spaced returns the stages with a space after each comma.
func (s Stages) spaced() string { return strings.ReplaceAll(string(s), ",", ", ") }

// UnmarshalText parses stages; empty text is none.
func (s *Stages) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*s = ""
		return nil
	}
	if *s, err = ParseStages(string(text)); err != nil {
		return fmt.Errorf("stages: %w", err)
	}
	return nil
}

// shortest formats a rate without loss: 1k, 1500, 0.5.
func shortest(rate float64) string {
	best := strconv.FormatFloat(rate, 'f', -1, 64)
	for _, unit := range []struct {
		suffix string
		is     float64
	}{{"k", 1e3}, {"M", 1e6}} {
		text := strconv.FormatFloat(rate/unit.is, 'f', -1, 64) + unit.suffix
		if v, err := parseNumber(text); err == nil && v == rate && len(text) < len(best) {
			best = text
		}
	}
	return best
}

// Curve computes when the requests or connections of stages are due, since the start of the
// first one. It does not read a clock.
type Curve struct{ pieces []piece }

// piece is a stage and its place among the others.
type piece struct {
	start  float64 // ns
	before float64 // how many are due before it
	count  float64 // how many are due in it
	rate   float64 // per ns at its beginning
	slope  float64 // by which the rate grows, per ns
}

// NewCurve returns the curve of stages, one after the other.
func NewCurve(stages ...Stage) Curve {
	var c Curve
	var start time.Duration
	before := 0.0
	for _, s := range stages {
		c.pieces = append(c.pieces, piece{
			start: float64(start), before: before, count: s.Count(),
			rate: s.From / 1e9, slope: (s.To - s.From) / 1e9 / float64(s.Length),
		})
		start += s.Length
		before += s.Count()
	}
	return c
}

// Due returns when n are due: the inverse of the integral of the rate. n need not be whole.
// It is false after the last stage.
//
// In a stage n = rate·t + slope·t²/2. This form of the root does not subtract nearly equal
// numbers (Press et al., Numerical Recipes, 5.6).
func (c Curve) Due(n float64) (time.Duration, bool) {
	for _, p := range c.pieces {
		m := n - p.before
		if m >= p.count {
			continue
		}
		root := math.Sqrt(max(0, p.rate*p.rate+2*p.slope*m))
		if m <= 0 {
			return time.Duration(p.start), true
		}
		return time.Duration(p.start + 2*m/(p.rate+root)), true
	}
	return 0, false
}
