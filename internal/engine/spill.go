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
	// outputKept is how much of the end of a command's output is kept. In a Go
	// program's crash the reason precedes the stacks of all goroutines.
	outputKept = 8 << 20

	// outputMost is the size above which the older part is released.
	outputMost = 2 * outputKept

	// boundEvery is the interval of these checks.
	boundEvery = 50 * time.Millisecond
)

// newOutput creates a file in memory for a command's output. Nobody reads it while
// the command runs: the reader of a pipe would use processor time whenever the
// command writes, and would delay the command when it is slow. A file on a disk
// would delay the command by the disk, and could fill it.
func newOutput() (*os.File, error) {
	fd, err := unix.MemfdCreate("c1m output", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	// Standard output and standard error both go there, and a process that opens
	// them again must not overwrite the beginning.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("fcntl O_APPEND: %w", err)
	}
	return os.NewFile(uintptr(fd), "output"), nil
}

// boundOutput releases the memory of the older part of a command's output, as long
// as the process lives. The file's size still tells the total.
func boundOutput(f *os.File) {
	given := int64(0)
	for range time.Tick(boundEvery) {
		size := printed(f)
		if size < given { // a process has opened it again and truncated it
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

// printed returns the total bytes of an output.
func printed(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// lastPrinted returns the end of a command's output, in the format of a tail.
func lastPrinted(f *os.File) string {
	var last tail
	lines := &lineWriter{line: func(text string) { last.add(strings.Trim(text, "\x00")) }}
	size := printed(f)
	from := max(0, size-outputKept)
	_, _ = io.Copy(lines, io.NewSectionReader(f, from, size-from))
	lines.flush()
	return last.String()
}
