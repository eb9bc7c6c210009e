//go:build linux

package agent

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// told is the account that a server told, in order.
func told(t *testing.T, text string) (uses []result.Use) {
	t.Helper()
	var decoder result.Lines
	for line := range strings.Lines(text) {
		l, ours, err := decoder.Scan(line)
		if err != nil || !ours || l.Use == nil {
			t.Fatalf("%q: %v", line, err)
		}
		uses = append(uses, *l.Use)
	}
	return uses
}

// A look that takes longer than the load lasts does not silence the server.
func TestLookHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var open int64
		a := NewAccount(func() result.Counts { return result.Counts{Accepted: open, Open: open} })
		looks, memory := 0, int64(1000)
		a.find = func() findings {
			if looks++; looks == 2 {
				time.Sleep(20 * time.Second)
			}
			return findings{processes: []usage.Process{{PID: pid()}}, user: &memory, memory: map[int]int64{pid(): memory}}
		}
		reporter := NewReporter(&out, "", result.FromServer)
		reporter.Use(a.Look())
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second+time.Millisecond)
		defer cancel()
		a.Report(ctx, reporter)

		uses := told(t, out.String())
		var last time.Duration
		var looked []time.Duration
		for _, u := range uses {
			at := u.At.Sub(begun)
			if at-last > 2*time.Second { // the account that begins a look comes with its end
				t.Errorf("nothing is told from %v to %v", last, at)
			}
			last = at
			if u.User != nil {
				looked = append(looked, at)
			}
		}
		if len(looked) < 3 || looked[1] != 21*time.Second || last != 30*time.Second+time.Millisecond {
			t.Errorf("the account ends at %v, looks end at %v", last, looked)
		}
	})
}

// Memory that was read while connections came or went is that of neither
// number of them.
func TestMemoryWhileConnecting(t *testing.T) {
	var open, memory, switches int64 = 1000, 5000, 7
	for after, want := range map[int64]bool{1000: true, 1010: true, 1011: false, 989: false} {
		open = 1000
		a := NewAccount(func() result.Counts { return result.Counts{Open: open} })
		a.find = func() findings {
			open = after
			return findings{processes: []usage.Process{{PID: pid()}}, user: &memory, kernel: &memory, switches: &switches}
		}
		u := a.Look()
		if (u.User != nil) != want || (u.Kernel != nil) != want || u.Switches == nil || u.Open != after || u.Processes != 1 || u.CPU == 0 {
			t.Errorf("1000 connections before a look, %d after: %+v", after, u)
		}
		a.find = func() findings { return findings{} }
		if u := a.Look(); u.Processes != 1 || u.CPU == 0 || u.User != nil {
			t.Errorf("when processes cannot be listed: %+v", u)
		}
	}
}
