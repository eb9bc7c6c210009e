package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

// sliceLeast is the minimum length of a slice: a shorter one shows the batches of a
// loop, not a rate.
const sliceLeast = 20 * time.Millisecond

// sliceWidth returns the length of the slices of a window, whose operations are
// counted separately: a tenth of a short window, so that a trend in it can be told
// from chance.
func sliceWidth(window time.Duration) time.Duration {
	return min(result.FullSlice, max(sliceLeast, window/10))
}

// slicesOf returns the number of slices of a window; the last may be shorter.
func slicesOf(window, width time.Duration) int { return int((window + width - 1) / width) }

// tally is the counts of one loop, which alone writes them. They are read after it ends.
type tally struct {
	latency   *hist.Histogram
	slices    []int64
	width     time.Duration // of a slice
	slice     int           // the current one
	until     time.Duration // when it ends, since the window opened
	intervals *intervals    // nil in a short window

	silences result.Silences

	first, last time.Duration // of the replies in the window, since it opened
	operations  int64
	bytes       int64
	active      int
	answered    int // busy connections that ever received a reply

	connect *hist.Histogram
	upgrade *hist.Histogram // nil without a handshake
	errors  [causes]int64
	faults  [causes]result.Fault

	// See the fields of result.Replica.
	carried  time.Duration
	left     time.Duration
	givenUp  time.Duration
	inFlight int
	oldest   time.Duration
	silent   int
}

// newTally returns a tally for a window. open is the number of connections established.
func newTally(window time.Duration, open *int) *tally {
	width := sliceWidth(window)
	return &tally{
		latency:   hist.New(),
		connect:   hist.New(),
		slices:    make([]int64, slicesOf(window, width)),
		width:     width,
		until:     width,
		intervals: newIntervals(window, width, open),
		silences:  result.Silences{},
	}
}

// record counts a reply inside the window, at a time since it opened. Replies must be
// recorded in the order of time.
func (t *tally) record(at, latency time.Duration, size int) {
	t.count(at, size)
	t.recordLatency(latency)
}

// count counts an operation without its latency.
func (t *tally) count(at time.Duration, size int) {
	t.operations++
	t.pass(at)
	t.slices[t.slice]++
	if t.bytes == 0 {
		t.first = at
	}
	if at-t.last >= result.LeastSilence {
		t.silences = t.silences.Add(t.last, at)
	}
	t.last = at
	t.bytes += int64(size)
}

// recordLatency records a latency in the current interval.
func (t *tally) recordLatency(latency time.Duration) {
	t.latency.Record(int64(latency))
	if t.intervals != nil {
		t.intervals.latency.Record(int64(latency))
	}
}

// pass ends the slices and intervals that are over at a time since the window opened.
func (t *tally) pass(at time.Duration) {
	if at >= t.until { // no division: it is called for each reply
		t.next(at)
	}
}

func (t *tally) next(at time.Duration) {
	for at >= t.until && t.slice < len(t.slices)-1 {
		t.slice++
		t.until += t.width
		if t.intervals != nil && t.slice%t.intervals.slices == 0 {
			t.intervals.cut(t.lost())
		}
	}
}

// lost returns the number of errors of all causes.
func (t *tally) lost() int64 {
	var sum int64
	for _, n := range t.errors {
		sum += n
	}
	return sum
}

// addTo adds the tally to the replica, whose window opened at opened.
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
	t.addSilences(r)
	if t.intervals != nil {
		if err := t.intervals.addTo(r, t.lost()); err != nil {
			return err
		}
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

// addSilences keeps the times in which no loop had a reply.
func (t *tally) addSilences(r *result.Replica) {
	if r.Window-t.last >= result.LeastSilence {
		t.silences = t.silences.Add(t.last, r.Window)
	}
	if r.Silences == nil {
		r.Silences = t.silences
	} else {
		r.Silences = r.Silences.Common(t.silences)
	}
}
