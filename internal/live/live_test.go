package live

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// show feeds readings, one per interval of 5 s after the first, and returns
// the lines.
func show(t *testing.T, what string, readings ...Reading) []string {
	t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ticks := make(chan time.Time)
	next := 0
	d := New(&out, 5*time.Second, what, func() Reading {
		next++
		return readings[next-1]
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.run(ctx, start, ticks)
	}()
	for i := 1; i < len(readings); i++ {
		ticks <- start.Add(time.Duration(i) * 5 * time.Second)
	}
	cancel()
	<-done
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestServer(t *testing.T) {
	equal(t, show(t, "messages",
		Reading{},
		Reading{Open: 10_000},
		Reading{Open: 10_000},
		Reading{Open: 10_000, Messages: 1_000_000},
		Reading{Open: 10_000, Messages: 2_261_550, Queued: 12},
		Reading{Open: 0, Messages: 2_261_550, Errors: 3},
	),
		"open 10,000 · no messages yet",
		"open 10,000 · no messages yet",
		// Since when messages came is not known yet.
		"open 10,000 · 200,000 messages/s over 5s · 1,000,000 in total",
		// The ten seconds without messages do not count.
		"open 10,000 · 252,310 messages/s over 5s · 252,310/s since start · 2,261,550 in total · queue 12",
		"open 0 · 0 messages/s over 5s · 126,155/s since start · 2,261,550 in total · errors 3",
	)
}

func TestClient(t *testing.T) {
	equal(t, show(t, "round trips",
		Reading{Open: 500},
		Reading{Open: 1000, Messages: 100_000, Latency: 1000 * time.Second},
		// The mean is the interval's: 4959 s over 125,000 replies.
		Reading{Open: 999, Messages: 225_000, Latency: 5959 * time.Second, Errors: 1},
		Reading{Open: 999, Messages: 225_000, Latency: 5959 * time.Second, Errors: 1},
	),
		"open 1,000 · 20,000 round trips/s over 5s · 100,000 in total · mean latency 10ms",
		"open 999 · 25,000 round trips/s over 5s · 25,000/s since start · 225,000 in total · mean latency 39.7ms · errors 1",
		"open 999 · 0 round trips/s over 5s · 12,500/s since start · 225,000 in total · errors 1",
	)
}

// A server that ran before it was watched is not credited with a burst.
func TestMessagesBeforeTheDisplay(t *testing.T) {
	equal(t, show(t, "messages",
		Reading{Open: 1, Messages: 1_000_000},
		Reading{Open: 1, Messages: 1_000_500},
	), "open 1 · 100 messages/s over 5s · 100/s since start · 1,000,500 in total")
}

// Two ticks at one time, which a held-up process sees, divide by nothing.
func TestNoTimeBetweenTicks(t *testing.T) {
	s := newState()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.update(now, Reading{})
	s.update(now, Reading{Open: 1, Messages: 10})
	s.update(now, Reading{Open: 1, Messages: 20})
	if got, want := s.line("messages"), "open 1 · 0 messages/s over 0s · 20 in total"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed pipe") }

// Run ends with its context, also when nobody reads the lines.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	readings := 0
	d := New(broken{}, time.Microsecond, "messages", func() Reading {
		if readings++; readings == 3 {
			cancel()
		}
		return Reading{}
	})
	d.Run(ctx)
	if readings < 3 {
		t.Errorf("%d readings, want 3", readings)
	}
}
