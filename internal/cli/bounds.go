//go:build linux

package cli

import "time"

// longest bounds every time that a flag gives: a longer one is a slip of the
// pen, and sums of several stay far from what a duration holds (292 years).
const longest = 24 * time.Hour

// maxRounds bounds -rounds: more than anybody waits for, and a run file that
// can still be read.
const maxRounds = 10_000

// checkTime refuses a time that is less than least, 0 or 1 ns, or more than the
// longest.
func checkTime(flag string, d, least time.Duration) error {
	switch {
	case d > longest:
		return usagef("-%s %v: want at most %v", flag, d, longest)
	case d >= least:
		return nil
	case least > 0:
		return usagef("-%s %v: want more than 0", flag, d)
	}
	return usagef("-%s %v: want 0 or more", flag, d)
}

// checkConnectRate refuses a rate at which connecting would not end, or that is
// none: so many connections are to be up within the longest time.
func checkConnectRate(rate float64, conns int) error {
	switch {
	case rate == 0:
		return nil
	case !(rate > 0) || rate > 1e9: // NaN as well
		return usagef("-connect-rate %v: want 0 (no limit), or at most 1e+09 connections per second", rate)
	case float64(conns)/rate > longest.Seconds():
		return usagef("-connect-rate %v: %d connections would take more than %v; want a higher rate", rate, conns, longest)
	}
	return nil
}
