//go:build linux

package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
)

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
			r.WindowChosen = c.chosen
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
			r.WindowChosen = chosen
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
			r.WindowChosen = chosen
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
