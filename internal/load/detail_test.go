//go:build linux

package load

import (
	"maps"
	"net"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// watched makes a trial whose details are asked for without a pause, and returns the last
// one beside the result. Details never go back.
func watched(t *testing.T, cfg Config) (Detail, result.Replica) {
	t.Helper()
	live, ended, asked := new(Live), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(asked)
		var last Detail
		for n := 0; ; n++ {
			d := live.Detail()
			if last.Latency != nil && d.Latency.Count() < last.Latency.Count() {
				t.Errorf("%d latencies after %d", d.Latency.Count(), last.Latency.Count())
			}
			if s, before := d.Schedule, last.Schedule; before != nil && (s.Due < before.Due || s.Sent < before.Sent || s.Sent > s.Due) {
				t.Errorf("%d of %d requests sent after %d of %d", s.Sent, s.Due, before.Sent, before.Due)
			}
			last = d
			select {
			case <-ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	r, err := Run(t.Context(), cfg, Alone{}, live)
	close(ended)
	<-asked
	if err != nil {
		t.Fatal(err)
	}
	return live.Detail(), r
}

func sameHistogram(t *testing.T, what string, got, want *hist.Histogram) {
	t.Helper()
	a, _ := got.MarshalJSON()
	b, _ := want.MarshalJSON()
	if string(a) != string(b) {
		t.Errorf("%s: %d of %d ns in all, the result has %d of %d ns", what, got.Count(), got.Sum(), want.Count(), want.Sum())
	}
}

// What is seen at the end of a run is its result, and asking does not change that.
func TestDetail(t *testing.T) {
	cfg := quick(20, serve(t, "tcp4", echo))
	d, r := watched(t, cfg)
	sameHistogram(t, "latencies", d.Latency, r.Latency)
	if d.Loops != cfg.Loops || d.Silent != 0 {
		t.Errorf("%d of %d loops are silent, want 0 of %d", d.Silent, d.Loops, cfg.Loops)
	}
	if d.Schedule != nil {
		t.Errorf("a closed loop has the schedule %+v", d.Schedule)
	}
	if len(d.Errors) != int(causes) {
		t.Errorf("errors of %d causes, want each of %d", len(d.Errors), causes)
	}

	cfg.Rate = 2000
	d, r = watched(t, cfg)
	sameHistogram(t, "latencies", d.Latency, r.Latency)
	sameHistogram(t, "lateness", d.Schedule.Lateness, r.Lateness)
	if s := d.Schedule; s.Due < r.Due || s.Sent > s.Due {
		t.Errorf("%d requests were due in the window; %d with the warm-up, of which %d were sent", r.Due, s.Due, s.Sent)
	}
}

// Errors are told by their cause.
func TestDetailErrors(t *testing.T) {
	addr := serve(t, "tcp4", func(n int, c *net.TCPConn) {
		if n%2 == 0 {
			echoFirst(c, 1)
			return
		}
		echo(n, c)
	})
	d, r := watched(t, quick(10, addr))
	maps.DeleteFunc(d.Errors, func(_ string, n int64) bool { return n == 0 })
	if len(r.Errors) == 0 || !maps.Equal(d.Errors, r.Errors) {
		t.Errorf("errors %v, the result has %v", d.Errors, r.Errors)
	}
}

// A loop that does not answer in time is counted, and included as of its last answer.
func TestDetailOfASilentLoop(t *testing.T) {
	live := new(Live)
	p := []*published{new(published), new(published)}
	live.run.Store(&running{p, newPlan()})
	live.phase.Store(int32(Measuring))
	old := hist.New()
	old.Record(1_000_000)
	p[0].detail.Store(&detail{latency: old})
	if d := live.Detail(); d.Loops != 2 || d.Silent != 2 || d.Latency.Count() != 1 {
		t.Errorf("%d of %d loops are silent, %d latencies", d.Silent, d.Loops, d.Latency.Count())
	}
}

// Who asks before, or not at all, waits for nothing and costs nothing.
func TestDetailOfNoRun(t *testing.T) {
	live := new(Live)
	if d := live.Detail(); d.Latency.Count() != 0 || len(d.Errors) != int(causes) {
		t.Errorf("before a run: %+v", d)
	}
	run(t, quick(4, serve(t, "tcp4", echo)), Alone{}, live)
	for _, p := range live.run.Load().loops {
		if p.detail.Load() != nil {
			t.Error("a loop has told its details, which nobody asked for")
		}
	}
}

// BenchmarkTell is what a scrape costs a loop.
func BenchmarkTell(b *testing.B) {
	cfg := Config{Loops: 1, Timing: workload.Timing{Window: time.Second}}
	l := &loop{tally: newTally(cfg.Window, new(int)), visible: new(published)}
	l.traffic = &base{l}
	for i := range 100_000 {
		l.tally.latency.Record(int64(i) * 1000)
	}
	b.ReportAllocs()
	for b.Loop() {
		l.tell(&ask{})
	}
}
