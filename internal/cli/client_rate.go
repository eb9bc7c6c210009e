//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"hash/fnv"

	"c1m/internal/format"
	"c1m/internal/report"
	"c1m/internal/result"
)

// ownSeed is that of a replica which was given none: equal schedules would send
// together.
func (f clientFlags) ownSeed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.run + "/" + f.id)) // never fails
	return h.Sum64()
}

// writeOpenLoop is what there is to say of an open loop's load and latency.
func writeOpenLoop(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	format.Hang(b, fmt.Sprintf("offered/s      %s, %s  ", format.Unscaled(r.Workload.Rate), cfg.load.Arrivals),
		fmt.Sprintf("(%d due; backlog %d when the window opened, %d when it closed)", r.Due, r.BacklogOpened, r.BacklogClosed))
	fmt.Fprintf(b, "latency\n")
	fmt.Fprintf(b, "  from due     %s\n", report.Quantiles(r.Latency, r.Unanswered, r.UnansweredFrom, shown))
	fmt.Fprintf(b, "  from sent    %s\n", report.Quantiles(r.Raw, r.RawUnanswered, r.RawUnansweredFrom, shown))
	fmt.Fprintf(b, "  lateness     %s\n", quantiles(r.Lateness))
	if r.Unanswered > 0 {
		format.Hang(b, "  unanswered   ", fmt.Sprintf("%d, counted at their age, from %v on", r.Unanswered, format.Round(r.UnansweredFrom, 4)))
	}
}
