//go:build linux

package push

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Start calls notify with the number of the latest broadcast whenever one is
// due, until stop is called, which waits for a call in progress. Broadcasts due
// during a call lead to a single call. Without a rate it does nothing.
//
// It uses a timerfd, because the runtime's timers have a resolution of only a
// millisecond in an idle process.
func Start(c Config, notify func(latest uint64)) (stop func(), err error) {
	if c.Rate <= 0 {
		return func() {}, nil
	}
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	timer := os.NewFile(uintptr(fd), "push schedule")
	schedule := NewSchedule(c.Rate)
	next := schedule.latest(Now()) + 1
	var running sync.WaitGroup
	running.Go(func() {
		for expired := make([]byte, 8); ; next++ {
			if setTimer(timer, schedule.Due(next)) != nil {
				return // it is closed
			}
			if _, err := timer.Read(expired); err != nil {
				return
			}
			next = schedule.latest(Now())
			notify(next)
		}
	})
	return func() {
		timer.Close()
		running.Wait()
	}, nil
}

// setTimer makes a timer expire at a time, at once if it is past.
func setTimer(timer *os.File, at time.Duration) error {
	conn, err := timer.SyscallConn()
	if err != nil {
		return err
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(at))}
	var failed error
	if err := conn.Control(func(fd uintptr) {
		failed = unix.TimerfdSettime(int(fd), unix.TFD_TIMER_ABSTIME, &spec, nil)
	}); err != nil {
		return err
	}
	return failed
}
