//go:build linux

package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
)

// borrow gives the calling goroutine a thread of its own on a processor, until
// release is called. Where that cannot be had, it does without. A thread whose
// old processors cannot be restored stays locked, and ends with the goroutine.
func borrow(processor int) (release func()) {
	before := affinity.CPUs()
	runtime.LockOSThread()
	if affinity.Set(processor) != nil {
		runtime.UnlockOSThread()
		return func() {}
	}
	return func() {
		if affinity.Set(before...) == nil {
			runtime.UnlockOSThread()
		}
	}
}

// processorTime is what this process has used so far, user and system.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
