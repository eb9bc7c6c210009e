//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"time"

	"c1m/internal/format"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// writeUpgrades writes the results of upgrades.
func writeUpgrades(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "upgrades/s     %s\n", format.Unscaled(float64(r.Upgrade.Count())/max(r.ConnectTime, time.Nanosecond).Seconds()))
	fmt.Fprintf(b, "to upgrade     %s\n", quantiles(r.Upgrade))
}

// writeIdle writes the results of idle connections.
func writeIdle(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "connects/s     %s\n", format.Unscaled(float64(r.Connected)/max(r.ConnectTime, time.Nanosecond).Seconds()))
	fmt.Fprintf(b, "to connect     %s\n", quantiles(r.Connect))
	fmt.Fprintf(b, "held           %d of %d\n", r.Kept, r.Asked())
}

// writeReopened writes the results of connections that were closed and reopened.
func writeReopened(b *bytes.Buffer, r result.Replica) {
	if r.Reconnect == nil {
		return
	}
	fmt.Fprintf(b, "reopened       %d\n", r.Reopened)
	fmt.Fprintf(b, "to connect     %s\n", quantiles(r.Reconnect))
	if s := r.Storm; s != nil {
		format.Hang(b, fmt.Sprintf("recovered      after %v  ", format.Round(s.Recovered, 4)),
			fmt.Sprintf("(%d dials failed, %d connections never did)", s.Failures, s.Silent))
	}
}

// operations names what is counted: round trips, or deliveries with push.
func operations(w workload.Workload) string {
	if w.Kind() == workload.Push {
		return "deliveries"
	}
	return "round trips"
}

// writePushed writes the results of subscribers.
func writePushed(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "deliveries/s   %s  (%d in %v, %d missing)\n", format.Unscaled(r.Throughput()), r.Operations, r.Window, r.Missed)
	fmt.Fprintf(b, "latency        %s\n", quantiles(r.Latency))
	fmt.Fprintf(b, "active         %d of %d\n", r.Active, r.Asked())
	writeFairness(b, r.Shares)
}

// writeStages writes a line for each stage of a load.
func writeStages(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	if stages := table.StagesOf(cfg.cell(), []result.Replica{r}); stages != nil {
		b.WriteString("\n")
		report.WriteStages(b, stages)
		b.WriteString("\n")
	}
}

// writeOpenLoop writes an open loop's rate and latency.
func writeOpenLoop(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	offered := r.Workload.Rate
	if r.Stages != nil { // the mean
		offered = float64(r.Due) / r.Window.Seconds()
	}
	format.Hang(b, fmt.Sprintf("offered/s      %s, %s  ", format.Unscaled(offered), cfg.load.Arrivals),
		fmt.Sprintf("(%d due; backlog %d when the window opened, %d when it closed)", r.Due, r.BacklogOpened, r.BacklogClosed))
	fmt.Fprintf(b, "latency\n")
	fmt.Fprintf(b, "  from due     %s\n", report.Quantiles(r.Latency, r.Unanswered, r.UnansweredFrom, shown))
	fmt.Fprintf(b, "  from sent    %s\n", report.Quantiles(r.Raw, r.RawUnanswered, r.RawUnansweredFrom, shown))
	fmt.Fprintf(b, "  lateness     %s\n", quantiles(r.Lateness))
	if r.Unanswered > 0 {
		format.Hang(b, "  unanswered   ", fmt.Sprintf("%d, counted at their age, from %v on", r.Unanswered, format.Round(r.UnansweredFrom, 4)))
	}
}
