//go:build linux

package usage

import (
	"os"
	"strings"

	"c1m/internal/result"
)

// Host returns the machine of processes, and the processors that any of their threads
// may run on; no pids means this process.
func Host(pids ...int) result.Host {
	if len(pids) == 0 {
		pids = []int{os.Getpid()}
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return result.Host{Boot: strings.TrimSpace(string(boot)), CPUs: threadCPUs(pids)}
}
