//go:build linux

package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
)

// processorOf returns the processor of loop i. The loops of all replicas are spread over
// the processors evenly.
func processorOf(cfg Config, i int, cpus []int) int { return cpus[(cfg.Replica*cfg.Loops+i)%len(cpus)] }

// borrow locks the calling goroutine to a thread, and that to a processor, until release
// is called. If that fails, nothing is locked. If the thread's old processors cannot be
// restored it stays locked, and ends with the goroutine.
func borrow(processor int) (release func(), err error) {
	before := affinity.CPUs()
	runtime.LockOSThread()
	if err := affinity.Set(processor); err != nil {
		runtime.UnlockOSThread()
		return func() {}, err
	}
	return func() {
		if affinity.Set(before...) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}

// ProcessorTime returns the processor time of this process, user and system.
func ProcessorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
