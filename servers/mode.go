//go:build linux

package servers

import (
	"fmt"
	"runtime"
	"strings"
)

// Mode is an architecture with its variants.
type Mode struct {
	Name     string
	Variants []string // the default first
	Unit     string   // what Config.Concurrency counts; empty if the mode ignores it
	Summary  string   // one line for --help

	// Experimental modes are measured only if they are asked for, and may not be able
	// to run everywhere.
	Experimental bool
}

// Modes lists every mode in the order in which tables show them.
func Modes() []Mode {
	return []Mode{
		{"goroutine", []string{"single", "pair"}, "", "a goroutine per connection, or a reader and a writer goroutine", false},
		{"epoll", []string{"level", "edge"}, "", "one event loop for all connections", false},
		{"multiepoll", []string{"reuseport", "handoff", "handoff-random", "handoff-least", "shared", "percpu"}, "loops", "several event loops in one process", false},
		{"prefork", []string{"inherit", "reuseport", "percpu"}, "processes", "several processes, one event loop each", false},
		{"workerpool", []string{"worker", "loop", "unthrottled"}, "workers", "one event loop that hands ready connections to workers", false},
		{"uring", []string{"single", "percpu"}, "loops", "experimental: one event loop, or one per processor, by io_uring", true},
	}
}

// UnitOf returns what Config.Concurrency counts in a variant; it is empty if the variant
// ignores it.
func (m Mode) UnitOf(variant string) string {
	if m.Name == "uring" && variant == "single" {
		return ""
	}
	return m.Unit
}

// Row returns the canonical spelling of a mode and a variant: MODE for the
// mode's first variant, MODE:VARIANT for the others.
func (m Mode) Row(variant string) string {
	if variant == "" || variant == m.Variants[0] {
		return m.Name
	}
	return m.Name + ":" + variant
}

// Writers is the number of counter slots a server of this mode writes. In
// multiepoll and prefork the first concurrency of them are the loops' own.
func (m Mode) Writers(concurrency int) int {
	switch m.Name {
	case "goroutine":
		return runtime.NumCPU()
	case "workerpool":
		return 1 + concurrency // the loop, then the workers
	case "multiepoll":
		return concurrency + 1 // the loops, then the acceptor of the hand-off variants
	}
	return max(1, concurrency)
}

// ParseMode parses MODE or MODE:VARIANT. The returned variant is never empty.
func ParseMode(s string) (Mode, string, error) {
	name, variant, given := strings.Cut(s, ":")
	for _, m := range Modes() {
		if m.Name != name {
			continue
		}
		if !given {
			return m, m.Variants[0], nil
		}
		for _, v := range m.Variants {
			if v == variant {
				return m, v, nil
			}
		}
		return Mode{}, "", fmt.Errorf("unknown variant %q of %s: want one of %s", variant, name, strings.Join(m.Variants, ", "))
	}
	var names []string
	for _, m := range Modes() {
		names = append(names, m.Name)
	}
	return Mode{}, "", fmt.Errorf("unknown mode %q: want one of %s, or MODE:VARIANT", s, strings.Join(names, ", "))
}
