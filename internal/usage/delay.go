//go:build linux

package usage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Delay measures how long the threads of this process were runnable and waited for a
// processor (/proc/self/task/TID/schedstat, the second number). It is the sum over all
// threads: when a goroutine runs late, the thread that waited is often another one,
// which should have handed over to it. The file of each thread stays open, so all
// users should share one Delay. The zero value is ready to use; a nil Delay measures
// nothing.
type Delay struct {
	mutex   sync.Mutex
	tasks   int // descriptor of the list of threads, if listed
	listed  bool
	threads []delayed
	ended   time.Duration // of threads that have exited
	buf     [2048]byte
}

type delayed struct {
	tid, fd int
	waited  time.Duration // as last read
}

// mostThreads limits the number of open files. Go's scheduler needs only a few more
// threads than processors.
const mostThreads = 64

const (
	briefly  = time.Millisecond // many times what a reading takes
	attempts = 5
)

// At returns the waiting time of all threads since the process started, and the time, by
// a clock, at which it was read. Only differences are meaningful, because threads that
// exited before the first call are missing. It allocates only when there is a new thread.
//
// If the calling thread is preempted while it reads, the result may lack that wait. So a
// reading that took long is repeated.
func (d *Delay) At(clock func() time.Duration) (total, at time.Duration) {
	for range attempts {
		before := clock()
		total = d.total()
		if at = clock(); at-before < briefly {
			break
		}
	}
	return total, at
}

// total reads the files of all threads.
func (d *Delay) total() time.Duration {
	if d == nil {
		return 0
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.list()
	kept := d.threads[:0]
	sum := time.Duration(0)
	for _, t := range d.threads {
		n, err := unix.Pread(t.fd, d.buf[:], 0)
		if err != nil { // the thread has exited
			unix.Close(t.fd)
			d.ended += t.waited
			continue
		}
		if waited, ok := runDelay(d.buf[:n]); ok {
			t.waited = waited
		}
		sum += t.waited
		kept = append(kept, t)
	}
	d.threads = kept
	return d.ended + sum
}

// list opens the files of new threads.
func (d *Delay) list() {
	if !d.listed {
		fd, err := unix.Open("/proc/self/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		d.tasks, d.listed = fd, true
	}
	if _, err := unix.Seek(d.tasks, 0, unix.SEEK_SET); err != nil {
		return
	}
	for {
		n, err := unix.ReadDirent(d.tasks, d.buf[:])
		if err != nil || n <= 0 {
			return
		}
		for entries := d.buf[:n]; len(entries) > nameAt; {
			size := int(binary.NativeEndian.Uint16(entries[sizeAt:]))
			if size <= nameAt || size > len(entries) {
				return
			}
			name, _, _ := bytes.Cut(entries[nameAt:size], []byte{0})
			if len(name) > 0 && name[0] != '.' {
				if tid, err := strconv.Atoi(string(name)); err == nil { // the compiler keeps this conversion off the heap
					d.add(tid)
				}
			}
			entries = entries[size:]
		}
	}
}

// The offsets of size and name in a struct linux_dirent64: getdents(2).
const (
	sizeAt = 16
	nameAt = 19
)

// add opens the file of a thread, unless it is already open.
func (d *Delay) add(tid int) {
	if len(d.threads) >= mostThreads || slices.ContainsFunc(d.threads, func(t delayed) bool { return t.tid == tid }) {
		return
	}
	if fd, err := unix.Open(fmt.Sprintf("/proc/self/task/%d/schedstat", tid), unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		d.threads = append(d.threads, delayed{tid: tid, fd: fd})
	}
}

// Close closes the files that At opened. At may be called again.
func (d *Delay) Close() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, t := range d.threads {
		unix.Close(t.fd)
	}
	if d.listed {
		unix.Close(d.tasks)
	}
	d.threads, d.listed, d.ended = nil, false, 0
}

// runDelay returns the second of the three numbers of a schedstat, in nanoseconds.
func runDelay(stat []byte) (time.Duration, bool) {
	_, rest, _ := bytes.Cut(stat, []byte(" "))
	second, _, ok := bytes.Cut(rest, []byte(" "))
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(second), 10, 64) // the compiler keeps this conversion off the heap
	return time.Duration(n), err == nil
}
