//go:build linux

package cli

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
	teller *teller
	words  chan string
}

// newHarness reads words from in. The goroutine that does it ends with in,
// which is the process's standard input.
func newHarness(in io.Reader, t *teller) *harness {
	h := &harness{teller: t, words: make(chan string)}
	go func() {
		defer close(h.words)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			h.words <- lines.Text()
		}
	}()
	return h
}

// await waits for a word.
func (h *harness) await(ctx context.Context, want string) error {
	select {
	case word, ok := <-h.words:
		if !ok {
			return errors.New("the harness is gone: standard input ended")
		}
		if word != want {
			return fmt.Errorf("the harness said %q where %q was due", word, want)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready tells how many connections are up.
func (h *harness) Ready(ctx context.Context, connected int) (time.Time, error) {
	h.teller.ready(result.Ready{PID: pid(), Connected: connected})
	return time.Time{}, h.await(ctx, engine.WordGo)
}

// Primed tells that every connection has had its first reply.
func (h *harness) Primed(ctx context.Context, after time.Duration) error {
	h.teller.tell(result.Line{Primed: &result.Primed{After: after}})
	return h.await(ctx, engine.WordWindow)
}

// Closed tells that the window is over.
func (h *harness) Closed(ctx context.Context, operations int64) error {
	h.teller.tell(result.Line{Closed: &result.Closed{Operations: operations}})
	return h.await(ctx, engine.WordRelease)
}
