// Package search finds the highest rate at which a server meets an objective: it
// chooses the next rate, from the result of the last. It does not measure or wait,
// so a run file replays a search exactly.
package search

import (
	"fmt"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// State is the state of a search.
type State string

// The states of a search. All but Searching are final.
const (
	Searching    State = "searching"
	Converged    State = "converged"     // both ends were measured twice, and lie within Width
	NothingOK    State = "nothing holds" // the lowest useful rate failed twice
	NothingFails State = "nothing fails" // the highest rate that the replicas can make held
	GaveUp       State = "gave up"       // not converged in MaxSteps
	Broken       State = "broken"        // a trial gave no measurement
)

// MaxSteps is the limit of a search, including its closed-loop probe. Without
// noise it takes about eleven.
const MaxSteps = 32

// Outcome is the result of a search.
type Outcome struct {
	State State `json:"state"`
	Steps int   `json:"steps"` // trials, including the closed-loop probe

	// Start is the closed-loop throughput from which the search started.
	Start float64 `json:"start_per_s,omitempty"`

	// Holds is the highest rate that passed, Fails the lowest higher rate that
	// failed, in requests per second; nil if there is none: a search that gave up
	// has no Fails if what had failed held when it was measured again. Why is why
	// Fails failed, or why the search broke.
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
	again     bool // the rate failed once and is tried again
}

// New starts the search for a cell's SLO, which must be an objective.
func New(cell result.Cell) (*Search, error) {
	o, err := ParseObjective(cell.SLO)
	if err != nil {
		return nil, err
	}
	return &Search{objective: o, least: o.leastRate(cell.Window), most: workload.MaxRate * float64(max(1, cell.Replicas))}, nil
}

// Next returns the rate of the next trial, in requests per second; 0 is the
// closed loop with which a search starts. It is false once the search is over.
func (s *Search) Next() (rate float64, more bool) {
	switch {
	case s.broken || s.steps >= MaxSteps:
		return 0, false
	case s.bracket == nil:
		return 0, true
	}
	return s.bracket.next()
}

// Observe records the trial that was made at the rate from Next.
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

// judge records why a rate missed the objective; empty means that it passed. A
// miss counts only if it repeats: a server does not pass by chance, but it may
// miss because another program used the processors for a moment.
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

// probe records the closed loop from which the search starts.
func (s *Search) probe(load result.Replica) {
	if s.start = load.Throughput(); s.start <= 0 {
		s.broken, s.why = true, "no round trips in a closed loop"
		return
	}
	s.bracket = newBracket(s.start, s.least, s.most)
}

// Outcome returns the result so far.
func (s *Search) Outcome() Outcome {
	o := Outcome{State: Searching, Steps: s.steps, Start: s.start, Why: s.why}
	if s.bracket != nil {
		o.Holds, o.Fails = some(s.bracket.holds), some(s.bracket.fails)
	}
	if o.Fails == nil && !s.broken {
		o.Why = "" // that rate passed later
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
	case s.bracket.everything():
		o.State = NothingFails
	default:
		o.State = GaveUp
	}
	return o
}

// Replay computes the outcome of a search from its trials, in the order in which
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
