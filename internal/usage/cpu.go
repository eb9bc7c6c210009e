//go:build linux

package usage

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the processor time, user and system, that the processes have used since
// they started, including threads that have exited. The time of a child counts only if
// the child is among pids. Processes that have exited are ignored; if all have, the
// error is ErrGone.
//
// The source is each process's CPU clock, which is exact; /proc/PID/stat
// counts in ticks of 10 ms.
func CPU(pids ...int) (time.Duration, error) {
	total, err := sum(pids, cpu)
	return time.Duration(total), err
}

func cpu(pid int) (int64, error) {
	// The number of the clock, as computed by clock_getcpuclockid(3): the complement
	// of the process id, and CPUCLOCK_SCHED in the low three bits.
	const sched = 2
	clock := ^int32(pid)<<3 | sched
	var t unix.Timespec
	err := unix.ClockGettime(clock, &t)
	if err == unix.EINVAL { // the process has exited
		return 0, unix.ESRCH
	}
	if err != nil {
		return 0, fmt.Errorf("clock_gettime: %w", err)
	}
	return t.Nano(), nil
}
