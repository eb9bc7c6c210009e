//go:build linux

package exposition

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"c1m/internal/engine"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/suite"
)

// Run follows a run for scrapes: the events of the suite, and what it watches. Counts of
// a trial that is under way are as of the replicas' last report. Everything else that a
// row of the table has is known only when a trial ends, and is added then.
type Run struct {
	self *Tree

	mu      sync.Mutex
	id      string
	engine  string
	load    func(result.Cell) string // what connections carry, as a label
	at      suite.Event
	trial   bool // one is under way
	sums    map[cellLabels]*cellSums
	counted trialCounts
	server  engine.Server
	tree    *Tree // of the server; nil if its processes cannot be seen
}

// trialCounts are the counts of the replicas, of the trial that is under way and of all
// that have ended.
type trialCounts struct {
	connected     int
	now           result.Loaded
	replies, lost int64 // of the trials that have ended
}

// cellLabels are the labels of what was measured: as many as the run has cells.
type cellLabels struct{ row, connections, load string }

func (l cellLabels) values(more ...string) []string {
	return append([]string{l.row, l.connections, l.load}, more...)
}

// cellSums is what the trials of a cell have given.
type cellSums struct {
	outcomes   map[string]int64
	operations int64
	bytes      int64
	window     time.Duration
	due        *int64 // nil without a schedule
	backlog    int64  // at the end of the last window
	errors     map[string]int64
	latency    *hist.Histogram
	lateness   *hist.Histogram // nil without a schedule
	cpu, wall  time.Duration   // of the server
	memory     *int64          // of the server, in the last trial
}

// The outcomes of a trial.
const (
	outcomeMeasured = "measured"
	outcomeFailed   = "check failed"
	outcomeNone     = "no measurement"
)

// NewRun returns a run that has not begun. load returns a label for what the connections
// of a cell carry.
func NewRun(load func(result.Cell) string) *Run {
	return &Run{load: load, sums: make(map[cellLabels]*cellSums)}
}

// Begin says which run it is.
func (r *Run) Begin(h result.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id, r.engine = h.Run, h.Engine
}

// Observe follows an event of the run.
func (r *Run) Observe(e suite.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Phase {
	case suite.Looked: // between trials
		e.Cell = r.at.Cell
	case suite.Starting, suite.Again, suite.Done, suite.Over:
		r.counted.end()
	}
	r.trial = e.Phase != suite.Looked && e.Phase != suite.Done && e.Phase != suite.Over
	r.at = e
	if e.Phase == suite.Done {
		r.add(e.Cell, *e.Result)
	}
}

// end adds the counts of the trial that was under way to those that have ended.
func (c *trialCounts) end() {
	c.replies += c.now.Replies
	c.lost += c.now.Errors
	c.connected, c.now = 0, result.Loaded{}
}

// Server implements suite.Watcher.
func (r *Run) Server(s engine.Server) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.server, r.tree = s, nil
	if s != nil && s.PID() != 0 {
		r.tree = NewTree(s.PID())
	}
}

// Counts implements suite.Watcher.
func (r *Run) Counts(connected int, counts result.Loaded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted.connected, r.counted.now = connected, counts
}

func (r *Run) labels(c result.Cell) cellLabels {
	return cellLabels{c.Row, strconv.Itoa(c.Conns), r.load(c)}
}

// add adds a trial that has ended.
func (r *Run) add(c result.Cell, t result.Trial) {
	if c.Kind == result.KindCeiling {
		return
	}
	labels := r.labels(c)
	sums := r.sums[labels]
	if sums == nil {
		sums = &cellSums{
			outcomes: map[string]int64{outcomeMeasured: 0, outcomeFailed: 0, outcomeNone: 0},
			errors:   make(map[string]int64), latency: hist.New(),
		}
		r.sums[labels] = sums
	}
	sums.add(t)
}

func (s *cellSums) add(t result.Trial) {
	s.outcomes[outcomeOf(t)]++
	if t.Load == nil {
		return
	}
	s.operations += t.Load.Operations
	s.bytes += t.Load.Bytes
	s.window += t.Load.Window
	for kind, n := range t.Load.Errors {
		s.errors[kind] += n
	}
	_ = s.latency.Merge(t.Load.Latency) // equal buckets: they are of this program
	if t.Load.Lateness != nil {
		if s.due == nil {
			s.due, s.lateness = new(int64), hist.New()
		}
		*s.due += t.Load.Due
		s.backlog = t.Load.BacklogClosed
		_ = s.lateness.Merge(t.Load.Lateness)
	}
	if t.Server != nil {
		s.cpu += t.Server.CPU
		s.wall += t.Server.Wall
		s.memory = t.Server.User
	}
}

func outcomeOf(t result.Trial) string {
	if t.Failure != "" || t.Load == nil {
		return outcomeNone
	}
	if slices.ContainsFunc(t.Checks, func(c result.Check) bool { return c.Verdict == result.Failed }) {
		return outcomeFailed
	}
	return outcomeMeasured
}

// Source returns the metrics of the run. It is called once, if they are to be scraped.
func (r *Run) Source() Source {
	r.self = Self()
	return newSource(runTable, r.read)
}

// RunMetrics describes the metrics of a run.
func RunMetrics() []Metric { return list(runTable) }

// runState is a copy of a Run's state for one scrape.
type runState struct {
	id, engine string
	at         suite.Event
	current    *cellLabels // nil between trials
	cells      []cellState
	counted    trialCounts
	server     *Process       // of the trial under way; nil if unknown
	counts     *result.Counts // that its server has reported; nil if it has not
	self       Process
}

type cellState struct {
	cellLabels
	cellSums
}

// read copies the state, and then reads processes, which takes longer.
func (r *Run) read() runState {
	state, server, tree := r.copy()
	state.self = r.self.Read()
	switch {
	case tree != nil:
		p := tree.Read()
		state.server = &p
	case server != nil:
		if uses := server.Uses(); len(uses) > 0 {
			last := uses[len(uses)-1]
			state.counts = &last.Counts
			state.server = &Process{Processes: last.Processes, CPU: last.CPU, Memory: lastMemory(uses)}
		}
	}
	return state
}

func (r *Run) copy() (runState, engine.Server, *Tree) {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := runState{id: r.id, engine: r.engine, at: r.at, counted: r.counted}
	if r.trial {
		current := r.labels(r.at.Cell)
		state.current = &current
	}
	for labels, sums := range r.sums {
		one := cellState{labels, *sums}
		one.outcomes, one.errors = maps.Clone(sums.outcomes), maps.Clone(sums.errors)
		one.latency, one.lateness = sums.latency.Clone(), sums.lateness.Clone()
		state.cells = append(state.cells, one)
	}
	return state, r.server, r.tree
}

// lastMemory returns the last memory that a server has read of itself, which it does less
// often than anything else; 0 if it has not.
func lastMemory(uses []result.Use) int64 {
	for _, u := range slices.Backward(uses) {
		if u.User != nil {
			return *u.User
		}
	}
	return 0
}
