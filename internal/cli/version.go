//go:build linux

package cli

import (
	"runtime"
	"runtime/debug"
)

// build is the version information in the binary.
type build struct {
	version string // of the module; (devel) if unknown
	commit  string // with + if the tree was modified; empty for go run without -buildvcs=true
}

func buildInfo() build {
	b := build{version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.version = info.Main.Version
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if b.commit != "" && changed {
		b.commit += "+"
	}
	return b
}

// String formats the version in one line.
func (b build) String() string {
	s := b.version
	if b.commit != "" {
		s += " commit " + b.commit
	}
	return s + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
