package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

// sliceWidth is the width of the pieces of the window that are counted apart.
const sliceWidth = 100 * time.Millisecond

// slicesOf is how many pieces a window has; the last may be narrower.
func slicesOf(window time.Duration) int {
	return int((window + sliceWidth - 1) / sliceWidth)
}

// tally is what one loop counted. It has a single writer, and no reader
// before its loop has ended.
type tally struct {
	latency *hist.Histogram
	slices  []int64

	first, last time.Duration // of the replies in the window, since it opened
	operations  int64
	bytes       int64
	active      int
	answered    int // busy connections that had a reply, whenever

	connect *hist.Histogram
	upgrade *hist.Histogram // nil where there is none
	errors  [causes]int64
	faults  [causes]result.Fault

	carried  time.Duration // the ages of what was in flight when the window opened, summed
	left     time.Duration // the same when it closed
	givenUp  time.Duration // how long requests were in flight that ended in it without a reply in time
	inFlight int           // at the window's end
	oldest   time.Duration // of those, at that time
	silent   int           // connections without a reply when the drain was over
}

func newTally(window time.Duration) *tally {
	return &tally{
		latency: hist.New(),
		connect: hist.New(),
		slices:  make([]int64, slicesOf(window)),
	}
}

// record counts a reply that came at a time after the window opened, and
// before its end. Replies come in the order of time.
func (t *tally) record(at, latency time.Duration, size int) {
	t.latency.Record(int64(latency))
	t.count(at, size)
}

// count counts an operation without its latency.
func (t *tally) count(at time.Duration, size int) {
	t.operations++
	t.slices[at/sliceWidth]++
	if t.bytes == 0 {
		t.first = at
	}
	t.last = at
	t.bytes += int64(size)
}

// lost is the number of errors of all causes.
func (t *tally) lost() int64 {
	var sum int64
	for _, n := range t.errors {
		sum += n
	}
	return sum
}

// addTo adds the tally to the replica that opened its window at opened.
func (t *tally) addTo(r *result.Replica, opened time.Duration) error {
	if t.bytes > 0 {
		first, last := opened+t.first, opened+t.last
		if r.Operations == 0 || first < r.First {
			r.First = first
		}
		r.Last = max(r.Last, last)
	}
	r.Operations += t.operations
	r.Bytes += t.bytes
	r.Active += t.active
	r.Answered += t.answered
	r.Carried += t.carried
	r.Left += t.left
	r.GivenUp += t.givenUp
	r.InFlight += t.inFlight
	r.Oldest = max(r.Oldest, t.oldest)
	r.Silent += t.silent
	for i, n := range t.slices {
		r.Slices[i] += n
	}
	for k, n := range t.errors {
		if n > 0 {
			r.Errors[causeNames[k]] += n
			r.AddFault(causeNames[k], t.faults[k])
		}
	}
	if err := r.Latency.Merge(t.latency); err != nil {
		return err
	}
	if t.upgrade != nil {
		if r.Upgrade == nil {
			r.Upgrade = hist.New()
		}
		if err := r.Upgrade.Merge(t.upgrade); err != nil {
			return err
		}
	}
	return r.Connect.Merge(t.connect)
}
