//go:build linux

package servers

import "fmt"

// Fits returns an error if a variant cannot have that Concurrency on cpus
// processors.
func Fits(variant string, concurrency, cpus int) error {
	if variant == "percpu" && concurrency > cpus {
		return fmt.Errorf("percpu has one loop per processor: want at most %d", cpus)
	}
	return nil
}

// WhyNoUnit says why a mode has no Concurrency, and which has.
func (m Mode) WhyNoUnit() string {
	switch m.Name {
	case "goroutine":
		return "goroutine has one goroutine per connection; omit -c"
	case "epoll":
		return "epoll has one loop; omit -c, or use multiepoll"
	case "uring":
		return "uring:single has one loop; omit -c, or use uring:percpu"
	}
	return m.Name + " has no loops, processes or workers; omit -c"
}
