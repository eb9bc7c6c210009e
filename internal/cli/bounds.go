//go:build linux

package cli

import (
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// longest limits every duration given by a flag, so that sums of several do not overflow.
const longest = workload.Longest

// maxRounds limits -rounds.
const maxRounds = 10_000

// openedRounds is the limit where the number of rounds is open: that of -rounds, or as many
// as one run file holds the trials of, with that of the ceiling.
func openedRounds(cells int) int { return min(maxRounds, result.MaxTrials/(cells+1)) }

// checkRounds refuses more trials than one run file holds.
func checkRounds(rounds, cells int) error {
	if trials := rounds * (cells + 1); trials > result.MaxTrials { // with the ceiling's
		return usagef("-rounds %d: %s in each round make more than the %s trials that one run file holds: want at most %d",
			rounds, format.Plural(cells, "cell"), format.Grouped(result.MaxTrials), openedRounds(cells))
	}
	return nil
}

// checkTime refuses a duration below least or above longest. A least of 1 ns means more
// than 0.
func checkTime(flag string, d, least time.Duration) error {
	return refused(workload.CheckTime(flag, d, least))
}

// refused makes a wrong usage of an error.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return usagef("%w", err)
}
