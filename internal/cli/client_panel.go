//go:build linux

package cli

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"c1m/internal/agent"
	"c1m/internal/format"
	"c1m/internal/load"
	"c1m/internal/panel"
)

// clientPanel shows a client on the whole terminal, second by second. Like the live line it reads
// what loops publish anyway, so its latency is a mean.
type clientPanel struct {
	panel *panel.Panel
	ticks *agent.Background

	cfg      clientConfig
	snapshot func() load.Snapshot
	now      func() time.Time
	used     func() time.Duration // processor time of this process

	mu      sync.Mutex
	last    load.Snapshot
	at      time.Time // of last
	cpu     time.Duration
	entered time.Time // when the phase of last was first seen
	loaded  time.Time // when the load was first seen
	seconds []second
}

// second is what happened in about a second of load.
type second struct {
	since   time.Duration // the load began
	rate    float64       // operations per second
	latency time.Duration // mean; 0: unknown
	open    int
	errors  int64
	used    float64 // processors
}

// keptSeconds limits the memory of a panel.
const keptSeconds = 3600

// startClientPanel takes over the terminal of stderr until end is called or ctx is done.
func startClientPanel(ctx context.Context, cfg clientConfig, state *load.Live, s streams) *clientPanel {
	p := newClientPanel(cfg, state.Snapshot)
	o := panelOn(s)
	o.Read = func(int) panel.State { return p.read() }
	p.panel = panel.Start(ctx, o)
	p.ticks = agent.NewBackground(ctx)
	p.ticks.Start(func(ctx context.Context) {
		agent.Each(ctx, time.Second, func() {
			p.sample()
			p.panel.Changed()
		})
	})
	return p
}

func newClientPanel(cfg clientConfig, snapshot func() load.Snapshot) *clientPanel {
	p := &clientPanel{cfg: cfg, snapshot: snapshot, now: time.Now, used: load.ProcessorTime}
	p.entered = p.now()
	return p
}

// end restores the terminal. It may be called again.
func (p *clientPanel) end() {
	p.ticks.End()
	p.panel.Close()
}

// sample takes a reading of the client.
func (p *clientPanel) sample() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, was, used := p.snapshot(), p.last, p.used()
	at := p.now()
	span := at.Sub(p.at)
	if now.Phase != was.Phase {
		p.entered = at
	}
	if now.Phase >= load.Priming && p.loaded.IsZero() {
		p.loaded = at
	}
	if !p.at.IsZero() && now.Phase >= load.Priming && span > 0 {
		s := second{since: at.Sub(p.loaded), open: now.Connected, errors: now.Errors, used: float64(used-p.cpu) / float64(span)}
		n := now.Replies - was.Replies
		s.rate = float64(n) / span.Seconds()
		if n > 0 {
			s.latency = (now.Latency - was.Latency) / time.Duration(n)
		}
		p.seconds = append(p.seconds, s)
		p.seconds = p.seconds[max(0, len(p.seconds)-keptSeconds):]
	}
	p.last, p.at, p.cpu = now, at, used
}

// read returns what the panel shows.
func (p *clientPanel) read() panel.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := panel.State{Title: "client", Share: math.NaN(), Keys: "ends the client without a result"}
	var targets []string
	for _, t := range p.cfg.load.Targets {
		targets = append(targets, t.String())
	}
	s.Beside = strings.Join(targets, ", ")
	if p.at.IsZero() {
		return s
	}
	s.Share, s.Done = p.progress()
	what := format.Plural(p.cfg.load.Conns, "connection") + ", " + format.Plural(p.cfg.load.Loops, "event loop") + describeTraffic(p.cfg.cell())
	s.Figures = []panel.Figure{
		{Name: "load", Text: what},
		{Name: "connections", Text: fmt.Sprintf("%s of %s · errors %s", format.Grouped(p.last.Connected), format.Grouped(p.last.Asked), format.Grouped(p.last.Errors))},
	}
	if len(p.seconds) == 0 {
		return s
	}
	last := p.seconds[len(p.seconds)-1]
	var rates []float64
	for _, one := range p.seconds {
		rates = append(rates, one.rate)
	}
	s.Figures = append(s.Figures, panel.Figure{Name: "throughput", Text: format.Rate(last.rate), Series: rates})
	if last.latency > 0 {
		s.Figures = append(s.Figures, panel.Figure{Name: "latency", Text: "mean " + format.Latency(float64(last.latency)) + " in the last second"})
	}
	s.Figures = append(s.Figures, panel.Figure{Name: "CPU", Text: fmt.Sprintf("client %.2f processors", last.used)})
	s.Table = p.table()
	return s
}

// progress returns which share of its phase a client has done, and that in words.
func (p *clientPanel) progress() (share float64, text string) {
	now := p.last
	passed := p.at.Sub(p.entered)
	of := func(length time.Duration) (float64, string) {
		left := max(0, length-passed)
		return min(1, float64(passed)/float64(length)), fmt.Sprintf("%s · %s of %s left", now.Phase, left.Round(time.Second), format.Setting(length))
	}
	switch {
	case now.Phase == load.Connecting && now.Asked > 0:
		return float64(now.Connected) / float64(now.Asked), fmt.Sprintf("%s · %s of %s", now.Phase, format.Grouped(now.Connected), format.Grouped(now.Asked))
	case now.Phase == load.Warming && p.cfg.load.Warmup > 0:
		return of(p.cfg.load.Warmup)
	case now.Phase == load.Measuring:
		return of(p.cfg.load.Window)
	}
	return math.NaN(), now.Phase.String()
}

// table lists the seconds.
func (p *clientPanel) table() panel.Table {
	widths := []int{7, 14, 12, 12}
	line := func(cells ...string) string { return strings.TrimSuffix(format.Line(widths, cells...), "\n") }
	t := panel.Table{Head: []string{line("time", operations(p.cfg.load.Workload)+"/s", "mean latency", "connections", "errors")}}
	for _, s := range p.seconds {
		latency := format.Absent
		if s.latency > 0 {
			latency = format.Latency(float64(s.latency))
		}
		t.Lines = append(t.Lines, panel.Line{Text: line(s.since.Round(time.Second).String(), format.Grouped(int64(math.Round(s.rate))), latency, format.Grouped(s.open), format.Grouped(s.errors))})
	}
	t.First = len(t.Lines) - 1
	t.Focus = t.First
	return t
}
