//go:build linux

package host

import (
	"fmt"

	"c1m/internal/format"
)

// memory estimates the memory of a run. It keeps a tenth free, because with less
// the kernel starts to reclaim pages from files and programs.
func memory(f Facts, load Load) (Finding, bool) {
	each := load.PerConnection * int64(load.ends()) / 2
	need := int64(load.Conns) * each
	tight := f.Available - f.Available/10
	return Finding{
		Name:    "memory",
		OK:      need <= tight,
		Warning: need > tight && need <= f.Available,
		Seen:    format.Size(float64(f.Available)) + " available",
		Need:    fmt.Sprintf("about %s, %s per connection", format.Size(float64(need)), format.Size(float64(each))),
		Fix:     fmt.Sprintf("-conns %d, or more memory", tight/each),
	}, f.Available > 0
}
