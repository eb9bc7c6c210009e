//go:build linux

package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"c1m/internal/affinity"
)

// Ceiling measures what the processors can do at all: one pinned thread on
// each of cpus, all at once for d, each making the four system calls of a TCP
// round trip over 127.0.0.1 on connections of which it holds both ends (write,
// read, write back, read; 8 bytes). It returns their sum in round trips per
// second. Nobody is woken and nobody waits, so no server on these processors
// can do more with one system call per message and direction.
//
// No cpus means all that this process may use. Ceiling keeps those processors
// busy until it returns. If ctx ends first, so does it, with ctx's cause.
func Ceiling(ctx context.Context, d time.Duration, cpus []int) (float64, error) {
	if d <= 0 {
		return 0, fmt.Errorf("ceiling: duration %v: want more than 0", d)
	}
	if len(cpus) == 0 {
		cpus = affinity.CPUs()
	}
	// A lane that waits for bytes for ever must not wait for ever.
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, d+patience, errors.New("ceiling: a byte sent over loopback did not arrive"))
	defer cancel()
	defer allowThreads(len(cpus))()

	type outcome struct {
		rate float64
		err  error
	}
	ready, start, done := make(chan struct{}), make(chan struct{}), make(chan outcome)
	for _, cpu := range cpus {
		go func() {
			rate, err := lane(ctx, cpu, d, func() {
				ready <- struct{}{}
				<-start
			})
			done <- outcome{rate, err}
		}()
	}

	var sum float64
	var first error
	for waiting, running := len(cpus), len(cpus); running > 0; {
		select {
		case <-ready:
			waiting--
		case o := <-done:
			running--
			sum += o.rate
			if waiting > 0 { // it failed before it was ready
				waiting--
			}
			if o.err != nil && first == nil {
				first = o.err
				cancel()
			}
		}
		if waiting == 0 {
			close(start)
			waiting = -1 // under way
		}
	}
	return sum, first
}

// allowThreads lets n goroutines run at the same time, and returns what
// restores the present number: a lane never blocks, so that two of them would
// share one processor of the scheduler and halve each other.
func allowThreads(n int) (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if before >= n {
		return func() {}
	}
	runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(before) }
}

// lane measures one processor, from the time begin returns, in round trips
// per second.
func lane(ctx context.Context, cpu int, d time.Duration, begin func()) (float64, error) {
	unpin, err := pin(cpu)
	if err != nil {
		return 0, err
	}
	defer unpin()
	// One connection would measure a pair of sockets that never leaves the
	// nearest cache, thousands would measure the memory, which is a cost of a
	// number of connections and not of the system calls. A few of them are
	// neither.
	const connections = 8
	pairs, err := connect(connections)
	defer pairs.close()
	if err != nil {
		return 0, err
	}
	// The first segments of a connection are acknowledged at once, at extra
	// cost; from then on acknowledgements ride on the replies.
	for range 50 {
		if err := pairs.roundTrips(ctx); err != nil {
			return 0, err
		}
	}

	begin()
	var count int
	opened := time.Now()
	for {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		for range 8 { // the clock is read every 64 round trips
			if err := pairs.roundTrips(ctx); err != nil {
				return 0, err
			}
			count += len(pairs)
		}
		if passed := time.Since(opened); passed >= d {
			return float64(count) / passed.Seconds(), nil
		}
	}
}

// pin binds the calling goroutine to a thread and that thread to a processor.
// The function it returns undoes both. If the thread's old processors cannot
// be restored, the goroutine stays bound, and the thread ends with it. That is
// not done in general because a child process that asked for a signal at its
// parent's death gets it when the thread that started it ends.
func pin(cpu int) (unpin func(), err error) {
	runtime.LockOSThread()
	before, err := affinity.Get()
	if err == nil {
		err = affinity.Set(cpu)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() {
		if affinity.Set(before...) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}
