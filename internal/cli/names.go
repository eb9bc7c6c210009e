//go:build linux

package cli

import (
	"c1m/internal/plain"
	"c1m/internal/result"
)

// checkName refuses a name that tagged lines cannot carry, or a terminal cannot show.
func checkName(flag, name string) error {
	if len(name) > result.NameSize {
		return usagef("-%s: %d bytes: want at most %d", flag, len(name), result.NameSize)
	}
	if err := plain.Check(name); err != nil {
		return usagef("-%s %q: %w", flag, name, err)
	}
	return nil
}

// checkID refuses a name that is no replica's.
func checkID(id string) error {
	if id == result.FromServer {
		return usagef("-id %s is reserved; choose another name", id)
	}
	return checkName("id", id)
}
