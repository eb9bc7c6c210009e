//go:build linux

package cli

import (
	"c1m/internal/plain"
	"c1m/internal/result"
)

// checkName refuses a name that is unsafe for tagged lines or a terminal.
func checkName(flag, name string) error {
	if len(name) > result.NameSize {
		return usagef("-%s: %d bytes: want at most %d", flag, len(name), result.NameSize)
	}
	if err := plain.Check(name); err != nil {
		return usagef("-%s %q: %w", flag, name, err)
	}
	return nil
}

// checkID refuses a name that a replica cannot have.
func checkID(id string) error {
	if id == result.FromServer {
		return usagef("-id %s is reserved; choose another name", id)
	}
	return checkName("id", id)
}
