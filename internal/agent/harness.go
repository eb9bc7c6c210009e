//go:build linux

package agent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"c1m/internal/engine"
	"c1m/internal/result"
)

// harness is the barrier of a replica that a harness leads: what the replica
// has reached goes out as a line, the permission to go on comes in as a word.
type harness struct {
	reporter *Reporter
	words    chan arrival
	gone     error // why no word comes any more; valid once words is closed
}

// arrival is a word, and when what it permits begins.
type arrival struct {
	engine.Word
	at time.Time
}

// newHarness reads words from in until the last one, or until in ends: then
// lost is called with the reason. The goroutine that reads ends with in.
func newHarness(in io.Reader, from string, r *Reporter, lost func(error)) *harness {
	h := &harness{reporter: r, words: make(chan arrival, 4)}
	go func() {
		defer close(h.words)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			now := time.Now()
			word, err := engine.ParseWord(lines.Text())
			switch {
			case err != nil:
				h.gone = fmt.Errorf("the harness: %w", err)
			case word.Name == engine.WordRefused:
				h.gone = fmt.Errorf("the harness refuses this replica: %s", word.Reason)
			default:
				h.words <- arrival{word, word.Begins(now)}
				if word.Name == engine.WordRelease {
					h.gone = errors.New("the harness has released this replica")
					return
				}
				continue
			}
			lost(h.gone)
			return
		}
		h.gone = fmt.Errorf("the harness is gone: %s ended", from)
		lost(h.gone)
	}()
	return h
}

// await waits for a word, and returns when what it permits begins.
func (h *harness) await(ctx context.Context, want string) (time.Time, error) {
	select {
	case word, ok := <-h.words:
		if !ok {
			return time.Time{}, h.gone
		}
		if word.Name != want {
			return time.Time{}, fmt.Errorf("the harness said %q where %q was due", word, want)
		}
		return word.at, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// Ready tells how many connections are up, and waits until the traffic is to
// start.
func (h *harness) Ready(ctx context.Context, connected int) (time.Time, error) {
	h.reporter.Ready(result.Ready{PID: pid(), Connected: connected})
	at, err := h.await(ctx, engine.WordGo)
	if err != nil {
		return time.Time{}, err
	}
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return time.Time{}, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// Primed tells that every connection has had its first reply.
func (h *harness) Primed(ctx context.Context, after time.Duration) (time.Time, error) {
	h.reporter.report(result.Line{Primed: &result.Primed{After: after}})
	return h.await(ctx, engine.WordWindow)
}

// Closed tells that the window is over.
func (h *harness) Closed(ctx context.Context, operations int64) error {
	h.reporter.report(result.Line{Closed: &result.Closed{Operations: operations}})
	_, err := h.await(ctx, engine.WordRelease)
	return err
}
