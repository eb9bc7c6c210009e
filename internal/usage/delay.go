//go:build linux

package usage

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Delay tells how long a goroutine's threads were ready to run and had to wait
// for a processor (/proc/PID/task/TID/schedstat, the second number). A goroutine
// may move from thread to thread; the file of each thread that it was seen on
// stays open. The zero value is ready; it is for one goroutine.
type Delay struct {
	threads []delayed
	current int // index of the thread of the last call
	buf     [96]byte
}

type delayed struct {
	tid, fd int
	waited  time.Duration // when it was last read; unread if it never was
}

const (
	unread = -1

	// mostThreads bounds the open files. Go's scheduler moves a goroutine
	// among few threads.
	mostThreads = 32
)

// Grown is the wait since the last call, of the calling thread and of the one
// that the goroutine was on then: 0 where it cannot be had. It allocates when
// it sees a thread for the first time, and not otherwise.
func (d *Delay) Grown() time.Duration {
	before := d.current
	d.current = d.find(unix.Gettid())
	var sum time.Duration
	if d.current >= 0 {
		sum += d.grown(&d.threads[d.current])
	}
	if before != d.current && before >= 0 && before < len(d.threads) {
		sum += d.grown(&d.threads[before])
	}
	return sum
}

// find is the index of a thread; -1 if its file cannot be opened.
func (d *Delay) find(tid int) int {
	for i := range d.threads {
		if d.threads[i].tid == tid {
			return i
		}
	}
	if len(d.threads) == mostThreads {
		return -1
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/self/task/%d/schedstat", tid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	d.threads = append(d.threads, delayed{tid, fd, unread})
	return len(d.threads) - 1
}

func (d *Delay) grown(t *delayed) time.Duration {
	n, err := unix.Pread(t.fd, d.buf[:], 0)
	if err != nil { // the thread has ended
		return 0
	}
	waited, ok := runDelay(d.buf[:n])
	if !ok {
		return 0
	}
	before := t.waited
	t.waited = waited
	if before == unread {
		return 0
	}
	return max(0, waited-before)
}

// Close closes what Grown opened. Grown may be called again.
func (d *Delay) Close() {
	for _, t := range d.threads {
		unix.Close(t.fd)
	}
	d.threads = nil
}

// runDelay is the second of the three numbers of a schedstat, in nanoseconds.
func runDelay(stat []byte) (time.Duration, bool) {
	_, rest, _ := bytes.Cut(stat, []byte(" "))
	second, _, ok := bytes.Cut(rest, []byte(" "))
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(second), 10, 64) // the compiler keeps this conversion off the heap
	return time.Duration(n), err == nil
}
