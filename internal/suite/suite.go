//go:build linux

// Package suite runs the cells of a run, every cell once per round, one trial
// after another, with an engine. It does not start processes or render results.
package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"c1m/internal/engine"
	"c1m/internal/result"
)

// Config is a run.
type Config struct {
	Header result.Header // its cells, rounds and seed are the plan
	Engine engine.Engine

	// Ceiling measures the machine for a cell of kind ceiling, in round trips
	// per second.
	Ceiling func(ctx context.Context) (float64, error)

	// Lengthen means that the windows are defaults: those too short for the
	// latency are lengthened.
	Lengthen bool

	// Append stores a finished trial. Its error ends the run.
	Append func(result.Trial) error

	// Observe, if not nil, receives the events. Calls do not overlap.
	Observe func(Event)
}

// Phase is the progress of a trial.
type Phase string

// The phases of a trial, in order; a ceiling has only measuring and done.
const (
	Starting   Phase = "starting"
	Connecting Phase = "connecting"
	Priming    Phase = "first replies"
	Measuring  Phase = "measuring"
	Closing    Phase = "closing"
	Again      Phase = "again" // with a longer window: nothing is kept of it
	Done       Phase = "done"
)

// Event is a step of a run.
type Event struct {
	Round, Rounds int // from 1
	Trial, Trials int // from 1, over all rounds; Trials is 0 if unknown
	Cell          result.Cell
	Phase         Phase

	Connected, Asked int           // while connecting
	Left             time.Duration // an estimate, until the run is over
	Longer           time.Duration // the next window, when the phase is Again
	Result           *result.Trial // when the phase is Done
}

// Run measures every cell once in each round; a cell whose rate is a share of its
// row's closed loop follows that one. A failed trial is stored with its reason, and
// the run continues; a cell whose server fails its first start has no further
// trials. When ctx is done, Run ends the trial without storing it, and returns
// ctx's cause.
func Run(ctx context.Context, cfg Config) error {
	r := &run{Config: cfg, left: newRemaining(cfg.Header.Cells, cfg.Header.Rounds), starts: newStarts()}
	cells := len(cfg.Header.Cells)
	bases := bases(cfg.Header.Cells)
	givenUp := make([]bool, cells)
	trial := 0
	for round := 1; round <= cfg.Header.Rounds; round++ {
		closed := make(map[int]result.Trial) // of this round
		for _, cell := range basesFirst(Order(cfg.Header.Seed, round, cells), bases) {
			trial++
			if givenUp[cell] {
				continue
			}
			r.move(Event{Round: round, Rounds: cfg.Header.Rounds, Trial: trial, Trials: cfg.Header.Rounds * cells})
			rate, err := offered(cfg.Header.Cells[cell], bases[cell], closed)
			ended, err := r.one(ctx, round, cell, rate, err)
			if err != nil {
				return err
			}
			closed[cell], givenUp[cell] = ended, ended.Unstarted
		}
	}
	return nil
}

// run is a run in progress.
type run struct {
	Config
	starts  starts
	windows map[int]time.Duration // of cells whose windows were lengthened

	mu   sync.Mutex // replicas' progress comes from other goroutines
	left *remaining
	at   Event // where the run is: its counts only
}

// move sets the position of the run.
func (r *run) move(at Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = at
}

// one makes one trial of a cell and stores it. rate is the rate if the cell does
// not contain it; impossible, if not nil, is why it is unknown.
func (r *run) one(ctx context.Context, round, index int, rate float64, impossible error) (result.Trial, error) {
	cell := atRate(r.Header.Cells[index], rate)
	trial := result.Trial{Round: round, Cell: index, Rate: rate, Started: time.Now()}
	err := impossible
	if refused := r.starts.refusal(cell); refused != nil {
		err = refused // which is also why its closed loop has given no rate
	}
	switch {
	case err != nil:
	case cell.Kind == result.KindCeiling:
		r.enter(cell, Measuring)
		trial.Ceiling, err = r.Ceiling(ctx)
	default:
		err = r.measureLong(ctx, index, cell, &trial)
	}
	if ctx.Err() != nil {
		return trial, context.Cause(ctx)
	}
	if errors.Is(err, engine.ErrBackground) { // which may show when it has started
		r.starts.note(cell, err)
	}
	if err != nil {
		trial.Failure = err.Error()
		trial.Unstarted = r.starts.refusal(cell) != nil
	}
	r.mu.Lock()
	r.left.ended(index, time.Since(trial.Started))
	if trial.Unstarted {
		r.left.left[index] = 0
	}
	r.mu.Unlock()
	if err := r.Append(trial); err != nil {
		return trial, fmt.Errorf("keep a trial: %w", err)
	}
	r.tell(Event{Cell: cell, Phase: Done, Result: &trial})
	return trial, nil
}

// enter reports that the trial of a cell is in a phase.
func (r *run) enter(cell result.Cell, p Phase) { r.tell(Event{Cell: cell, Phase: p}) }

// connecting returns the function that reports the progress of a cell's replicas.
func (r *run) connecting(cell result.Cell) func(connected, asked int) {
	return func(connected, asked int) {
		r.tell(Event{Cell: cell, Phase: Connecting, Connected: connected, Asked: asked})
	}
}

// tell adds the position of the run, and passes the event on.
func (r *run) tell(e Event) {
	if r.Observe == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Round, e.Rounds, e.Trial, e.Trials = r.at.Round, r.at.Rounds, r.at.Trial, r.at.Trials
	e.Left = r.left.estimate()
	r.Observe(e)
}
