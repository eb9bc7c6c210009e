//go:build linux

package cli

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"c1m/internal/agent"
	"c1m/internal/format"
	"c1m/internal/load"
	"c1m/internal/metric"
	"c1m/internal/panel"
)

// clientPanel shows a client on the whole terminal, second by second. It reads what loops publish
// anyway, and in the window it also asks them for copies of their latencies, as a scrape does.
type clientPanel struct {
	panel *panel.Panel
	ticks *agent.Background

	cfg      clientConfig
	snapshot func() load.Snapshot
	detail   func() load.Detail
	now      func() time.Time
	used     func() time.Duration // processor time of this process

	mu      sync.Mutex
	last    load.Snapshot
	at      time.Time // of last
	cpu     time.Duration
	entered time.Time // when the phase of last was first seen
	loaded  time.Time // when the load was first seen
	seconds []second

	asked   load.Detail // the last that all loops answered
	askedAt time.Time   // zero: none yet
}

// second is what happened in about a second of load.
type second struct {
	since  time.Duration // the load began
	rate   float64       // operations per second
	open   int
	errors int64
	used   float64 // processors
	latencyText
}

// latencyText is the latency of about a second.
type latencyText struct {
	words         string
	p50, p99, max string // with their marks; empty: unknown
}

// keptSeconds limits the memory of a panel.
const keptSeconds = 3600

// startClientPanel takes over the terminal of stderr until end is called or ctx is done.
func startClientPanel(ctx context.Context, cfg clientConfig, state *load.Live, s streams) *clientPanel {
	p := newClientPanel(cfg, state.Snapshot, state.Detail)
	o := panelOn(s)
	o.Read = func(int) panel.State { return p.read() }
	p.panel = panel.Start(ctx, o)
	p.ticks = agent.NewBackground(ctx)
	p.ticks.Start(func(ctx context.Context) { agent.Each(ctx, time.Second, p.tick) })
	return p
}

func newClientPanel(cfg clientConfig, snapshot func() load.Snapshot, detail func() load.Detail) *clientPanel {
	p := &clientPanel{cfg: cfg, snapshot: snapshot, detail: detail, now: time.Now, used: load.ProcessorTime}
	p.entered = p.now()
	return p
}

// tick draws the last second, if there is a panel and it does not disturb a short window.
func (p *clientPanel) tick() {
	if !p.panel.Ended() && p.sample() {
		p.panel.Changed()
	}
}

// end restores the terminal. It may be called again.
func (p *clientPanel) end() {
	p.ticks.End()
	p.panel.Close()
}

// sample takes a reading of the client, and reports whether it is to be drawn. Only one goroutine
// calls it.
func (p *clientPanel) sample() bool {
	now := p.snapshot()
	if now.Phase == load.Measuring && p.cfg.load.Window < watchedWindow {
		return false
	}
	used, at := p.used(), p.now()
	var text latencyText
	if now.Phase >= load.Priming {
		text = p.latency(now, at) // before the lock, because it waits for the loops, and read must not
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	was, span := p.last, at.Sub(p.at)
	if now.Phase != was.Phase {
		p.entered = at
	}
	if now.Phase >= load.Priming && p.loaded.IsZero() {
		p.loaded = at
	}
	if !p.at.IsZero() && now.Phase >= load.Priming && span > 0 {
		s := second{since: at.Sub(p.loaded), open: now.Connected, errors: now.Errors, used: float64(used-p.cpu) / float64(span), latencyText: text}
		s.rate = float64(now.Replies-was.Replies) / span.Seconds()
		p.seconds = append(p.seconds, s)
		p.seconds = p.seconds[max(0, len(p.seconds)-keptSeconds):]
	}
	p.last, p.at, p.cpu = now, at, used
	return true
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
	if last.words != "" {
		s.Figures = append(s.Figures, panel.Figure{Name: "latency", Text: last.words})
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

// latency asks the loops for the latencies of what ended since they last answered. They record
// none before the window. If a loop does not answer in time, it says so rather than show old
// figures, and the next answer covers that time as well.
func (p *clientPanel) latency(now load.Snapshot, at time.Time) latencyText {
	if now.Phase < load.Measuring {
		return latencyText{words: p.meanLatency(now)}
	}
	d := p.detail()
	if d.Silent > 0 {
		return latencyText{words: fmt.Sprintf("unknown: %d of %s did not answer in time", d.Silent, format.Plural(d.Loops, "event loop"))}
	}
	span := "since the window opened"
	if !p.askedAt.IsZero() {
		span = "in the last " + lately(at.Sub(p.askedAt))
	}
	h, err := d.Latency.Since(p.asked.Latency)
	aged := d.Aged - p.asked.Aged
	p.asked, p.askedAt = d, at
	switch {
	case err != nil:
		return latencyText{words: err.Error()}
	case h.Count() == 0 && (p.cfg.load.Idle || now.Phase > load.Measuring):
		return latencyText{}
	case h.Count() == 0:
		return latencyText{words: "no " + operations(p.cfg.load.Workload) + " " + span}
	}
	quantile := func(q float64) string {
		return metric.Marks(h.AtLeast(q, aged, 0), h.FewAbove(q) && q < 1) + format.Latency(float64(h.Quantile(q)))
	}
	t := latencyText{p50: quantile(0.5), p99: quantile(0.99), max: quantile(1)}
	from := ""
	if d.Schedule != nil {
		from = " since due,"
	}
	t.words = fmt.Sprintf("p50 %s · p99 %s · max %s%s %s", t.p50, t.p99, t.max, from, span)
	return t
}

// meanLatency is the mean since the last sample, of what loops publish: in an open loop it counts
// from when requests were sent.
func (p *clientPanel) meanLatency(now load.Snapshot) string {
	n := now.Replies - p.last.Replies
	if n <= 0 {
		return ""
	}
	mean := (now.Latency - p.last.Latency) / time.Duration(n)
	return "mean " + format.Latency(float64(mean)) + " · percentiles as soon as the window is open"
}

// lately is a time that has just passed, in words.
func lately(d time.Duration) string {
	if s := d.Round(time.Second); s != time.Second {
		return s.String()
	}
	return "second"
}

// table lists the seconds.
func (p *clientPanel) table() panel.Table {
	widths := []int{7, 14, 8, 8, 8, 12}
	line := func(cells ...string) string { return strings.TrimSuffix(format.Line(widths, cells...), "\n") }
	known := func(text string) string { return cmp.Or(text, format.Absent) }
	t := panel.Table{Head: []string{line("time", operations(p.cfg.load.Workload)+"/s", "p50", "p99", "max", "connections", "errors")}}
	for _, s := range p.seconds {
		t.Lines = append(t.Lines, panel.Line{Text: line(s.since.Round(time.Second).String(), format.Grouped(int64(math.Round(s.rate))),
			known(s.p50), known(s.p99), known(s.max), format.Grouped(s.open), format.Grouped(s.errors))})
	}
	t.First = len(t.Lines) - 1
	t.Focus = t.First
	return t
}
