//go:build linux

package cli

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"c1m/internal/agent"
	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/panel"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/suite"
	"c1m/internal/table"
)

// runPanel shows the progress of a run on the whole terminal. Nothing is drawn while a short
// window is measured, and the table is computed between trials.
type runPanel struct {
	line  *display // after the panel
	panel *panel.Panel
	ticks *agent.Background

	title, file string
	options     report.Options
	now         func() time.Time
	started     time.Time

	mu     sync.Mutex
	run    *result.Run
	at     suite.Event // the last event
	since  time.Time   // of at
	told   time.Time   // when the panel was last told of a change
	done   *suite.Event
	rates  map[int][]float64 // operations per second of each trial, by cell
	errors int64
	table  *table.Table // ranked
	looked time.Time    // when the table was computed
	cost   time.Duration
}

// startRunPanel takes over the terminal of stderr until end is called or ctx is done. Trials are
// added to run before their Done is observed.
func startRunPanel(ctx context.Context, line *display, s streams, cfg runConfig, run *result.Run, file string) *runPanel {
	p := newRunPanel(line, cfg, run, file)
	o := panelOn(s)
	o.Read = p.read
	p.panel = panel.Start(ctx, o)
	p.ticks = agent.NewBackground(ctx)
	p.ticks.Start(func(ctx context.Context) { agent.Each(ctx, time.Second, p.tick) })
	return p
}

func newRunPanel(line *display, cfg runConfig, run *result.Run, file string) *runPanel {
	p := &runPanel{line: line, file: file, options: cfg.report, now: time.Now, run: run, rates: make(map[int][]float64)}
	p.title = strings.Join(run.Header.Command[:min(2, len(run.Header.Command))], " ")
	p.options.Paint = nil
	if wantsColours() {
		p.options.Paint = paint
	}
	p.started = p.now()
	p.summarise()
	return p
}

// panelOn returns a panel on the terminal of stderr, with keys if stdin is one too.
func panelOn(s streams) panel.Options {
	o := panel.Options{Colours: wantsColours(), Interrupt: interruptSelf}
	o.Out, _ = terminalOf(s.err)
	if in, is := s.in.(*os.File); is && isTerminal(in) {
		o.In = in
	}
	return o
}

// interruptSelf does what a terminal does that is not in raw mode: Ctrl-C sends SIGINT to all
// processes in the foreground. q ends this one alone.
func interruptSelf(key panel.Key) {
	if key == panel.Break {
		_ = syscall.Kill(0, syscall.SIGINT)
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
}

// watchedWindow is the length from which a window is drawn while it is measured.
const watchedWindow = 2 * time.Second

// connectingEvery is how often the number of connections is drawn.
const connectingEvery = 250 * time.Millisecond

// observe shows an event.
func (p *runPanel) observe(e suite.Event) {
	if e.Phase == suite.Over {
		p.end()
	}
	if p.panel.Ended() {
		p.line.observe(e)
		return
	}
	if p.take(e) {
		p.panel.Changed()
	}
}

// end restores the terminal. It may be called again.
func (p *runPanel) end() {
	p.ticks.End()
	p.panel.Close()
}

// take takes an event over, and reports whether it is to be drawn.
func (p *runPanel) take(e suite.Event) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.at, p.since = e, now
	if e.Phase == suite.Done {
		p.add(e)
		p.summarise()
	}
	switch {
	case still(e), e.Phase == suite.Connecting && now.Sub(p.told) < connectingEvery:
		return false
	case e.Phase != suite.Starting && e.Phase != suite.Done && e.Phase != suite.Connecting && window(e) < watchedWindow:
		return false // over before it can be read
	}
	p.told = now
	return true
}

// tick draws the time that has passed.
func (p *runPanel) tick() {
	p.mu.Lock()
	quiet := still(p.at)
	p.mu.Unlock()
	if !quiet {
		p.panel.Changed()
	}
}

// still reports whether a short window is being measured.
func still(e suite.Event) bool { return e.Phase == suite.Measuring && window(e) < watchedWindow }

func window(e suite.Event) time.Duration { return e.Cell.Warmup + e.Cell.Window }

// add adds a trial to the figures.
func (p *runPanel) add(e suite.Event) {
	if e.Cell.Kind == result.KindCeiling {
		return
	}
	p.done = &e
	rate := math.NaN()
	if load := e.Result.Load; load != nil {
		rate = load.Throughput()
		for _, n := range load.Errors {
			p.errors += n
		}
	}
	p.rates[e.Index] = append(p.rates[e.Index], rate)
}

// summariseShare is the inverse of the share of the time of a run that its table may take, which
// grows with the number of trials.
const summariseShare = 50

// summarise computes the table.
func (p *runPanel) summarise() {
	begun := p.now()
	if begun.Sub(p.looked) < summariseShare*p.cost {
		return
	}
	t := table.Summarise(*p.run)
	t.Rank(p.options.Ranks)
	p.table, p.looked = &t, p.now()
	p.cost = p.looked.Sub(begun)
}

