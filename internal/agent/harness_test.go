//go:build linux

package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"c1m/internal/engine"
	"c1m/internal/push"
)

// led is a replica's barrier, and the harness's end of the line to it.
func led(t *testing.T) (h *harness, say func(string), hangUp func(), lost chan error, told *bytes.Buffer) {
	t.Helper()
	in, out := io.Pipe()
	told, lost = new(bytes.Buffer), make(chan error, 1)
	h = newHarness(in, "standard input", NewReporter(told, "r", "replica-1"), func(err error) { lost <- err })
	t.Cleanup(func() { out.Close() })
	return h, func(word string) { fmt.Fprintln(out, word) }, func() { out.Close() }, lost, told
}

func TestHarnessDelays(t *testing.T) {
	h, say, hangUp, lost, told := led(t)
	say("go 0s")
	if start, err := h.Ready(t.Context(), 7); err != nil || !start.IsZero() {
		t.Fatalf("Ready = %v, %v; want at once", start, err)
	}
	before := time.Now()
	say("window 5s")
	begin, err := h.Primed(t.Context(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if begin.Before(before.Add(5*time.Second)) || begin.After(time.Now().Add(5*time.Second)) {
		t.Errorf("the warm-up begins %v after the word, want 5s", begin.Sub(before))
	}
	say("release")
	if err := h.Closed(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	hangUp()
	select {
	case err := <-lost:
		t.Errorf("a released replica is told that its harness is gone: %v", err)
	default:
	}
	for _, want := range []string{`"connected":7`, `"primed":{`, `"closed":{"operations":3}`} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("the harness was told %s, want %s", told, want)
		}
	}
}

// A replica that is kept from reading a word opens its window with the others
// all the same.
func TestHarnessIsReadLate(t *testing.T) {
	if push.Clock() == 0 {
		t.Skip("this machine's clock has no name: /proc/sys/kernel/random/boot_id cannot be read")
	}
	h, say, _, _, _ := led(t)
	say("go 0s")
	if _, err := h.Ready(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	instant := engine.Instant{Clock: push.Clock(), At: push.Now() - time.Second}
	to := time.Now()
	say(engine.Word{Name: engine.WordWindow, Delay: time.Second, Instant: instant}.String()) // written 2 s ago
	begin, err := h.Primed(t.Context(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	const resolution = 10 * time.Millisecond
	from, to = from.Add(-time.Second-resolution), to.Add(-time.Second+resolution)
	if begin.Before(from) || begin.After(to) {
		t.Errorf("the warm-up begins at %v, want the word's instant, from %v to %v", begin, from, to)
	}
}

// A replica whose harness is gone, or does not want it, ends at once and not
// only where it waits.
func TestHarnessIsGone(t *testing.T) {
	for last, want := range map[string]string{
		"":                                       "the harness is gone: standard input ended",
		"refused replica-1 is already connected": "the harness refuses this replica: replica-1 is already connected",
		"go away":                                `the harness: word "go away": want a delay of 0 or more after go`,
	} {
		h, say, hangUp, lost, _ := led(t)
		if last == "" {
			hangUp()
		} else {
			say(last)
		}
		if err := <-lost; err == nil || err.Error() != want {
			t.Errorf("%q: lost with %v, want %s", last, err, want)
		}
		if _, err := h.Ready(t.Context(), 1); err == nil || err.Error() != want {
			t.Errorf("%q: Ready %v, want %s", last, err, want)
		}
	}

	h, say, _, _, _ := led(t)
	say("release")
	if _, err := h.Ready(t.Context(), 1); err == nil || err.Error() != `the harness sent "release" instead of "go"` {
		t.Errorf("a word out of turn: %v", err)
	}

	h, _, _, _, _ = led(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("a reason")
	cancel(reason)
	if _, err := h.Ready(ctx, 1); err != reason {
		t.Errorf("error %v, want the context's cause", err)
	}
}
