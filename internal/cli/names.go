//go:build linux

package cli

import "c1m/internal/result"

// checkName refuses a name that tagged lines cannot carry.
func checkName(flag, name string) error {
	if len(name) > result.NameSize {
		return usagef("-%s: %d bytes: want at most %d", flag, len(name), result.NameSize)
	}
	return nil
}

// checkID refuses a name that is no replica's.
func checkID(id string) error {
	if id == result.FromServer {
		return usagef("-id %s: is how servers name themselves; want another", id)
	}
	return checkName("id", id)
}
