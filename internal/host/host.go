//go:build linux

// Package host describes this machine: environment, limits, the doctor's
// findings, the ceiling. It changes only this process's own descriptor limit, and
// starts no server.
package host

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// RaiseDescriptors raises this process's descriptor limit to the hard limit,
// and returns it.
func RaiseDescriptors() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit RLIMIT_NOFILE: %w", err)
	}
	limit.Cur = limit.Max
	// Set it even if it is already there: Go raises the limit at start, and
	// lowers it again for child processes unless the program has set it.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("setrlimit RLIMIT_NOFILE %d: %w", limit.Cur, err)
	}
	return limit.Cur, nil
}
