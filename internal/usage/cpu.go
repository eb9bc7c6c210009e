//go:build linux

package usage

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the processor time, user and system, that the processes have
// used since they began, their ended threads included, in nanoseconds. Time of
// a child counts only if the child is among pids. Processes that are gone are
// left out; if all are, the error is ErrGone.
//
// The source is each process's CPU clock, which is exact; /proc/PID/stat
// counts in ticks of 10 ms.
func CPU(pids ...int) (time.Duration, error) {
	total, err := sum(pids, cpu)
	return time.Duration(total), err
}

func cpu(pid int) (int64, error) {
	// The clock's number as clock_getcpuclockid(3) makes it: the complement
	// of the process, and CPUCLOCK_SCHED in the low three bits.
	const sched = 2
	clock := ^int32(pid)<<3 | sched
	var t unix.Timespec
	err := unix.ClockGettime(clock, &t)
	if err == unix.EINVAL { // the process this clock belonged to has ended
		return 0, unix.ESRCH
	}
	if err != nil {
		return 0, fmt.Errorf("clock_gettime: %w", err)
	}
	return t.Nano(), nil
}
