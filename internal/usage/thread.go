//go:build linux

package usage

import (
	"time"

	"golang.org/x/sys/unix"
)

// Thread returns the processor time of the calling thread; 0 if it cannot be read. A
// difference is that of a goroutine only if the goroutine is locked to its thread.
func Thread() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
