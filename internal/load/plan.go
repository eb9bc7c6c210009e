//go:build linux

package load

import (
	"math"
	"sync/atomic"
	"time"

	"c1m/internal/usage"
)

// stage is what the loops are told to do.
type stage int32

const (
	stageConnect stage = iota // connect, then send nothing
	stageLoad                 // keep the load up until the window has closed
	stageHold                 // the result is final; keep what is open
	stageRelease              // close everything and return
)

// plan is what the loops of a run are told, and the clock they share. Times
// are since base. The loops read it for each reply; its cache lines are
// written a few times in a run.
type plan struct {
	_      [128]byte
	base   time.Time
	stage  atomic.Int32
	opened atomic.Int64 // the window, ns; the end of time while unknown
	closed atomic.Int64

	// changed is signalled when a loop published something that is not
	// merely a count.
	changed chan struct{}
	_       [128]byte

	// connectedAt is when any loop last had a connection come up, ns; 0 is
	// never.
	connectedAt atomic.Int64

	delay usage.Delay // of this process, for all loops
}

// unknown is the time of a window that has not been set.
const unknown = time.Duration(math.MaxInt64)

func newPlan() *plan {
	p := &plan{base: time.Now(), changed: make(chan struct{}, 1)}
	p.opened.Store(int64(unknown))
	p.closed.Store(int64(unknown))
	return p
}

// now is the time since base, from the monotonic clock.
func (p *plan) now() time.Duration { return time.Since(p.base) }

// at is a time since base, by one reading of the clock: between two a thread may
// be kept from running. A time of day is as far off as it is now.
func (p *plan) at(t time.Time) time.Duration {
	now := time.Now()
	return now.Sub(p.base) + t.Sub(now)
}

// window is when the window opens and closes.
func (p *plan) window() (opened, closed time.Duration) {
	return time.Duration(p.opened.Load()), time.Duration(p.closed.Load())
}

// signal wakes whoever waits for changed. It does not block.
func (p *plan) signal() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}
