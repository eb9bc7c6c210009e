package check

import (
	"fmt"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

// Limits of a pause. They are twice and three times the longest ones of 416
// trials on two shared processors (docs/design.md): a stop of 0.13 s, and a wait
// of 0.32 s for a processor.
const (
	stopLimit = 250 * time.Millisecond
	stopShare = 0.5 // of the window, if that is less
	waitLimit = time.Second
)

// Seen is what the harness observed of a trial besides the replicas' results.
type Seen struct {
	Server  *result.Server // nil if its processes cannot be seen
	Harness *result.Pause  // its own longest stop
}

// stall: neither the generator nor the server is stopped, and replies do not stop. A
// stopped process does not notice it: the stop shows only in the largest latency, and
// every other check may pass.
func stall(load result.Replica, seen Seen) result.Check {
	limit := min(stopLimit, time.Duration(stopShare*float64(load.Window)))
	c := result.Check{
		Name:    "stall",
		Verdict: result.OK,
		Value:   "no pause",
		Limit:   fmt.Sprintf("no stop or silence above %s, no wait for a processor above %s", format.Duration(limit), format.Duration(waitLimit)),
	}
	if load.Delayed != nil {
		c.Value = fmt.Sprintf("longest pause %s, of which stopped %s", format.Duration(load.Delayed.For), format.Duration(stopOf(load.Stopped)))
	}
	generator := over(load.Stopped, limit)
	switch server, harness := stopped(seen.Server), over(seen.Harness, limit); {
	case load.Suspended > limit:
		c.Verdict, c.Value = result.Failed, "the machine was suspended for "+format.Duration(load.Suspended)+" in the window"
		c.Fix = "keep the machine awake"
	case generator != nil && (overlap(generator, harness) || overlap(generator, over(server, limit))):
		c.Verdict, c.Value = result.Failed, "the whole machine paused for "+spell(*generator)
		c.Fix = "use a machine that is not paused"
	case generator != nil:
		c.Verdict, c.Value = result.Failed, named(*generator, load.Replicas)+" was stopped for "+spell(*generator)
		c.Fix = resume
	case over(server, limit) != nil:
		c.Verdict, c.Value = result.Failed, server.Who+" was stopped for "+spell(*server)
		c.Fix = resume
	case harness != nil:
		c.Verdict, c.Value = result.Failed, "bench was stopped for "+spell(*harness)
		c.Fix = resume
	case load.Delayed != nil && load.Delayed.Waited > waitLimit:
		c.Verdict = result.Failed
		c.Value = named(*load.Delayed, load.Replicas) + " waited for a processor for " + spell(*load.Delayed)
		c.Fix = "use fewer replicas or event loops, or more processors"
	default:
		silent(&c, load, seen, limit)
	}
	return c
}

// resume is the fix for a process that something stopped.
const resume = "find what stopped it (a signal, a frozen control group, a paused container), and repeat the run"

// over returns the pause if its stop exceeds a limit, else nil.
func over(p *result.Pause, limit time.Duration) *result.Pause {
	if stopOf(p) > limit {
		return p
	}
	return nil
}

func stopOf(p *result.Pause) time.Duration {
	if p == nil {
		return 0
	}
	return p.Stopped()
}

func stopped(s *result.Server) *result.Pause {
	if s == nil {
		return nil
	}
	return s.Stopped
}

// overlap reports whether two pauses share half of the shorter.
func overlap(a, b *result.Pause) bool {
	return a != nil && b != nil && common(a, b) >= min(a.For, b.For)/2
}

// common returns how long two pauses overlap.
func common(a, b *result.Pause) time.Duration {
	if a == nil || b == nil {
		return 0
	}
	return max(0, min(a.End(), b.End())-max(a.At, b.At))
}

// named names the replica that paused.
func named(p result.Pause, replicas int) string {
	if p.Who == "" || replicas < 2 {
		return "the generator"
	}
	return fmt.Sprintf("%s of %d", p.Who, replicas)
}

// spell describes how long a pause was, and when.
func spell(p result.Pause) string {
	if p.At < 0 {
		return fmt.Sprintf("%s, from %s before the window opened", format.Duration(p.For), format.Duration(-p.At))
	}
	return fmt.Sprintf("%s, %s after the window opened", format.Duration(p.For), format.Duration(p.At))
}
