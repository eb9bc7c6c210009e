//go:build linux

package load

import (
	"math"
	"sync/atomic"
	"time"

	"c1m/internal/usage"
)

// stage is the command to the loops.
type stage int32

const (
	stageConnect stage = iota // connect, then send nothing
	stageLoad                 // send requests until the window has closed
	stageHold                 // the result is final; keep connections open
	stageRelease              // close everything and return
)

// plan is the loops' common command and clock. Times are since base. The loops read it
// for each reply; its cache lines are written only a few times in a run.
type plan struct {
	_      [128]byte
	base   time.Time
	stage  atomic.Int32
	opened atomic.Int64 // the window, ns; unknown until it is set
	closed atomic.Int64

	// changed is signalled when a loop published the second part of published, once its
	// connections have settled.
	changed chan struct{}

	asked atomic.Pointer[ask] // the last Live.Detail
	_     [128]byte

	// connectedAt is when a connection of any loop was last established, ns; 0 means
	// never.
	connectedAt atomic.Int64

	connecting atomic.Int64 // when the first loop began to connect, ns; 0: none has

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

// now returns the time since base, by the monotonic clock.
func (p *plan) now() time.Duration { return time.Since(p.base) }

// beginConnecting returns when the first loop began to connect: now, if none has. All loops
// count from it, so that they keep a rate together.
func (p *plan) beginConnecting(now time.Duration) time.Duration {
	p.connecting.CompareAndSwap(0, int64(max(now, 1)))
	return time.Duration(p.connecting.Load())
}

// at converts t to a time since base. It reads the clock once, because a thread may be
// interrupted between two readings. A time of day is converted by its distance from now.
func (p *plan) at(t time.Time) time.Duration {
	now := time.Now()
	return now.Sub(p.base) + t.Sub(now)
}

// window returns when the window opens and closes.
func (p *plan) window() (opened, closed time.Duration) {
	return time.Duration(p.opened.Load()), time.Duration(p.closed.Load())
}

// signal signals changed. It does not block.
func (p *plan) signal() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}
