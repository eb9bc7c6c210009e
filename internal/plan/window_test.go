//go:build linux

package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// chosenWindow asks for a window of a second.
func chosenWindow(r *Request, chosen bool) {
	if chosen {
		r.Window = new(time.Second)
	}
}

// A closed loop has a window of about 25 of its expected mean latencies, or, where
// that is more than a second, of some of them; what was asked for it has instead.
func TestClosedWindow(t *testing.T) {
	for _, c := range []struct {
		conns, busy, work string
		change            func(*Request)
		warmup, window    time.Duration
	}{
		{"1", "", "", nil, 100 * time.Millisecond, 200 * time.Millisecond},
		{"100", "", "", nil, 100 * time.Millisecond, 200 * time.Millisecond},
		{"1000", "", "", nil, 100 * time.Millisecond, 250 * time.Millisecond},
		{"4000", "", "", nil, 100 * time.Millisecond, time.Second},
		{"10000", "", "", nil, 200 * time.Millisecond, 500 * time.Millisecond},
		{"10000", "1%", "", nil, 100 * time.Millisecond, 200 * time.Millisecond},
		{"100000", "", "", nil, 2 * time.Second, 5 * time.Second},
		{"1M", "", "", nil, 10 * time.Second, 10 * time.Second},
		{"100", "", "sleep:20ms", nil, 100 * time.Millisecond, 525 * time.Millisecond},
		{"1000", "", "", func(r *Request) { r.Slow = true }, 500 * time.Millisecond, time.Second},
		{"1000", "", "", func(r *Request) { set(r, "pipeline", "16") }, 100 * time.Millisecond, 250 * time.Millisecond},
		{"1000", "", "", func(r *Request) { set(r, "rate", "10k") }, 500 * time.Millisecond, time.Second},
		{"1000", "", "", func(r *Request) { set(r, "slo", "p99=5ms") }, 500 * time.Millisecond, time.Second},
		{"1000", "", "", func(r *Request) { set(r, "idle", "true") }, 500 * time.Millisecond, time.Second},
		{"1000", "", "", func(r *Request) { r.Window = new(3 * time.Second) }, 100 * time.Millisecond, 3 * time.Second},
		{"1000", "", "", func(r *Request) { r.Warmup = new(time.Duration(0)) }, 0, 250 * time.Millisecond},
	} {
		r := asked(func(r *Request) {
			set(r, "conn", c.conns)
			if c.busy != "" {
				set(r, "busy", c.busy)
			}
			if c.work != "" {
				set(r, "work", c.work)
			}
			if c.change != nil {
				c.change(r)
			}
		})
		for _, cell := range cellsOf(t, r) {
			if cell.Warmup != c.warmup || cell.Window != c.window {
				t.Errorf("%+v, %s: warm-up %v, window %v; want %v and %v", cell.Workload, cell.Row, cell.Warmup, cell.Window, c.warmup, c.window)
			}
		}
	}
}

// Where no window was asked for, a cell that is pushed to has one in which every
// subscriber is owed a notification.
func TestPushWindow(t *testing.T) {
	for _, c := range []struct {
		rate, fraction string
		chosen         bool
		want           time.Duration
	}{
		{"1", "100%", false, 5 * time.Second},
		{"100", "100%", false, time.Second},
		{"1", "10%", false, 20 * time.Second},
		{"0.4", "100%", false, 13 * time.Second},
		{"1", "1%", false, time.Minute},
		{"1", "100%", true, time.Second},
	} {
		r := asked(func(r *Request) {
			chosenWindow(r, c.chosen)
			set(r, "proto", "ws")
			set(r, "traffic", "push")
			set(r, "push-rate", c.rate)
			set(r, "push-fraction", c.fraction)
		})
		for _, cell := range cellsOf(t, r) {
			if cell.Window != c.want {
				t.Errorf("%s/s to %s, chosen %v: %v, want %v", c.rate, c.fraction, c.chosen, cell.Window, c.want)
			}
		}
	}
}

// Rates below one a second are rates, and a window that nobody chose is long
// enough for them.
func TestSlowRates(t *testing.T) {
	slow := func(words string, chosen bool) Request {
		return asked(func(r *Request) {
			chosenWindow(r, chosen)
			name, value, _ := strings.Cut(words, " ")
			set(r, name, value)
		})
	}
	for _, c := range []struct {
		words       string
		chosen      bool
		rate, churn float64
		window      time.Duration
	}{
		{"rate 0.5", false, 0.5, 0, 40 * time.Second},
		{"rate 0.02", false, 0.02, 0, time.Minute},
		{"rate 20", false, 20, 0, time.Second},
		{"rate 1.5", true, 1.5, 0, time.Second},
		{"churn 0.5", false, 0, 0.5, 10 * time.Second},
		{"churn 1.5", true, 0, 1.5, time.Second},
	} {
		for _, cell := range cellsOf(t, slow(c.words, c.chosen)) {
			if cell.Rate != c.rate || cell.Churn != c.churn || cell.Window != c.window {
				t.Errorf("%s, chosen %v: rate %v, churn %v, window %v", c.words, c.chosen, cell.Rate, cell.Churn, cell.Window)
			}
		}
	}
	for words, want := range map[string]string{
		"rate 0.5":  "-rate 0.5: less than one request in a window of 1s; want at least 1, or a longer -d",
		"rate 0.01": "-rate 0.01: less than one request in a window of 1s; want at least 1, or a longer -d",
		"churn 0.5": "-churn 0.5: less than one connection in a window of 1s; want at least 1, or a longer -d",
	} {
		if _, err := slow(words, true).Cells(machine); err == nil || err.Error() != want {
			t.Errorf("%s in a second: %v", words, err)
		}
	}
	if _, err := slow("rate 0.01", false).Cells(machine); err == nil || err.Error() != "-rate 0.01: less than one request in a window of 1m0s; want at least 0.017, or a longer -d" {
		t.Errorf("one request in 100 s: %v", err)
	}
}

// A storm has a window in which its connections can come back, unless one was
// asked for.
func TestStormWindow(t *testing.T) {
	storm := func(chosen bool) Request {
		return asked(func(r *Request) {
			chosenWindow(r, chosen)
			set(r, "storm", "true")
			set(r, "conn", "100", "10k", "1M")
		})
	}
	for chosen, want := range map[bool][]time.Duration{
		false: {4 * time.Second, 10 * time.Second, time.Minute},
		true:  {time.Second, time.Second, time.Second},
	} {
		var got []time.Duration
		for _, c := range cellsOf(t, storm(chosen)) {
			if c.Row == "epoll" {
				got = append(got, c.Window)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("chosen %v: %v, want %v", chosen, got, want)
		}
	}
}
