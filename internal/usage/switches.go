//go:build linux

package usage

import (
	"github.com/prometheus/procfs"
)

// Switches returns how many context switches, voluntary and involuntary, the
// living threads of the processes have made. The count of a thread that ends
// is lost, so that a later reading may be smaller. Processes that are gone are
// left out; if all are, the error is ErrGone.
func Switches(pids ...int) (int64, error) {
	return sum(pids, switches)
}

// switches reads every thread: /proc/PID/status is the first thread's alone.
func switches(pid int) (int64, error) {
	threads, err := procfs.AllThreads(pid)
	if err != nil {
		return 0, err
	}
	var total uint64
	for _, thread := range threads {
		status, err := thread.NewStatus()
		if gone(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		total += status.TotalCtxtSwitches()
	}
	return int64(total), nil
}
