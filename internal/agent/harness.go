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
	"c1m/internal/wait"
)

// harness is the barrier of a replica with a harness: the replica reports its progress
// in lines, and the harness answers with words.
type harness struct {
	reporter *Reporter
	words    chan arrival
	gone     error // why there are no more words; valid once words is closed
}

// arrival is a word, and the time of the phase that it starts.
type arrival struct {
	engine.Word
	at time.Time
}

// newHarness reads words from in up to the last one. If in ends earlier it calls lost
// with the reason. The reading goroutine ends with in.
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

// await waits for a word, and returns the time of the phase that it starts.
func (h *harness) await(ctx context.Context, want string) (time.Time, error) {
	select {
	case word, ok := <-h.words:
		if !ok {
			return time.Time{}, h.gone
		}
		if word.Name != want {
			return time.Time{}, fmt.Errorf("the harness sent %q instead of %q", word, want)
		}
		return word.at, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// Ready reports the number of connections, and waits for the start of the traffic.
func (h *harness) Ready(ctx context.Context, connected int) (time.Time, error) {
	h.reporter.Ready(result.Ready{PID: pid(), Connected: connected})
	at, err := h.await(ctx, engine.WordGo)
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, wait.Until(ctx, at)
}

// Primed reports that every busy connection has received its first reply, and waits for
// the time of the window.
func (h *harness) Primed(ctx context.Context, after time.Duration) (time.Time, error) {
	h.reporter.report(result.Line{Primed: &result.Primed{After: after}})
	return h.await(ctx, engine.WordWindow)
}

// Closed reports that the window is over, and waits for the release.
func (h *harness) Closed(ctx context.Context, operations int64) error {
	h.reporter.report(result.Line{Closed: &result.Closed{Operations: operations}})
	_, err := h.await(ctx, engine.WordRelease)
	return err
}
