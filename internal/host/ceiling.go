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

// Ceiling measures the maximum throughput of the processors: one pinned thread on
// each of cpus, all at once for d, each making the four system calls of a TCP
// round trip over 127.0.0.1 on connections of which it owns both ends (write,
// read, write back, read; 8 bytes). It returns the sum in round trips per
// second. No thread is woken or waits, so no server on these processors can be
// faster with one system call per message and direction.
//
// Empty cpus means all that this process may use. Ceiling keeps those processors
// busy until it returns. If ctx ends first, it returns ctx's cause.
func Ceiling(ctx context.Context, d time.Duration, cpus []int) (float64, error) {
	if d <= 0 {
		return 0, fmt.Errorf("ceiling: duration %v: want more than 0", d)
	}
	if len(cpus) == 0 {
		cpus = affinity.CPUs()
	}
	// The limit for a lane that waits for bytes which never arrive.
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
			if waiting > 0 { // it failed before it became ready
				waiting--
			}
			if o.err != nil && first == nil {
				first = o.err
				cancel()
			}
		}
		if waiting == 0 {
			close(start)
			waiting = -1 // started
		}
	}
	return sum, first
}

// allowThreads lets n goroutines run at the same time, and returns a function
// that restores the previous number. A lane never blocks, so two of them on one
// processor of the scheduler would each run at half speed.
func allowThreads(n int) (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if before >= n {
		return func() {}
	}
	runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(before) }
}

// lane measures one processor, starting when begin returns, in round trips
// per second.
func lane(ctx context.Context, cpu int, d time.Duration, begin func()) (float64, error) {
	unpin, err := pin(cpu)
	if err != nil {
		return 0, err
	}
	defer unpin()
	// With one connection the pair of sockets would never leave the nearest
	// cache; with thousands the measurement would show the memory, which is a
	// cost of the number of connections and not of the system calls. A few
	// connections avoid both.
	const connections = 8
	pairs, err := connect(connections)
	defer pairs.close()
	if err != nil {
		return 0, err
	}
	// The first segments of a connection are acknowledged at once, at extra
	// cost; later acknowledgements travel with the replies.
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
// be restored, the goroutine stays bound, and the thread ends with it. Otherwise
// the thread must survive: a child process with a parent-death signal receives
// it when the thread that started the child ends.
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
