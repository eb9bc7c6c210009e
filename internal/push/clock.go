//go:build linux

package push

import (
	"hash/fnv"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Now is the time by CLOCK_MONOTONIC, which all processes of a machine share.
func Now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // fails only for a clock that is none
	return time.Duration(t.Nano())
}

// Clock names the clock that Now reads: it is the same in two processes if
// they share it. It is another on another machine, after the machine was
// started again, and in a time namespace, which shifts it. It is 0 where that
// cannot be told.
var Clock = sync.OnceValue(func() uint64 {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return 0
	}
	namespace, _ := os.Readlink("/proc/self/ns/time") // none before Linux 5.6
	h := fnv.New64a()
	h.Write(boot)
	h.Write([]byte(namespace))
	return h.Sum64()
})
