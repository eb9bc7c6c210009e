package load

import (
	"sync"
	"sync/atomic"
	"time"
)

// Phase is the phase of a replica.
type Phase int32

// The phases, in order.
const (
	Connecting Phase = iota
	Waiting          // for the start signal
	Priming          // until every busy connection has its first reply
	Warming
	Measuring
	Draining // and waiting for the release
	Done
)

var phaseNames = [...]string{"connecting", "waiting for the start", "first replies", "warm-up", "measuring", "draining", "done"}

// String returns the name of the phase.
func (p Phase) String() string {
	if p < 0 || int(p) >= len(phaseNames) {
		return "unknown"
	}
	return phaseNames[p]
}

// Live shows the state of a run while it lasts. The zero value is ready to be passed to
// one Run; any goroutine may call Snapshot.
type Live struct {
	phase     atomic.Int32
	requested atomic.Int64
	run       atomic.Pointer[running]

	mu sync.Mutex // one Detail at a time
}

// running is what is shared of a run: its loops and their command.
type running struct {
	loops []*published
	plan  *plan
}

// Snapshot is the state of a run at one moment. Counts are cumulative.
type Snapshot struct {
	Phase     Phase
	Asked     int           // connections requested
	Connected int           // connections established now
	Replies   int64         // complete and correct, since the load began
	Latency   time.Duration // the sum over Replies
	InFlight  int           // requests sent and not answered
	Waiting   int           // open loop: requests due and not sent
	Errors    int64         // of all kinds
}

// Snapshot reads the state, as of the last wake-up of each loop.
func (l *Live) Snapshot() Snapshot {
	s := Snapshot{Phase: Phase(l.phase.Load()), Asked: int(l.requested.Load())}
	r := l.run.Load()
	if r == nil {
		return s
	}
	for _, p := range r.loops {
		s.Connected += int(p.open.Load())
		s.Replies += p.replies.Load()
		s.Latency += time.Duration(p.latency.Load())
		s.InFlight += int(p.inFlight.Load())
		s.Waiting += int(p.waiting.Load())
		s.Errors += p.errors.Load()
	}
	return s
}

// published is the state of a loop for other goroutines. It fills two pairs of cache
// lines: the first is written once per wake-up, the second only when it changes.
type published struct {
	_        [128]byte
	inFlight atomic.Int64 // sent − answered, as one number so that reads are consistent
	replies  atomic.Int64
	latency  atomic.Int64 // sum, ns
	waiting  atomic.Int64 // open loop: due and not sent
	_        [128 - 4*8]byte

	open       atomic.Int64 // connections that are up
	settled    atomic.Int64 // connections that were ever up, or are lost
	unanswered atomic.Int64 // busy connections that are up and have no reply yet
	answeredAt atomic.Int64 // time of the last first reply, ns
	errors     atomic.Int64
	ended      atomic.Bool // has noticed the end of the window
	operations atomic.Int64
	missing    atomic.Int64 // connections that the traffic closed and that are not up again
	recorded   atomic.Int64 // sum of the latencies of operations, ns
	detail     atomic.Pointer[detail]
	_          [128 - 10*8]byte
}
