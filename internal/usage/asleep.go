//go:build linux

package usage

import (
	"time"

	"golang.org/x/sys/unix"
)

// Asleep returns how long this machine has been suspended since it started: only
// CLOCK_BOOTTIME, not CLOCK_MONOTONIC, runs meanwhile. It is accurate to a
// millisecond; 0 if the clocks cannot be read.
func Asleep() time.Duration {
	var before, boot, after unix.Timespec
	var asleep int64
	for range 10 { // repeated if the thread was interrupted between two readings
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &before) != nil ||
			unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil ||
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &after) != nil {
			return 0
		}
		asleep = boot.Nano() - after.Nano()
		if after.Nano()-before.Nano() < int64(time.Millisecond) {
			break
		}
	}
	return time.Duration(max(0, asleep))
}
