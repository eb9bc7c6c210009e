//go:build linux

package servers

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Totals are a server's counts since it started.
type Totals struct {
	Accepted int64 `json:"accepted"` // connections accepted
	Open     int64 `json:"open"`     // connections open now
	Messages int64 `json:"messages"` // messages handled
	Bytes    int64 `json:"bytes"`    // bytes received
	Errors   int64 `json:"errors"`   // failures other than a peer that went away
	Queued   int64 `json:"queued"`   // connections waiting for a worker now

	// Notifications sent or queued; lost, because the queue was full; and
	// subscribers disconnected for that.
	Pushed       int64 `json:"pushed,omitempty"`
	Dropped      int64 `json:"dropped,omitempty"`
	Disconnected int64 `json:"disconnected,omitempty"`
}

// Counter is one writer's slot. The fields are atomic because others read
// them; only a goroutine shard has more than one writer. A slot fills two
// cache lines, because processors fetch lines in pairs.
type Counter struct {
	Accepted, Open, Messages, Bytes, Errors, Queued atomic.Int64
	Pushed, Dropped, Disconnected                   atomic.Int64
	_                                               [128 - 9*8]byte
}

// Publish makes t visible, except Queued, which the queue counts itself. Loops and
// workers count in plain variables and publish once per wake-up: an atomic add per
// message would be a measurable part of a message's cost.
func (c *Counter) Publish(t Totals) {
	c.Accepted.Store(t.Accepted)
	c.Open.Store(t.Open)
	c.Messages.Store(t.Messages)
	c.Bytes.Store(t.Bytes)
	c.Errors.Store(t.Errors)
	c.Pushed.Store(t.Pushed)
	c.Dropped.Store(t.Dropped)
	c.Disconnected.Store(t.Disconnected)
}

// Totals reads the slot.
func (c *Counter) Totals() Totals {
	return Totals{
		Accepted: c.Accepted.Load(),
		Open:     c.Open.Load(),
		Messages: c.Messages.Load(),
		Bytes:    c.Bytes.Load(),
		Errors:   c.Errors.Load(),
		Queued:   c.Queued.Load(),

		Pushed:       c.Pushed.Load(),
		Dropped:      c.Dropped.Load(),
		Disconnected: c.Disconnected.Load(),
	}
}

// Counters is one slot per writer, in memory that child processes can share.
type Counters struct {
	file    *os.File
	memory  []byte
	writers []Counter
}

// NewCounters returns zeroed counters for a number of writers.
func NewCounters(writers int) (*Counters, error) {
	fd, err := unix.MemfdCreate("c1m-counters", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "counters")
	if err := file.Truncate(int64(writers) * int64(unsafe.Sizeof(Counter{}))); err != nil {
		file.Close()
		return nil, err
	}
	return MapCounters(file)
}

// MapCounters maps the counters another process made; file is the other
// side's File. It takes the file over, and closes it if it fails.
func MapCounters(file *os.File) (*Counters, error) {
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	const size = int(unsafe.Sizeof(Counter{}))
	n := int(info.Size()) / size
	if n == 0 {
		file.Close()
		return nil, fmt.Errorf("%s does not contain counters", file.Name())
	}
	memory, err := unix.Mmap(int(file.Fd()), 0, n*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("mmap: %w", err)
	}
	return &Counters{
		file:    file,
		memory:  memory,
		writers: unsafe.Slice((*Counter)(unsafe.Pointer(&memory[0])), n),
	}, nil
}

// File is the memory to hand to a child process.
func (c *Counters) File() *os.File { return c.file }

// Len is the number of writers.
func (c *Counters) Len() int { return len(c.writers) }

// Writer returns the slot of writer i.
func (c *Counters) Writer(i int) *Counter { return &c.writers[i] }

// Total returns the sum over the writers.
func (c *Counters) Total() Totals {
	var sum Totals
	for i := range c.writers {
		t := c.writers[i].Totals()
		sum.Accepted += t.Accepted
		sum.Open += t.Open
		sum.Messages += t.Messages
		sum.Bytes += t.Bytes
		sum.Errors += t.Errors
		sum.Queued += t.Queued
		sum.Pushed += t.Pushed
		sum.Dropped += t.Dropped
		sum.Disconnected += t.Disconnected
	}
	return sum
}

// Close unmaps the memory. No writer may write after it.
func (c *Counters) Close() error {
	err := unix.Munmap(c.memory)
	c.writers, c.memory = nil, nil
	if e := c.file.Close(); err == nil {
		err = e
	}
	return err
}
