//go:build linux

package host

import (
	"fmt"
)

// memory estimates the memory of a run. It keeps a tenth free, because with less
// the kernel starts to reclaim pages from files and programs.
func memory(f Facts, ask Ask) (Finding, bool) {
	each := ask.PerConnection * int64(ask.ends()) / 2
	need := int64(ask.Conns) * each
	tight := f.Available - f.Available/10
	return Finding{
		Name:    "memory",
		OK:      need <= tight,
		Warning: need > tight && need <= f.Available,
		Seen:    size(f.Available) + " available",
		Need:    fmt.Sprintf("about %s, %.1f KB per connection", size(need), float64(each)/1e3),
		Cure:    fmt.Sprintf("-conns %d, or more memory", tight/each),
	}, f.Available > 0
}

// size formats bytes in decimal units.
func size(bytes int64) string {
	if bytes < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
