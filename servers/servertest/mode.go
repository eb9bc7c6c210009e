//go:build linux

package servertest

import (
	"runtime"
	"testing"

	"c1m/servers"
)

// Mode holds every variant of a mode to the whole contract, in every protocol, one
// subtest for each variant. What servers.Modes lists is what is tested: a variant
// cannot be forgotten.
func Mode(t *testing.T, name string) {
	mode, _, err := servers.ParseMode(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, variant := range mode.Variants {
		t.Run(variant, func(t *testing.T) {
			cfg := servers.Config{Variant: variant, Concurrency: concurrency(mode, variant)}
			Run(t, cfg)
			WebSocket(t, cfg)
			Push(t, cfg)
			if mode.Unit == "processes" {
				Prefork(t, cfg)
			}
		})
	}
}

// concurrency is enough loops, processes or workers to differ from one, and no more
// than a variant can have.
func concurrency(mode servers.Mode, variant string) int {
	switch {
	case mode.UnitOf(variant) == "":
		return 0
	case variant == "percpu":
		return min(3, runtime.NumCPU())
	}
	return 3
}
