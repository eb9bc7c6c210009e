//go:build linux

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// runsFolder is where run files are unless -o names another place.
const runsFolder = "runs"

// newRunID tells a run apart from all others.
func newRunID(started time.Time) string {
	return started.UTC().Format("20060102T150405.000") + "-" + strconv.Itoa(os.Getpid())
}

// checkNew refuses a run file that would be written over what is there.
func checkNew(name string) error {
	if info, err := os.Stat(name); err == nil && (info.IsDir() || info.Size() > 0) {
		return usagef("-o %s: file exists; choose another name", name)
	}
	return nil
}

// createRunFile makes the run file and its directory. It never writes over
// another run.
func createRunFile(name string, started time.Time) (*os.File, error) {
	chosen := name != ""
	if !chosen {
		name = filepath.Join(runsFolder, started.Format("20060102T150405")+".jsonl")
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, usagef("-o %s: %w", name, err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if _, err := os.Lstat(name); !chosen || errors.Is(err, fs.ErrNotExist) {
		flags |= os.O_EXCL // another run may take the name first
	}
	for i := 1; ; i++ {
		file, err := os.OpenFile(name, flags, privately)
		switch {
		case err == nil:
			return file, nil
		case errors.Is(err, fs.ErrExist) && !chosen && i < 100: // another run began in this second
			name = filepath.Join(runsFolder, started.Format("20060102T150405")+"-"+strconv.Itoa(i)+".jsonl")
		default:
			return nil, usagef("-o %s: %w", name, err)
		}
	}
}
