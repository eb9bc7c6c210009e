//go:build linux

package engine

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// outputKept is how much of the last that a command printed can be read
	// again. The reason of a Go program's crash stands above the stacks of all
	// its goroutines.
	outputKept = 8 << 20

	// outputMost is from how much on the older part is given back.
	outputMost = 2 * outputKept

	// boundEvery is how often that is looked at.
	boundEvery = 50 * time.Millisecond
)

// newOutput makes a file in memory that takes what a command prints. Nobody
// reads it while the command runs: a reader of a pipe takes processor time
// whenever the command writes, and holds the command up where it is slow. A
// file on a disk would hold it up for the disk, and may fill it.
func newOutput() (*os.File, error) {
	fd, err := unix.MemfdCreate("c1m output", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	// Both standard output and standard error go there, and whoever opens them
	// anew must not begin at the start.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("fcntl O_APPEND: %w", err)
	}
	return os.NewFile(uintptr(fd), "output"), nil
}

// boundOutput gives back the memory of the older part of a command's output,
// as long as the process lives. The file's size keeps telling how much there
// was.
func boundOutput(f *os.File) {
	given := int64(0)
	for range time.Tick(boundEvery) {
		size := printed(f)
		if size < given { // somebody has opened it anew, and truncated it
			given = 0
		}
		if size-given > outputMost {
			until := (size - outputKept) &^ (1<<16 - 1)
			if unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, given, until-given) == nil {
				given = until
			}
		}
	}
}

// printed is how many bytes an output has taken.
func printed(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// lastPrinted is the last a command printed, as a tail keeps it.
func lastPrinted(f *os.File) string {
	var last tail
	lines := &lineWriter{line: func(text string) { last.add(strings.Trim(text, "\x00")) }}
	size := printed(f)
	from := max(0, size-outputKept)
	_, _ = io.Copy(lines, io.NewSectionReader(f, from, size-from))
	lines.flush()
	return last.String()
}
