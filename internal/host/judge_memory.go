//go:build linux

package host

import (
	"fmt"
)

// memory estimates what a run takes. It leaves a tenth, below which the kernel
// begins to take pages back from files and programs.
func memory(f Facts, ask Ask) (Finding, bool) {
	each := ask.PerConnection * int64(ask.ends()) / 2
	need := int64(ask.Conns) * each
	tight := f.Available - f.Available/10
	return Finding{
		Name:    "memory",
		OK:      need <= tight,
		Warning: need > tight && need <= f.Available,
		Seen:    size(f.Available) + " available",
		Need:    fmt.Sprintf("about %s, %.1f KB a connection", size(need), float64(each)/1e3),
		Cure:    fmt.Sprintf("-conns %d, or more memory", tight/each),
	}, f.Available > 0
}

// size writes bytes in decimal units, as memory of machines is sold.
func size(bytes int64) string {
	if bytes < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
