// Package search finds the highest rate at which a server keeps an objective:
// it says which rate to offer next, and is told what came of it. It measures
// nothing and waits for nothing, so a run file replays a search exactly.
package search

import (
	"fmt"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// State is how far a search is.
type State string

// The states of a search. All but Searching are final.
const (
	Searching State = "searching"
	Converged State = "converged"     // both ends were measured twice, and lie within Width
	NothingOK State = "nothing holds" // the lowest rate worth trying failed, and failed again
	GaveUp    State = "gave up"       // MaxSteps were not enough
	Broken    State = "broken"        // a trial gave no measurement
)

// MaxSteps bounds a search, its closed-loop probe included. Without noise it
// takes about eleven.
const MaxSteps = 32

// Outcome is what a search has found.
type Outcome struct {
	State State `json:"state"`
	Steps int   `json:"steps"` // trials, the closed-loop probe included

	// Start is the closed-loop throughput the search began from.
	Start float64 `json:"start_per_s,omitempty"`

	// Holds is the highest rate that held, Fails the lowest above it that did
	// not, in requests per second; nil where there is none. Why says what was
	// wrong at Fails, or why the search broke.
	Holds *float64 `json:"holds_per_s"`
	Fails *float64 `json:"fails_per_s"`
	Why   string   `json:"why,omitempty"`
}

// Search is the search of one cell.
type Search struct {
	objective Objective
	least     float64
	most      float64
	steps     int
	start     float64
	bracket   *bracket // nil until the probe is done
	why       string
	broken    bool
	again     bool // the rate failed once, and is tried a second time
}

// New begins the search of a cell whose SLO is an objective.
func New(cell result.Cell) (*Search, error) {
	o, err := ParseObjective(cell.SLO)
	if err != nil {
		return nil, err
	}
	return &Search{objective: o, least: o.leastRate(cell.Window), most: workload.MaxRate * float64(max(1, cell.Replicas))}, nil
}

// Next is the rate to offer next, in requests per second; 0 is a closed loop,
// which the search starts from. It is false once the search is over.
func (s *Search) Next() (rate float64, more bool) {
	switch {
	case s.broken || s.steps >= MaxSteps:
		return 0, false
	case s.bracket == nil:
		return 0, true
	}
	return s.bracket.next()
}

// Observe takes the trial that was made at the rate Next gave.
func (s *Search) Observe(trial result.Trial) {
	rate, more := s.Next()
	if !more {
		return
	}
	s.steps++
	switch {
	case trial.Failure != "" || trial.Load == nil:
		s.broken, s.why = true, trial.Failure
	case s.bracket == nil:
		s.probe(*trial.Load)
	default:
		s.judge(rate, s.objective.Miss(trial))
	}
}

// judge takes why a rate did not hold; empty, it held. One that did not is
// tried a second time before it counts: a server that keeps an objective does
// not do so by chance, but one that fails may have lost the processors to
// another program for a moment.
func (s *Search) judge(rate float64, why string) {
	if why != "" && !s.again && rate != s.bracket.fails {
		s.again = true
		return
	}
	s.again = false
	s.bracket.observe(rate, why == "")
	if why != "" {
		s.why = why
	}
}

// probe takes the closed loop that the search starts from.
func (s *Search) probe(load result.Replica) {
	if s.start = load.Throughput(); s.start <= 0 {
		s.broken, s.why = true, "no round trips in a closed loop"
		return
	}
	s.bracket = newBracket(s.start, s.least, s.most)
}

// Outcome is what is known so far.
func (s *Search) Outcome() Outcome {
	o := Outcome{State: Searching, Steps: s.steps, Start: s.start, Why: s.why}
	if s.bracket != nil {
		o.Holds, o.Fails = some(s.bracket.holds), some(s.bracket.fails)
	}
	if o.Fails == nil && !s.broken {
		o.Why = "" // the rate it was about held later
	}
	if _, more := s.Next(); more {
		return o
	}
	switch {
	case s.broken:
		o.State = Broken
	case s.bracket.converged():
		o.State = Converged
	case s.bracket.nothing():
		o.State = NothingOK
	default:
		o.State = GaveUp
	}
	return o
}

// Replay is the outcome of a search from its trials, in the order in which
// they were made.
func Replay(cell result.Cell, trials []result.Trial) (Outcome, error) {
	s, err := New(cell)
	if err != nil {
		return Outcome{}, fmt.Errorf("cell %s: %w", cell.Row, err)
	}
	for _, t := range trials {
		s.Observe(t)
	}
	return s.Outcome(), nil
}

func some(rate float64) *float64 {
	if rate <= 0 {
		return nil
	}
	return &rate
}
