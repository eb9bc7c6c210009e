//go:build linux

package load

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// A window has a hundred intervals at most, of 100 ms at least, or six hundred of a second
// or more; a short one has none.
func TestIntervalWidth(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{
		200 * time.Millisecond:       0,
		time.Second - 1:              0,
		time.Second:                  100 * time.Millisecond,
		10 * time.Second:             100 * time.Millisecond,
		10*time.Second + 1:           200 * time.Millisecond,
		30 * time.Second:             500 * time.Millisecond,
		time.Minute:                  time.Second,
		10 * time.Minute:             time.Second,
		10*time.Minute + time.Second: 2 * time.Second,
		time.Hour:                    10 * time.Second,
		workload.Longest:             200 * time.Second,
	} {
		width := intervalWidth(window)
		if width != want {
			t.Errorf("%v has intervals of %v, want %v", window, width, want)
		}
		if width > 0 && (width%sliceWidth(window) != 0 || slicesOf(window, width) > mostIntervals || slicesOf(window, width) > hist.MaxSeries) {
			t.Errorf("%v has %d intervals of %v, in slices of %v", window, slicesOf(window, width), width, sliceWidth(window))
		}
	}
}

// What comes in an interval is in it, also where nothing came in those before; the last
// has what comes after the window.
func TestIntervals(t *testing.T) {
	open := 5
	tally := newTally(1050*time.Millisecond, &open)
	ms := time.Millisecond
	tally.record(0, 1*ms, 8)
	tally.record(99*ms, 2*ms, 8)
	tally.record(100*ms, 3*ms, 8)
	tally.errors[reset], open = 2, 3
	tally.pass(250 * ms)
	tally.errors[reset] = 3
	tally.record(870*ms, 500*ms, 8)
	tally.pass(1050 * ms)
	tally.recordLatency(700 * ms)
	tally.errors[timedOut]++

	r := result.Replica{Window: 1050 * ms, Latency: hist.New(), Connect: hist.New(), Slices: make([]int64, 11), Errors: map[string]int64{}}
	if err := tally.addTo(&r, time.Second); err != nil {
		t.Fatal(err)
	}
	in := r.Intervals
	var counts []int64
	var largest []time.Duration
	for _, c := range in.Latency {
		counts, largest = append(counts, c.Count()), append(largest, time.Duration(c.Max()))
	}
	if want := []int64{2, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1}; in.Width != 100*ms || !slices.Equal(counts, want) {
		t.Errorf("%d latencies in intervals of %v, want %d", counts, in.Width, want)
	}
	if largest[0] != 2*ms || largest[1] != 3*ms || largest[8] != 500*ms || largest[10] != 700*ms {
		t.Errorf("the longest %v", largest)
	}
	// Errors of an interval without a reply are counted when the next one ends.
	if want := []int64{0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1}; !slices.Equal(in.Errors, want) {
		t.Errorf("errors %d, want %d", in.Errors, want)
	}
	if want := []int64{5, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}; !slices.Equal(in.Open, want) {
		t.Errorf("open %d, want %d", in.Open, want)
	}
	if want := (result.Silences{{At: 0, For: 99 * ms}, {At: 100 * ms, For: 770 * ms}, {At: 870 * ms, For: 180 * ms}}); !slices.Equal(r.Silences, want) {
		t.Errorf("silent %v, want %v", r.Silences, want)
	}
}

// If the window is cut short, one loop may notice that later than another.
func TestIntervalsOfCutWindow(t *testing.T) {
	const ms = time.Millisecond
	r := result.Replica{Window: 300 * ms, Latency: hist.New(), Connect: hist.New(), Slices: make([]int64, 10), Errors: map[string]int64{}}
	for i, end := range []time.Duration{300 * ms, 301 * ms} {
		tally := newTally(time.Second, new(int))
		tally.record(250*ms, 2*ms, 8)
		tally.pass(end - 1)
		tally.errors[reset] = int64(i)
		tally.recordLatency(7 * ms)
		if err := tally.addTo(&r, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	r.Slices = r.Slices[:3]
	if err := r.CutIntervals(); err != nil {
		t.Fatal(err)
	}
	in := r.Intervals
	if in.Len() != 3 || in.Latency[2].Count() != 4 || in.Errors[2] != 1 || in.Latency[0].Count()+in.Latency[1].Count() != 0 {
		t.Errorf("%d intervals, %d latencies and %d errors in the last", in.Len(), in.Latency[2].Count(), in.Errors[2])
	}
}

// With any kind of traffic the intervals together are the latency of the window, whatever
// came before it, at its ends and after it.
func TestIntervalsAreTheLatency(t *testing.T) {
	addr := serve(t, "tcp", echo)
	for name, w := range map[string]workload.Workload{
		"closed":    {Conns: 20},
		"pipelined": {Conns: 5, Pipeline: 4},
		"open":      {Conns: 20, Rate: 2000},
		"stages":    {Conns: 20, Stages: "500ms:100..2k,600ms:1k"},
		"churn":     {Conns: 20, Churn: 50},
		"storm":     {Conns: 20, Storm: true},
		"idle":      {Conns: 20, Idle: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Targets: []netip.AddrPort{addr}, Workload: w, Loops: 2, Timing: workload.Timing{Window: 1100 * time.Millisecond, Warmup: 50 * time.Millisecond}}
			r, err := Run(context.Background(), cfg, Alone{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			in := r.Intervals
			if in.Len() != 11 || len(in.Errors) != 11 || len(in.Latency) != 11 || in.Width != 100*time.Millisecond {
				t.Fatalf("%+v", in)
			}
			var count, operations, errors int64
			largest := int64(0)
			for i, c := range in.Latency {
				count, largest = count+c.Count(), max(largest, c.Max())
				operations += r.Within(i, r.Slices)
				errors += in.Errors[i]
			}
			if count != r.Latency.Count() || largest != r.Latency.Max() || operations != r.Operations {
				t.Errorf("%d latencies up to %d, %d operations; want %d up to %d, %d", count, largest, operations, r.Latency.Count(), r.Latency.Max(), r.Operations)
			}
			var lost int64
			for _, n := range r.Errors {
				lost += n
			}
			if errors != lost {
				t.Errorf("%d errors, want %d", errors, lost)
			}
			if !w.Storm && w.Churn == 0 && in.Open[10] != int64(w.Conns) {
				t.Errorf("%d connections at the end", in.Open[10])
			}
		})
	}
}
