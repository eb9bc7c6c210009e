package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestStall(t *testing.T) {
	server := func(p *result.Pause) Seen { return Seen{Server: &result.Server{Stopped: p}} }
	pause := func(at, long int) *result.Pause { return &result.Pause{At: ms(at), For: ms(long)} }
	of := func(who string, p *result.Pause) *result.Pause { p.Who = who; return p }
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		seen   Seen
		want   result.Verdict
		value  string
	}{
		{"a hiccup", func(l *result.Replica) { l.Stopped, l.Delayed = pause(3, 250), pause(3, 250) }, Seen{}, result.OK, "longest pause 250 ms, of which stopped 250 ms"},
		{"a stop", func(l *result.Replica) { l.Stopped = pause(1200, 1500) }, Seen{}, result.Failed, "the generator was stopped for 1.5 s, 1.2 s after the window opened"},
		{"across the opening", func(l *result.Replica) { l.Stopped = pause(-200, 300) }, Seen{}, result.Failed, "stopped for 300 ms, from 200 ms before the window opened"},
		{"one of several", func(l *result.Replica) { l.Replicas, l.Stopped = 4, of("replica 3", pause(0, 300)) }, Seen{}, result.Failed, "replica 3 of 4 was stopped for 300 ms"},
		{"most of a short window", func(l *result.Replica) { l.Window, l.Stopped = ms(300), pause(0, 151) }, Seen{}, result.Failed, "stopped for 151 ms"},
		{"ready to run", func(l *result.Replica) {
			l.Delayed = &result.Pause{For: ms(900), Waited: ms(900)}
			l.Stopped = &result.Pause{For: ms(900), Waited: ms(700)}
		}, Seen{}, result.OK, "longest pause 900 ms, of which stopped 200 ms"},
		{"ready to run for too long", func(l *result.Replica) { l.Delayed = &result.Pause{For: ms(1100), Waited: ms(1100)} }, Seen{}, result.Failed, "the generator waited for a processor for 1.1 s"},
		{"a server", nil, server(of("process 7 of the server's 4", pause(100, 600))), result.Failed, "process 7 of the server's 4 was stopped for 600 ms"},
		{"a server's hiccup", nil, server(pause(100, 250)), result.OK, "no pause"},
		{"bench", nil, Seen{Harness: pause(100, 600)}, result.Failed, "bench was stopped for 600 ms"},
		{"generator and bench", func(l *result.Replica) { l.Stopped = pause(90, 600) }, Seen{Harness: pause(100, 600)}, result.Failed, "the whole machine paused for 600 ms"},
		{"generator, then bench", func(l *result.Replica) { l.Stopped = pause(90, 300) }, Seen{Harness: pause(500, 300)}, result.Failed, "the generator was stopped"},
		{"asleep", func(l *result.Replica) { l.Suspended = time.Hour }, Seen{}, result.Failed, "the machine was suspended for 3600 s"},
		{"hardly asleep", func(l *result.Replica) { l.Suspended = ms(1) }, Seen{}, result.OK, "no pause"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, load := good()
			load.Window = 4 * time.Second
			if test.change != nil {
				test.change(&load)
			}
			c := stall(load, test.seen)
			if c.Verdict != test.want || !strings.Contains(c.Value, test.value) || (c.Fix == "") != (c.Verdict == result.OK) {
				t.Errorf("%+v, want %s: %s", c, test.want, test.value)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	steady := slices.Repeat([]int64{500}, 40)
	gap := func(counts []int64, from, n int) []int64 {
		counts = slices.Clone(counts)
		clear(counts[from : from+n])
		return counts
	}
	var bursts []int64 // of connections that all wait for 500 ms
	for range 8 {
		bursts = append(bursts, 100, 0, 0, 0, 0)
	}
	slow := slices.Repeat([]int64{2, 1, 3, 2}, 10)
	worked := func(d time.Duration) Seen { return Seen{Server: &result.Server{SilentCPU: &d}} }
	for _, test := range []struct {
		name   string
		counts []int64
		seen   Seen
		want   result.Verdict
		value  string
	}{
		{"none", steady, Seen{}, result.OK, ""},
		{"a hiccup", gap(steady, 7, 2), Seen{}, result.OK, ""},
		{"a stop", gap(steady, 12, 15), Seen{}, result.Failed, "no reply for 1.5 s, 1.2 s after the window opened"},
		{"at the end", gap(steady, 34, 6), Seen{}, result.Failed, "no reply for 600 ms, 3.4 s after"},
		{"at the beginning", gap(steady, 0, 6), Seen{}, result.Failed, "no reply for 600 ms, 0 ns after"},
		{"as long as a process may wait", gap(steady, 0, 3), Seen{}, result.Warning, "no reply for 300 ms, 0 ns after the window opened, while requests were in flight"},
		{"bursts", bursts, Seen{}, result.OK, ""},
		{"few replies", gap(slow, 20, 10), Seen{}, result.OK, ""},
		{"few replies for long", gap(slow, 20, 15), Seen{}, result.Failed, "no reply for 1.5 s"},
		{"a server that works", gap(steady, 12, 15), worked(ms(150)), result.Warning, "while the server used 150 ms of processor time"},
		{"a server that does not", gap(steady, 12, 15), worked(ms(149)), result.Failed, "the server paused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, load := good()
			load.Window, load.Slices = 4*time.Second, test.counts
			c := stall(load, test.seen)
			if c.Verdict != test.want || !strings.Contains(c.Value, test.value) {
				t.Errorf("%+v, want %s: %s", c, test.want, test.value)
			}
		})
	}
	// A generator that waits for a processor takes no replies meanwhile.
	for name, test := range map[string]struct {
		from, waited time.Duration
		want         result.Verdict
	}{
		"all of it": {ms(1150), ms(900), result.OK},
		"half":      {ms(1500), ms(300), result.Failed},
		"most":      {ms(1500), ms(600), result.Warning},
		"before it": {ms(400), ms(800), result.Failed},
	} {
		_, load := good()
		load.Window, load.Slices = 4*time.Second, gap(steady, 12, 9)
		load.Delayed = &result.Pause{At: test.from, For: test.waited, Waited: test.waited}
		if c := stall(load, Seen{}); c.Verdict != test.want {
			t.Errorf("a generator that waited for %s: %+v, want %s", name, c, test.want)
		}
	}
	// Where nothing is in flight all the time, silence says nothing.
	for name, change := range map[string]func(*result.Replica){
		"push":  func(l *result.Replica) { l.Workload.Push = true },
		"idle":  func(l *result.Replica) { l.Workload.Idle = true },
		"storm": func(l *result.Replica) { l.Storm = &result.Storm{} },
	} {
		_, load := good()
		load.Window, load.Slices = 4*time.Second, gap(steady, 12, 15)
		if change(&load); stall(load, Seen{}).Verdict != result.OK {
			t.Errorf("%s: %+v", name, stall(load, Seen{}))
		}
	}
}

// Exact times without a reply, where slices would show none.
func TestSilenceExact(t *testing.T) {
	steady := slices.Repeat([]int64{500}, 40)
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		want   result.Verdict
		value  string
	}{
		{"none", nil, result.OK, "no pause"},
		{"a hiccup", func(l *result.Replica) { l.Silences = result.Silences{{At: ms(1230), For: ms(250)}} }, result.OK, "no pause"},
		{"a halt", func(l *result.Replica) { l.Silences = result.Silences{{At: ms(1230), For: ms(251)}} }, result.Warning, "no reply for 251 ms, 1.23 s after the window opened"},
		{"the longest", func(l *result.Replica) {
			l.Silences = result.Silences{{At: 0, For: ms(260)}, {At: ms(990), For: ms(510)}, {At: ms(2000), For: ms(300)}}
		}, result.Failed, "no reply for 510 ms, 990 ms after"},
		{"in a short window", func(l *result.Replica) {
			l.Slices, l.Slice, l.Window = slices.Repeat([]int64{100}, 10), ms(20), ms(200)
			l.Silences, l.Latency = result.Silences{{At: ms(30), For: ms(101)}}, latencies(ms(1))
		}, result.Failed, "no reply for 101 ms"},
		{"in waves", func(l *result.Replica) {
			l.Silences, l.Latency = result.Silences{{At: ms(1230), For: ms(600)}}, latencies(ms(600))
		}, result.OK, "no pause"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, load := good()
			load.Window, load.Slices, load.Silences = 4*time.Second, steady, result.Silences{}
			if test.change != nil {
				test.change(&load)
			}
			c := stall(load, Seen{})
			if c.Verdict != test.want || !strings.Contains(c.Value, test.value) || (c.Fix == "") != (c.Verdict == result.OK) {
				t.Errorf("%+v, want %s: %s", c, test.want, test.value)
			}
		})
	}
	// A stage without requests does not hide a stop in another.
	_, load := staged("1s:1k,2s:0,1s:1k", 5000, rounded)
	load.Silences = result.Silences{{At: ms(400), For: ms(300)}, {At: ms(1000), For: ms(2000)}}
	if p := Silence(load); p == nil || p.At != ms(400) || p.For != ms(300) {
		t.Errorf("silent %+v, want 300 ms at 400 ms", p)
	}
}
