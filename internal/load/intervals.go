package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

// intervalWidths are the lengths that intervals may have.
var intervalWidths = []time.Duration{
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 50 * time.Second, 100 * time.Second, 200 * time.Second,
}

const (
	// leastWindow is the shortest window that has intervals. Shorter ones are samples
	// of which a run has many: they have too few replies in a tenth for a percentile,
	// and their histograms would be most of the run file.
	leastWindow = time.Second

	// usualIntervals is how many intervals a window has at most, unless that would make
	// them longer than a second; then it has mostIntervals.
	usualIntervals = 100
	mostIntervals  = 600
)

// intervalWidth returns the length of the intervals of a window; 0 if it has none.
func intervalWidth(window time.Duration) time.Duration {
	if window < leastWindow {
		return 0
	}
	for _, width := range intervalWidths {
		most := usualIntervals
		if width >= time.Second {
			most = mostIntervals
		}
		if slicesOf(window, width) <= most {
			return width
		}
	}
	return intervalWidths[len(intervalWidths)-1] // enough for workload.Longest
}

// intervals is what happened in each interval of the window. An interval is a number of
// slices.
type intervals struct {
	count   int // of the intervals of the window
	slices  int // of an interval
	open    *int
	closed  bool  // the window has closed
	final   int64 // connections established when it did
	latency *hist.Recorder
	errors  []int64 // until the end of each interval that has ended
	opened  []int64 // connections established then
}

// newIntervals returns the intervals of a window in slices of a width; nil if it has none.
// open is the number of connections established.
func newIntervals(window, slice time.Duration, open *int) *intervals {
	width := intervalWidth(window)
	if width == 0 {
		return nil
	}
	n := slicesOf(window, width)
	return &intervals{
		count:   n,
		slices:  int(width / slice),
		open:    open,
		latency: hist.NewRecorder(n),
		errors:  make([]int64, 0, n),
		opened:  make([]int64, 0, n),
	}
}

// cut ends an interval.
func (in *intervals) cut(errors int64) {
	in.latency.Cut()
	in.errors = append(in.errors, errors)
	if !in.closed {
		in.final = int64(*in.open)
	}
	in.opened = append(in.opened, in.final)
}

// close is called when the window closes.
func (in *intervals) close() { in.final, in.closed = int64(*in.open), true }

// addTo adds the intervals. The last one, which ends now, has what came after the window.
// If the window was cut short, all loops still have the same number of intervals.
func (in *intervals) addTo(r *result.Replica, errors int64) error {
	for in.cut(errors); len(in.errors) < in.count; {
		in.cut(errors)
	}
	for i := len(in.errors) - 1; i > 0; i-- {
		in.errors[i] -= in.errors[i-1]
	}
	return r.AddIntervals(&result.Intervals{
		Width: time.Duration(in.slices) * r.SliceWidth(), Open: in.opened, Errors: in.errors, Latency: in.latency.Series(),
	})
}
