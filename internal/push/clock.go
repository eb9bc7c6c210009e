//go:build linux

package push

import (
	"hash/fnv"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Now returns the time of CLOCK_MONOTONIC, which all processes of a machine share.
func Now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // fails only for an invalid clock
	return time.Duration(t.Nano())
}

// Clock identifies the clock that Now reads: it is equal in two processes if they
// share the clock. It differs on another machine, after a restart, and in a time
// namespace, which shifts the clock. It is 0 if unknown.
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
