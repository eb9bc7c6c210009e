//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"strconv"

	"c1m/internal/load"
	"c1m/internal/report"
	"c1m/internal/result"
)

// clientRate is the flag of what one replica offers, in requests per second.
// It need not be whole: a replica has a part of the total.
type clientRate float64

func (r *clientRate) Type() string { return "RATE" }

func (r *clientRate) String() string {
	if *r == 0 { // none given
		return ""
	}
	return strconv.FormatFloat(float64(*r), 'g', -1, 64)
}

func (r *clientRate) Set(s string) error {
	v, err := parseAmount(s)
	if err == nil {
		*r = clientRate(v)
	}
	return err
}

// checkRate refuses a rate that cannot be offered, or that the window could
// not show.
func (f clientFlags) checkRate(given func(string) bool) error {
	if err := oneOf("arrivals", f.arrivals, load.Uniform, load.Poisson); err != nil {
		return err
	}
	switch rate := float64(f.rate); {
	case !given("rate") && given("arrivals"):
		return usagef("-arrivals %s: a closed loop has no schedule; add -rate", f.arrivals)
	case !given("rate"):
		return nil
	case !(rate > 0):
		return usagef("-rate %v: want more than 0 requests per second; leave it out for a closed loop", rate)
	case rate > load.MaxRate:
		return usagef("-rate %.0f: want at most %.0f requests per second, one for each microsecond; use more replicas", rate, load.MaxRate)
	case rate*f.window.Seconds() < 1:
		return usagef("-rate %v: less than one request in a window of %v; want a higher rate or a longer -d", rate, f.window)
	}
	return nil
}

// ownSeed is that of a replica which was given none: equal schedules would send
// together.
func (f clientFlags) ownSeed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.run + "/" + f.id)) // never fails
	return h.Sum64()
}

// writeOpenLoop is what there is to say of an open loop's load and latency.
func writeOpenLoop(b *bytes.Buffer, cfg clientConfig, r result.Replica) {
	report.Hang(b, fmt.Sprintf("offered/s      %s, %s  ", perSecond(r.Rate), cfg.load.Arrivals),
		fmt.Sprintf("(%d due; backlog %d when the window opened, %d when it closed)", r.Due, r.BacklogOpened, r.BacklogClosed))
	fmt.Fprintf(b, "latency\n")
	fmt.Fprintf(b, "  from due     %s\n", report.Quantiles(r.Latency, r.Unanswered, r.UnansweredFrom, shown))
	fmt.Fprintf(b, "  from sent    %s\n", report.Quantiles(r.Raw, r.RawUnanswered, r.RawUnansweredFrom, shown))
	fmt.Fprintf(b, "  lateness     %s\n", quantiles(r.Lateness))
	if r.Unanswered > 0 {
		report.Hang(b, "  unanswered   ", fmt.Sprintf("%d, counted at their age, from %v on", r.Unanswered, round(r.UnansweredFrom)))
	}
}
