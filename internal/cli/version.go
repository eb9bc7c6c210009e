//go:build linux

package cli

import (
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// build is what the binary knows about itself.
type build struct {
	version string // of the module; (devel) for a build from a work tree
	commit  string // with + if the tree was changed, with ? if that is not known; empty if nothing is
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
	switch {
	case b.commit == "" && info.Main.Path == module:
		b.commit = workTreeCommit(os.DirFS(".")) // go run does not tell a program its commit
	case b.commit != "" && changed:
		b.commit += "+"
	}
	return b
}

// module is the name under which this program is built from its own clone.
const module = "c1m"

// workTreeCommit is the commit that a clone of this module is at, with a
// question mark: whether its files were changed since is not known. It is
// empty if root is no such clone.
func workTreeCommit(root fs.FS) string {
	read := func(name string) string {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(text))
	}
	if first, _, _ := strings.Cut(read("go.mod"), "\n"); first != "module "+module {
		return ""
	}
	head := read(".git/HEAD")
	if name, symbolic := strings.CutPrefix(head, "ref: "); symbolic {
		head = ""
		if fs.ValidPath(name) {
			head = read(".git/" + name)
		}
		for line := range strings.SplitSeq(read(".git/packed-refs"), "\n") {
			if hash, ref, ok := strings.Cut(line, " "); head == "" && ok && ref == name {
				head = hash
			}
		}
	}
	if head == "" {
		return ""
	}
	return head + "?"
}

// String is the version in one line.
func (b build) String() string {
	s := b.version
	if b.commit != "" {
		s += " commit " + b.commit
	}
	return s + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
