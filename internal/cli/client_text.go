//go:build linux

package cli

import (
	"bytes"
	"context"
	"encoding/json"
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
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// showProgress says every second how far connecting is, until it is done.
func showProgress(ctx context.Context, w io.Writer, state *load.Live) {
	said := false
	agent.Each(ctx, time.Second, func() {
		switch now := state.Snapshot(); {
		case now.Phase == load.Connecting && now.Asked > 0:
			fmt.Fprintf(w, "client: %d of %d connected\n", now.Connected, now.Asked)
		case now.Phase == load.Waiting && !said:
			said = true
			fmt.Fprintf(w, "client: %d connected, %s\n", now.Connected, now.Phase)
		}
	})
}

// writeClient prints a replica's result.
func writeClient(w io.Writer, cfg clientConfig, r result.Replica, checks []result.Check) error {
	var b bytes.Buffer
	if cfg.format == "json" {
		encoder := json.NewEncoder(&b)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(struct {
			Cell    result.Cell    `json:"cell"`
			Summary metric.Sample  `json:"summary"`
			Load    result.Replica `json:"load"`
			Checks  []result.Check `json:"checks"`
		}{cfg.cell(), table.SampleOf(cfg.cell(), r), r, checks}); err != nil {
			return err
		}
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

// writeChecks is a line for each check where 80 columns suffice; the fix stands
// below its value. Causes come first, and what follows from them last.
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
		if c.Cure != "" && c.Verdict != result.OK {
			format.Hang(b, strings.Repeat(" ", verdict+name+4), c.Cure)
		}
	}
}

// urgency orders checks for a reader: failed, warned, nothing to say, and last
// what follows from another.
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

// describeTraffic is what a replica's connections carry.
func describeTraffic(c result.Cell) string {
	text := fmt.Sprintf(", %d bytes a message", c.Size)
	if c.Idle {
		text = ""
	}
	c.Size = 0 // is said
	if rest := strings.TrimLeft(trafficName(c), ", "); rest != "" {
		text += ", " + rest
	}
	return text
}

// writeTraffic is what there is to say of connections that carry requests.
func writeTraffic(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	fmt.Fprintf(b, "round trips/s  %s  (%d in %v)\n", format.Unscaled(r.Throughput()), r.Operations, r.Window)
	if r.Workload.Kind() == workload.Open {
		writeOpenLoop(b, cfg, r)
	} else {
		fmt.Fprintf(b, "latency        %s\n", quantiles(r.Latency))
	}
	fmt.Fprintf(b, "active         %d of %d\n", r.Active, r.Busy)
	writeFairness(b, r.Shares)
}

// quantiles are those of a latency whose every duration is known, in a line.
func quantiles(h *hist.Histogram) string { return report.Quantiles(h, 0, 0, shown) }

func shown(d time.Duration) string { return format.Round(d, 4).String() }

// writeFairness is how the operations were divided among the connections.
func writeFairness(b *bytes.Buffer, s *hist.Shares) {
	if s.Total() == 0 {
		return
	}
	format.Hang(b, "each           ", fmt.Sprintf("least %d, quartiles %d %d %d, most %d; fairness %.3f (Jain)",
		s.Quantile(0), s.Quantile(0.25), s.Quantile(0.5), s.Quantile(0.75), s.Quantile(1), s.Jain()))
}

// writeMarks says how to read the marks of what has been written.
func writeMarks(b *bytes.Buffer, r result.Replica) {
	text := b.String()
	if strings.Contains(text, "≥") {
		format.Wrap(b, report.BoundReading, "")
	}
	if strings.Contains(text, "~") {
		format.Wrap(b, report.FewReading(r.Latency.Count()), "")
	}
}

// describeErrors is the errors by kind, in a fixed order.
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
