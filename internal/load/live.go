package load

import (
	"sync/atomic"
	"time"
)

// Phase is what a replica is doing.
type Phase int32

// The phases, in their order.
const (
	Connecting Phase = iota
	Waiting          // connected, for the start signal
	Priming          // until every connection has had its first reply
	Warming
	Measuring
	Draining // and waiting for the permission to close
	Done
)

var phaseNames = [...]string{"connecting", "waiting for the start", "first replies", "warm-up", "measuring", "draining", "done"}

// String is the phase in words.
func (p Phase) String() string {
	if p < 0 || int(p) >= len(phaseNames) {
		return "unknown"
	}
	return phaseNames[p]
}

// Live is what can be seen of a run while it lasts. The zero value is ready
// to be given to one Run; any goroutine may call Snapshot.
type Live struct {
	phase atomic.Int32
	asked atomic.Int64
	loops atomic.Pointer[[]*published]
}

// Snapshot is the state of a run at one moment. The counts are cumulative:
// what happened between two snapshots is their difference.
type Snapshot struct {
	Phase     Phase
	Asked     int           // connections asked for
	Connected int           // connections up now
	Replies   int64         // complete and right, since the load began
	Latency   time.Duration // the sum over Replies
	InFlight  int           // requests sent and not answered
	Errors    int64         // of all kinds
}

// Snapshot reads the state. Its counts are at most one wake-up of a loop old.
func (l *Live) Snapshot() Snapshot {
	s := Snapshot{Phase: Phase(l.phase.Load()), Asked: int(l.asked.Load())}
	loops := l.loops.Load()
	if loops == nil {
		return s
	}
	for _, p := range *loops {
		s.Connected += int(p.open.Load())
		s.Replies += p.replies.Load()
		s.Latency += time.Duration(p.latency.Load())
		s.InFlight += int(p.inFlight.Load())
		s.Errors += p.errors.Load()
	}
	return s
}

// published is what a loop lets others see. It fills two pairs of cache
// lines of its own: the first is written once per wake-up, the second only
// when something in it changed.
type published struct {
	_        [128]byte
	inFlight atomic.Int64 // sent − answered, as one number so that no reader sees half of a change
	replies  atomic.Int64
	latency  atomic.Int64 // sum, ns
	waiting  atomic.Int64 // open loop: due and not sent
	_        [128 - 4*8]byte

	open       atomic.Int64 // connections that are up
	settled    atomic.Int64 // connections that are up or were lost
	unanswered atomic.Int64 // busy connections that are up and have had no reply yet
	answeredAt atomic.Int64 // time of the last first reply, ns
	errors     atomic.Int64
	ended      atomic.Bool // has seen the window's end
	operations atomic.Int64
	missing    atomic.Int64 // connections that were closed on purpose and are not up again
	recorded   atomic.Int64 // sum of the latencies of operations, ns
	_          [128 - 9*8]byte
}
