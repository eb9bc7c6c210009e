//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"c1m/internal/result"
)

// stage is a replica's progress.
type stage int

const (
	absent stage = iota // it has not connected
	connecting
	ready    // its connections are up
	primed   // it has received every first reply
	closed   // its window has closed
	finished // it has reported its result
)

// load is the replicas of one trial, wherever they run: it tracks their progress
// and sends their words.
type load struct {
	progress func(connected, asked int)
	counts   func(connected int, counts result.Loaded)
	asked    int
	warmup   time.Duration
	fixed    bool // the window lies at a time of day, not after a word

	mu       sync.Mutex
	released bool // the last word has been sent
	replicas []*replica
	changed  chan struct{} // holds one token when a replica has progressed
	failed   chan struct{} // closed when a replica has failed
	failure  error         // of the first
}

// replica is one replica of a load.
type replica struct {
	name  string
	words io.Writer    // receives its words
	ended func() error // waits for the cause if a word cannot be sent
	tail  *tail        // its untagged output

	lines     result.Lines
	stage     stage
	connected int
	counts    result.Loaded
	result    *result.Replica
	failure   error
}

func newLoad(spec Spec) load {
	return load{progress: spec.Progress, counts: spec.Counts, asked: spec.Cell.Conns, warmup: spec.Cell.Warmup, changed: make(chan struct{}, 1), failed: make(chan struct{})}
}

// notify wakes goroutines that wait for a stage. l.mu is held.
func (l *load) notify() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// fail records why a replica gives no result. The first reason is kept.
func (l *load) fail(r *replica, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails(r, why)
	l.notify()
}

// fails is fail while l.mu is held.
func (l *load) fails(r *replica, why error) {
	if r.stage == finished || r.failure != nil {
		return
	}
	r.failure = why
	if l.failure == nil {
		l.failure = why
		close(l.failed)
	}
}

func (l *load) Failed() <-chan struct{} { return l.failed }

func (l *load) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure
}

// print handles output of a replica: a line, or a part of one.
func (l *load) print(r *replica, text string) {
	l.mu.Lock()
	line, ours, err := r.lines.Scan(text)
	l.mu.Unlock()
	switch {
	case err != nil:
		l.fail(r, fmt.Errorf("%s: %w", r.name, err))
	case ours:
		l.take(r, line)
	default:
		r.tail.add(text)
	}
}

// take handles a line from a replica.
func (l *load) take(r *replica, line result.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case line.Progress != nil:
		r.connected = line.Progress.Connected
		if c := line.Progress.Counts; c != nil {
			r.counts = *c
		}
		l.report(r.stage < ready)
		return
	case line.Ready != nil:
		r.stage, r.connected = ready, line.Ready.Connected
		l.report(true)
	case line.Primed != nil:
		r.stage = primed
	case line.Closed != nil:
		r.stage = closed
	case line.Replica != nil:
		r.stage, r.result = finished, line.Replica
	case line.Failed != nil:
		l.fails(r, fmt.Errorf("%s: %s", r.name, line.Failed.Message))
	}
	l.notify()
}

// report passes on counts, and the progress of a replica that connects. l.mu is held.
func (l *load) report(connects bool) {
	connected := 0
	var counts result.Loaded
	for _, r := range l.replicas {
		connected += r.connected
		counts.Add(r.counts)
	}
	if l.progress != nil && connects {
		l.progress(connected, l.asked)
	}
	if l.counts != nil {
		l.counts(connected, counts)
	}
}

// await waits until every replica has reached the stage.
func (l *load) await(ctx context.Context, want stage) error {
	for {
		missing, err := l.behind(want)
		if len(missing) == 0 || err != nil {
			return err
		}
		select {
		case <-l.changed:
		case <-ctx.Done():
			cause := context.Cause(ctx)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%w: missing %s", cause, some(missing))
			}
			return cause
		}
	}
}

// behind returns the names of the replicas that have not reached the stage, and
// the error of the first that failed.
func (l *load) behind(want stage) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var missing []string
	for _, r := range l.replicas {
		if r.failure != nil {
			return nil, r.failure
		}
		if r.stage < want {
			missing = append(missing, r.name)
		}
	}
	return missing, nil
}

// some lists names, at most ten.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// send sends a word to every replica, and returns the instant at which it takes effect
// for all: a word contains it by this machine's clock and, for replicas with another
// clock, as the time left until then.
func (l *load) send(name string) (time.Time, error) {
	at := time.Now().Add(lead(len(l.replicas)))
	instant := instantOf(at)
	if name == WordRelease {
		l.mu.Lock()
		l.released = true
		l.mu.Unlock()
	}
	for _, r := range l.replicas {
		word := Word{Name: name, Delay: max(0, time.Until(at)), Instant: instant}
		if _, err := io.WriteString(r.words, word.String()+"\n"); err != nil {
			l.fail(r, fmt.Errorf("%s died: %w", r.name, r.ended())) // more specific than the broken pipe
			_, failure := l.behind(finished)
			return at, failure
		}
	}
	return at, nil
}

func (l *load) Connected(ctx context.Context) error { return l.await(ctx, ready) }

func (l *load) Go(ctx context.Context) error {
	if _, err := l.send(WordGo); err != nil {
		return err
	}
	return l.await(ctx, primed)
}

func (l *load) Window() (time.Time, error) { return l.send(WordWindow) }

func (l *load) Closed(ctx context.Context) error { return l.await(ctx, closed) }

// Release is for replicas that report their results on the same connection.
func (l *load) Release(ctx context.Context) (result.Replica, error) {
	if _, err := l.send(WordRelease); err != nil {
		return result.Replica{}, err
	}
	if err := l.await(ctx, finished); err != nil {
		return result.Replica{}, err
	}
	return l.merged()
}

// merged returns the merged results. Every replica has reported one.
func (l *load) merged() (result.Replica, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := make([]result.Replica, len(l.replicas))
	for i, r := range l.replicas {
		parts[i] = *r.result
		if !l.fixed {
			parts[i] = fromWindow(*r.result, l.warmup)
		}
	}
	return result.Merge(parts)
}

// fromWindow converts a replica's offsets to times since the word window took effect,
// which is the same instant for all replicas. A replica counts from the word go, and
// the time for first replies differs between replicas.
func fromWindow(r result.Replica, warmup time.Duration) result.Replica {
	shift := r.Opened - warmup
	r.Opened -= shift
	r.First -= shift
	r.Last -= shift
	return r
}
