//go:build linux

package host

import (
	"errors"

	"c1m/internal/ring"
)

// rings only warns, unless the server requires io_uring: no mode but uring uses it. err
// is that of ring.Check.
func rings(err error, load Load) Finding {
	finding := Finding{Name: "io_uring", OK: err == nil, Warning: err != nil && !load.Ring, Seen: "permitted", Need: "permission, for mode uring"}
	var why *ring.Unsupported
	if errors.As(err, &why) {
		finding.Seen, finding.Fix = why.Seen, why.Fix
	}
	return finding
}
