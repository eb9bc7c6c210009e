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

	// Look, if not nil, is called after each round and says what is known then:
	// the run ends when nothing needs more trials. The rounds of the header are
	// the most that it may take.
	Look func(round int) Look

	// For is how long a run may take: no block begins later, but for those of
	// the first round. 0 is as long as its rounds take.
	For time.Duration

	// Observe, if not nil, receives the events. Calls do not overlap.
	Observe func(Event)

	// Watch, if not nil, is told more about a trial while it lasts, which costs the
	// replicas a report twice a second.
	Watch Watcher
}

// Watcher watches trials. Its methods may be called at the same time.
type Watcher interface {
	// Server is called when a trial's server accepts connections, and with nil
	// before it is stopped.
	Server(engine.Server)

	// Counts is called with the open connections and counts of a trial's replicas.
	Counts(connected int, counts result.Loaded)
}

// Phase is the progress of a trial.
type Phase string

// The phases of a trial, in order; a ceiling has only measuring and done.
const (
	Starting   Phase = "starting"
	Connecting Phase = "connecting"
	Priming    Phase = "first replies"
	Measuring  Phase = "measuring" // the warm-up and the window
	Draining   Phase = "draining"
	Reading    Phase = "reading memory"
	Closing    Phase = "closing"
	Stopping   Phase = "stopping"
	Again      Phase = "again" // with a longer window: nothing is kept of it
	Done       Phase = "done"
)

// Phases outside a trial.
const (
	Looked Phase = "looked" // after a round
	Over   Phase = "over"

	CeilingPhase Phase = "ceiling" // only of Spent
)

// Event is a step of a run.
type Event struct {
	Round, Rounds int // from 1; Rounds is 0 if unknown
	Trial, Trials int // from 1, over all rounds; Trials is 0 if unknown
	Cell          result.Cell
	Index         int // of the cell in the header
	Phase         Phase

	Connected, Asked int           // while connecting
	Left             time.Duration // an estimate, until the run is over
	Longer           time.Duration // the next window, when the phase is Again
	Result           *result.Trial // when the phase is Done
	Look             Look          // the last one
	Spent            Spent         // when the phase is Over
}

// Run measures every cell once in each round, those under the same load next to each
// other; a cell whose rate is a share of its row's closed loop follows that one. A
// failed trial is stored with its reason, and the run continues; a cell whose server
// fails its first start has no further trials. When ctx is done, Run ends the trial
// without storing it, and returns ctx's cause.
func Run(ctx context.Context, cfg Config) error {
	cells := cfg.Header.Cells
	r := &rounds{
		run:   newRun(cfg, cfg.Header.Rounds),
		bases: bases(cells),
		done:  make([]bool, len(cells)),
	}
	r.design = newDesign(cfg.Header.Seed, cells, r.bases)
	if cfg.For > 0 {
		r.left.until = time.Now().Add(cfg.For)
	}
	defer r.over()
	for round := 1; round <= cfg.Header.Rounds; round++ {
		if last, err := r.round(ctx, round); last || err != nil {
			return err
		}
	}
	return nil
}

// run is a run in progress.
type run struct {
	Config
	starts   starts
	windows  map[int]time.Duration // of cells whose windows were lengthened
	unloaded unloaded

	mu   sync.Mutex // replicas' progress comes from other goroutines
	left *remaining
	at   Event // where the run is: its counts, the cell's index and the last look only

	stopwatch stopwatch
}

// newRun returns a run that has not begun. rounds are how many trials each cell
// will probably have.
func newRun(cfg Config, rounds int) run {
	return run{Config: cfg, left: newRemaining(cfg.Header.Cells, rounds), starts: newStarts(), unloaded: make(unloaded), stopwatch: newStopwatch()}
}

// over reports that the run is.
func (r *run) over() { r.tell(Event{Phase: Over}) }

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
	trial.LastLook = r.at.Look.LastLook
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
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Phase == Over {
		e.Spent = r.stopwatch.stop()
	} else {
		r.stopwatch.enter(e)
	}
	if r.Observe == nil {
		return
	}
	e.Round, e.Rounds, e.Trial, e.Trials, e.Index = r.at.Round, r.at.Rounds, r.at.Trial, r.at.Trials, r.at.Index
	e.Look, e.Left = r.at.Look, r.left.estimate()
	r.Observe(e)
}
