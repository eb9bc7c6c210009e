//go:build linux

package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"c1m/internal/agent"
	"c1m/internal/format"
	"c1m/internal/hist"
	"c1m/internal/load"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// showProgress prints the number of connections every second while connecting.
func showProgress(ctx context.Context, w io.Writer, state *load.Live) {
	waiting := false
	agent.Each(ctx, time.Second, func() {
		switch now := state.Snapshot(); {
		case now.Phase == load.Connecting && now.Asked > 0:
			fmt.Fprintf(w, "client: %d of %d connected\n", now.Connected, now.Asked)
		case now.Phase == load.Waiting && !waiting:
			waiting = true
			fmt.Fprintf(w, "client: %d connected, %s\n", now.Connected, now.Phase)
		}
	})
}

// writeClient prints a replica's result.
func writeClient(w io.Writer, cfg clientConfig, r result.Replica, checks []result.Check) error {
	var b bytes.Buffer
	if cfg.format == "json" {
		text, err := plain.Document(struct {
			Cell    result.Cell    `json:"cell"`
			Summary metric.Sample  `json:"summary"`
			Load    result.Replica `json:"load"`
			Checks  []result.Check `json:"checks"`
		}{cfg.cell(), table.SampleOf(cfg.cell(), r), r, checks})
		if err != nil {
			return err
		}
		b.Write(text)
	} else {
		writeClientText(&b, cfg, r, checks)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeClientText(b *bytes.Buffer, cfg clientConfig, r result.Replica, checks []result.Check) {
	var targets []string
	for _, t := range cfg.load.Targets {
		targets = append(targets, t.String())
	}
	format.Wrap(b, fmt.Sprintf("%d connections to %s, %d event loops%s",
		cfg.load.Conns, strings.Join(targets, ", "), cfg.load.Loops, describeTraffic(cfg.cell())), "  ")
	fmt.Fprintf(b, "connected in %v; measured for %v after %v of warm-up\n\n",
		format.Round(r.ConnectTime, 4), r.Window, cfg.load.Warmup)

	switch cfg.load.Kind() {
	case workload.Push:
		writePushed(b, r)
	case workload.Idle:
		writeIdle(b, r)
	default:
		writeTraffic(b, cfg, r)
	}
	writeReopened(b, r)
	if r.Upgrade != nil {
		writeUpgrades(b, r)
	}
	format.Hang(b, "errors         ", describeErrors(r.Errors))
	writeMarks(b, r)
	b.WriteString("\n")
	writeChecks(b, checks)
}

// writeChecks writes each check, with its fix below. Causes come first, checks that follow
// from them last.
func writeChecks(b *bytes.Buffer, checks []result.Check) {
	checks = slices.Clone(checks)
	slices.SortStableFunc(checks, func(a, b result.Check) int { return urgency(a) - urgency(b) })
	verdict, name := 0, 0
	for _, c := range checks {
		verdict, name = max(verdict, len(c.Verdict)), max(name, len(c.Name))
	}
	for _, c := range checks {
		reason := c.Limit
		if c.Follows != "" {
			reason = "follows from " + c.Follows
		}
		format.Hang(b, fmt.Sprintf("%-*s  %-*s  ", verdict, c.Verdict, name, c.Name), c.Value+" ("+reason+")")
		if c.Fix != "" && c.Verdict != result.OK {
			format.Hang(b, strings.Repeat(" ", verdict+name+4), c.Fix)
		}
	}
}

// urgency orders checks: failed, warnings, others, and last those that follow from another.
func urgency(c result.Check) int {
	switch {
	case c.Follows != "":
		return 3
	case c.Verdict == result.Failed:
		return 0
	case c.Verdict == result.Warning:
		return 1
	}
	return 2
}

// describeTraffic describes what a replica's connections carry.
func describeTraffic(c result.Cell) string {
	text := ""
	if !c.Idle {
		text = fmt.Sprintf(", %d bytes a message", c.Size)
	}
	c.Size = 0 // already included
	for _, words := range carried(c) {
		text += ", " + words
	}
	return text
}

// writeTraffic writes the results of connections that carry requests.
func writeTraffic(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	fmt.Fprintf(b, "round trips/s  %s  (%d in %v)\n", format.Unscaled(r.Throughput()), r.Operations, r.Window)
	if r.Workload.Scheduled() {
		writeOpenLoop(b, cfg, r)
	} else {
		fmt.Fprintf(b, "latency        %s\n", quantiles(r.Latency))
	}
	fmt.Fprintf(b, "active         %d of %d\n", r.Active, r.Busy())
	writeFairness(b, r.Shares)
	writeStages(b, cfg, r)
}

// quantiles formats the quantiles of a histogram without unanswered requests.
func quantiles(h *hist.Histogram) string { return report.Quantiles(h, 0, 0, shown) }

func shown(d time.Duration) string { return format.Round(d, 4).String() }

// writeFairness writes how operations were distributed over the connections.
func writeFairness(b *bytes.Buffer, s *hist.Shares) {
	if s.Total() == 0 {
		return
	}
	format.Hang(b, "each           ", fmt.Sprintf("least %d, quartiles %d %d %d, most %d; fairness %.3f (Jain)",
		s.Quantile(0), s.Quantile(0.25), s.Quantile(0.5), s.Quantile(0.75), s.Quantile(1), s.Jain()))
}

// writeMarks explains the marks in the text so far.
func writeMarks(b *bytes.Buffer, r result.Replica) {
	text := b.String()
	if strings.Contains(text, "≥") {
		format.Wrap(b, report.BoundReading, "")
	}
	if strings.Contains(text, "~") {
		format.Wrap(b, report.FewReading(r.Latency.Count()), "")
	}
}

// describeErrors lists the errors by kind, in a fixed order.
func describeErrors(errors map[string]int64) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(errors)) {
		if n := errors[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
