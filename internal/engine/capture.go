//go:build linux

package engine

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// capture passes on what a process writes to a pipe. What the process has written before
// it ended is never lost, however late a busy harness reads it; what a grandchild that
// lives on writes later is not waited for.
type capture struct {
	read *os.File
	to   io.Writer
	done chan struct{} // closed when nothing more will be passed on
}

// newCapture returns a capture and the end of its pipe that the process writes to, which
// the caller closes once the process has it.
func newCapture(to io.Writer) (*capture, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	c := &capture{read: r, to: to, done: make(chan struct{})}
	go c.run()
	return c, w, nil
}

func (c *capture) run() {
	defer close(c.done)
	_, err := io.Copy(c.to, c.read)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.drain()
	}
}

// finish is called when the process has ended. It returns when what it wrote has been
// passed on.
func (c *capture) finish() {
	_ = c.read.SetReadDeadline(time.Now()) // ends a read that waits
	<-c.done
	c.read.Close()
}

// drain passes on what is in the pipe now.
func (c *capture) drain() {
	if c.read.SetReadDeadline(time.Time{}) != nil {
		return
	}
	raw, err := c.read.SyscallConn()
	if err != nil {
		return
	}
	buffer := make([]byte, pipeSize)
	for left := pipeSize; left > 0; {
		n := 0
		_ = raw.Read(func(fd uintptr) bool {
			n, err = unix.Read(int(fd), buffer[:left])
			return true // do not wait
		})
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return
		}
		left -= n
		if _, err := c.to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// pipeSize is how much a pipe can hold, in bytes: what a process may leave behind
// (fs.pipe-max-size, which only the owner of a pipe can change, allows more).
const pipeSize = 1 << 20
