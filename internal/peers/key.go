//go:build linux

package peers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// variables are those of the environment that change what a compiler makes.
var variables = []string{"CC", "CFLAGS", "CGO_ENABLED", "GOAMD64", "GOARCH", "GOARM64", "GOEXPERIMENT", "GOFLAGS", "GOTOOLCHAIN"}

// Key identifies what a peer's program is built from, wherever the folder is: the command,
// the folder's files, the compilers and libraries as far as the checks of its needs print
// them, its library's version, and the environment.
func (s *Set) Key(ctx context.Context, p Peer) (string, error) {
	tree, err := s.tree()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %x %q\n", p.Build, tree, s.Version(ctx, p))
	for _, name := range variables {
		fmt.Fprintf(h, "%s=%q\n", name, os.Getenv(name))
	}
	var needs []string
	for _, list := range p.Protocols {
		needs = append(needs, list...)
	}
	slices.Sort(needs)
	for _, name := range slices.Compact(needs) {
		text, err := s.ask(ctx, s.needs[name].Check)
		fmt.Fprintf(h, "%s: %q %v\n", name, text, err == nil)
	}
	for _, arg := range p.Build { // a source file outside the folder
		if strings.HasPrefix(arg, "../") {
			if err := hashFile(h, filepath.Join(s.Dir, arg), arg); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("%.8x", h.Sum(nil)), nil
}

// hashTree returns a function that hashes, once, the files of a folder from which programs
// are built.
func hashTree(dir string) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		h := sha256.New()
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case name != dir && strings.HasPrefix(d.Name(), "."), strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, ".md"):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case !d.Type().IsRegular():
				return nil
			}
			inside, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			return hashFile(h, name, inside)
		})
		return h.Sum(nil), err
	})
}

func hashFile(h io.Writer, name, as string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%q %d\n", as, info.Size())
	_, err = io.Copy(h, file)
	return err
}
