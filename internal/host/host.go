//go:build linux

// Package host says what this machine is, what it allows and what it can do at
// most: environment, limits, the doctor's findings, the ceiling. It changes
// nothing but this process's own limit of descriptors, and starts no server.
package host

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// RaiseDescriptors raises the number of descriptors this process may open to
// its hard limit, and returns it.
func RaiseDescriptors() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit RLIMIT_NOFILE: %w", err)
	}
	limit.Cur = limit.Max
	// Also when nothing is left to raise: Go raises the limit at start and
	// lowers it again for the processes it starts, unless it was set here.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("setrlimit RLIMIT_NOFILE %d: %w", limit.Cur, err)
	}
	return limit.Cur, nil
}
