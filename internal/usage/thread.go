//go:build linux

package usage

import (
	"time"

	"golang.org/x/sys/unix"
)

// Thread returns the processor time the calling thread has used; 0 if that
// cannot be read. What a goroutine used is a difference of it only while the
// goroutine is locked to its thread.
func Thread() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
