//go:build linux

package peers

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// ErrNoFolder means that there is no peers folder in any of the usual places.
var ErrNoFolder = errors.New("no peers/" + List + " in the working directory or beside the program")

// Folder returns the peers folder of the working directory, or that of the source checkout
// of the running program.
func Folder() (string, error) {
	places := []string{"peers"}
	if _, source, _, ok := runtime.Caller(0); ok && filepath.IsAbs(source) { // not with -trimpath
		places = append(places, filepath.Join(filepath.Dir(source), "..", "..", "peers"))
	}
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		dir := filepath.Dir(program)
		places = append(places, filepath.Join(dir, "peers"), filepath.Join(dir, "..", "peers"))
	}
	return first(places)
}

// first returns the first of some folders that has a list.
func first(places []string) (string, error) {
	for _, dir := range places {
		if info, err := os.Stat(filepath.Join(dir, List)); err == nil && info.Mode().IsRegular() {
			return filepath.Abs(dir)
		}
	}
	return "", ErrNoFolder
}
