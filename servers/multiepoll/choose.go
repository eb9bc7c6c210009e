//go:build linux

package multiepoll

import (
	"math/rand/v2"

	"c1m/servers"
)

// chooser returns the function that chooses the loop of the next connection.
// Only the acceptor calls it.
func chooser(cfg servers.Config) func() int {
	n := cfg.Concurrency
	switch cfg.Variant {
	case "handoff-random":
		return func() int { return rand.IntN(n) }
	case "handoff-least":
		return least(cfg.Counters, n)
	}
	next := -1
	return func() int {
		next = (next + 1) % n
		return next
	}
}

// least chooses the loop with the fewest connections. It counts those handed
// over itself, since a loop counts them only once it has adopted them.
func least(counters *servers.Counters, n int) func() int {
	handed := make([]int64, n)
	return func() int {
		best, fewest := 0, int64(0)
		for i := range n {
			t := counters.Writer(i).Totals()
			open := handed[i] - (t.Accepted - t.Open)
			if i == 0 || open < fewest {
				best, fewest = i, open
			}
		}
		handed[best]++
		return best
	}
}
