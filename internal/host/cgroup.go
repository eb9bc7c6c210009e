//go:build linux

package host

import (
	"math"

	"c1m/internal/usage"
)

// groupAvailable returns how much memory, in bytes, the control groups of a
// process leave it: the least of all its groups up to the root. Without a
// limit it is the largest number there is.
func groupAvailable(root string, pid int) int64 {
	least := int64(math.MaxInt64)
	for _, group := range usage.Groups(root, "memory", pid) {
		least = min(least, available(group))
	}
	return least
}

// available is a group's limit less its use, in bytes; pages of files that
// were not read lately are free for the asking.
func available(g usage.Group) int64 {
	limit, use, cache := "memory.max", "memory.current", "inactive_file"
	if g.Version == 1 {
		limit, use, cache = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
	}
	top, ok := g.Number(limit)
	if !ok { // not there, or "max"
		return math.MaxInt64
	}
	used, ok := g.Number(use)
	if !ok {
		return math.MaxInt64
	}
	used -= min(used, g.Stat("memory.stat")[cache])
	return max(0, top-used)
}