// read returns what the panel shows.
func (p *runPanel) read(width int) panel.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, now := p.at, p.now()
	left := max(0, e.Left-now.Sub(p.since))
	s := panel.State{Title: p.title, Beside: p.file, Share: math.NaN(), Keys: "ends the run and keeps what is measured"}
	if e.Phase == "" {
		return s
	}
	if passed := now.Sub(p.started); passed > 0 {
		s.Share = float64(passed) / float64(passed+left)
	}
	s.Done = fmt.Sprintf("%s · %s left", where(e), left.Round(time.Second))
	s.Figures = append(s.Figures, panel.Figure{Name: "now", Text: p.current(now)})
	if e.Look.Text != "" {
		s.Figures = append(s.Figures, panel.Figure{Name: "known", Text: e.Look.Text})
	}
	if p.done != nil {
		s.Figures = append(s.Figures, p.figures(*p.done)...)
	}
	index := e.Index
	if e.Cell.Kind == result.KindCeiling && p.done != nil { // it has no row
		index = p.done.Index
	}
	s.Table = p.rows(index, width)
	return s
}

// current describes the current trial. The phases of a short one are over before they can be read.
func (p *runPanel) current(now time.Time) string {
	e := p.at
	text := cellName(e.Cell)
	switch {
	case e.Phase == suite.Again:
		return fmt.Sprintf("%s · again, with a window of %v", text, e.Longer)
	case e.Phase == suite.Measuring && window(e) >= watchedWindow:
		return fmt.Sprintf("%s · %s, %s of %s", text, e.Phase, now.Sub(p.since).Round(time.Second), window(e).Round(time.Second))
	case window(e) >= watchedWindow || e.Phase == suite.Connecting:
		return text + " · " + phaseText(e)
	}
	return text
}

// figures are those of the last trial.
func (p *runPanel) figures(e suite.Event) []panel.Figure {
	list := []panel.Figure{{Name: "last trial", Text: cellName(e.Cell) + " · " + trialText(e.Cell, *e.Result)}}
	load := e.Result.Load
	if load == nil {
		return list
	}
	if rates := p.rates[e.Index]; load.Throughput() > 0 {
		var slices []float64
		for _, n := range load.WholeSlices() {
			slices = append(slices, float64(n))
		}
		list = append(list,
			panel.Figure{Name: "throughput", Text: format.Rate(load.Throughput()) + " in its window", Series: slices},
			panel.Figure{Text: format.Plural(len(rates), "trial") + " of this row", Series: rates})
	}
	if text := latencies(e.Cell, *load); text != "" {
		list = append(list, panel.Figure{Name: "latency", Text: text})
	}
	errors := describeErrors(load.Errors)
	if p.errors > 0 {
		errors += fmt.Sprintf(", %s in the run", format.Grouped(p.errors))
	}
	return append(list,
		panel.Figure{Name: "connections", Text: fmt.Sprintf("%s of %s · errors: %s", format.Grouped(load.Kept), format.Grouped(load.Asked()), errors)},
		panel.Figure{Name: "CPU", Text: p.processors(*e.Result)})
}

// latencies are the percentiles of a load; empty without latencies.
func latencies(cell result.Cell, load result.Replica) string {
	readings := table.SampleOf(cell, load).Readings
	var parts []string
	for _, of := range []struct {
		name string
		key  metric.Key
	}{{"p50", metric.P50}, {"p99", metric.P99}, {"max", metric.Max}} {
		if r, is := readings[of.key]; is {
			parts = append(parts, of.name+" "+metric.Marks(r.AtLeast, r.Few)+format.Latency(r.Value))
		}
	}
	return strings.Join(parts, " · ")
}

// processors are how many processors both ends of a trial used on average.
func (p *runPanel) processors(t result.Trial) string {
	used := func(cpu, wall time.Duration) string {
		if wall <= 0 {
			return format.Absent
		}
		return fmt.Sprintf("%.2f", float64(cpu)/float64(wall))
	}
	server := format.Absent
	if t.Server != nil {
		server = used(t.Server.CPU, t.Server.Wall)
	}
	text := fmt.Sprintf("server %s · clients %s", server, used(t.Load.CPU, t.Load.CPUWall))
	if n := p.run.Header.Environment.CPUs; n > 0 && p.run.Header.Engine == engineLocal {
		text += " of " + format.Plural(n, "processor")
	}
	return text
}

// rows are the table's, as far as they share their columns with a cell's.
func (p *runPanel) rows(cell, width int) panel.Table {
	for row, index := range p.run.Header.RowCells() {
		if index == cell {
			o := p.options
			o.Columns = width
			return p.lines(o.Glance(*p.table, row))
		}
	}
	return panel.Table{}
}

// lines are the rows of a table with the throughput of their trials.
func (p *runPanel) lines(seen report.Glance) panel.Table {
	t := panel.Table{Head: seen.Head, First: seen.Load, Focus: seen.Row}
	cells := p.run.Header.RowCells()
	for i, text := range seen.Lines {
		line := panel.Line{Text: text}
		if row := seen.Rows[i]; row >= 0 {
			line.Series = p.rates[cells[row]]
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}
