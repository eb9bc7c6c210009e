//go:build linux

package cli

import (
	"time"

	"c1m/internal/workload"
)

// longest bounds every time that a flag gives: a longer one is a slip of the
// pen, and sums of several stay far from what a duration holds (292 years).
const longest = workload.Longest

// maxRounds bounds -rounds: more than anybody waits for, and a run file that
// can still be read.
const maxRounds = 10_000

// shortest bounds -d from below. In less than a few round trips over loopback
// nothing can be measured, so such a window is a slip of the pen as well.
const shortest = time.Millisecond

// checkTime refuses a time that is less than least or more than the longest. A
// least of 1 ns stands for more than 0.
func checkTime(flag string, d, least time.Duration) error {
	switch {
	case d > longest:
		return usagef("-%s %v: want at most %v", flag, d, longest)
	case d >= least:
		return nil
	case least > 1:
		return usagef("-%s %v: want at least %v", flag, d, least)
	case least > 0:
		return usagef("-%s %v: want more than 0", flag, d)
	}
	return usagef("-%s %v: want 0 or more", flag, d)
}
