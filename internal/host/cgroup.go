//go:build linux

package host

import (
	"math"

	"c1m/internal/usage"
)

// groupAvailable returns the memory, in bytes, that is available to a process
// in its control groups: the minimum of all its groups up to the root. Without a
// limit it is math.MaxInt64.
func groupAvailable(root string, pid int) int64 {
	least := int64(math.MaxInt64)
	for _, group := range usage.Groups(root, "memory", pid) {
		least = min(least, available(group))
	}
	return least
}

// available returns a group's limit minus its use, in bytes; inactive pages of
// files count as free, because the kernel can reclaim them.
func available(g usage.Group) int64 {
	limit, use, cache := "memory.max", "memory.current", "inactive_file"
	if g.Version == 1 {
		limit, use, cache = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
	}
	top, ok := g.Number(limit)
	if !ok { // missing, or "max"
		return math.MaxInt64
	}
	used, ok := g.Number(use)
	if !ok {
		return math.MaxInt64
	}
	used -= min(used, g.Stat("memory.stat")[cache])
	return max(0, top-used)
}
