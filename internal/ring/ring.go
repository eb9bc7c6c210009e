//go:build linux

// Package ring wraps io_uring for an event loop: multishot accept and receive into
// provided buffers, sends, and one system call per batch of completions. It handles
// only descriptors and bytes: no connections, no goroutines.
//
// The kernel must be Linux 6.1 or later, where completions can be left to the thread
// that waits for them (IORING_SETUP_DEFER_TASKRUN). No kernel thread polls.
package ring

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Config is the sizes of a ring. All are powers of two, at most 32768.
type Config struct {
	Submissions int // queued before they are submitted early
	Completions int // that wait to be read; the kernel stores more, at a cost
	Buffers     int // that receives fill
	BufferSize  int // in bytes
}

// Ring is an io_uring instance. One thread calls Start and then everything but
// Close; what is queued before Start is submitted by the first Wait.
type Ring struct {
	fd     int
	rings  []byte // both queues, shared with the kernel
	memory []byte // the submission entries

	sqHead, sqTail *atomic.Uint32
	sqFlags        *atomic.Uint32
	sqes           []sqe
	tail           uint32 // of submissions, not yet published
	last           uint32 // the submission after the send that Extend may lengthen

	cqHead, cqTail *atomic.Uint32
	cqes           []cqe
	head           uint32 // of completions, not yet published

	buffers buffers

	busy bool // the last Wait returned completions
	err  error

	// Arguments of system calls, here because escape analysis cannot see that the
	// kernel does not keep them.
	argument waitArgument
	limit    timespec
}

// Completion is the end, or one of the results, of an operation.
type Completion struct {
	Data   uint64 // given when the operation was queued
	Result int32  // as the system call's; negative: an errno
	flags  uint32
}

// More reports whether the operation continues.
func (c *Completion) More() bool { return c.flags&cqeMore != 0 }

// Err returns the errno of an operation that failed, or nil.
func (c *Completion) Err() error {
	if c.Result >= 0 {
		return nil
	}
	return unix.Errno(-c.Result)
}

// New returns a ring whose operations may be queued at once. Start must be called
// before the first Wait.
func New(config Config) (*Ring, error) {
	p := params{
		flags:     setupDisabled | setupSingleIssuer | setupDeferTaskrun | setupSubmitAll | setupCQSize,
		cqEntries: uint32(config.Completions),
	}
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(config.Submissions), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("io_uring_setup", errno)
	}
	r := &Ring{fd: int(fd)}
	unix.CloseOnExec(r.fd)
	if err := r.prepare(&p, config); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Ring) prepare(p *params, config Config) (err error) {
	const needed = featureSingleMap | featureNoDrop | featureExtArg | featureCQESkip
	if p.features&needed != needed {
		return os.NewSyscallError("io_uring_setup", unix.EINVAL)
	}
	size := max(p.sq.array+p.sqEntries*4, p.cq.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{})))
	const shared = unix.MAP_SHARED | unix.MAP_POPULATE
	if r.rings, err = unix.Mmap(r.fd, offsetRings, int(size), unix.PROT_READ|unix.PROT_WRITE, shared); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	if r.memory, err = unix.Mmap(r.fd, offsetSQEs, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), unix.PROT_READ|unix.PROT_WRITE, shared); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	at := func(offset uint32) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&r.rings[offset])) }
	r.sqHead, r.sqTail, r.sqFlags = at(p.sq.head), at(p.sq.tail), at(p.sq.flags)
	r.cqHead, r.cqTail = at(p.cq.head), at(p.cq.tail)
	r.sqes = unsafe.Slice((*sqe)(unsafe.Pointer(&r.memory[0])), p.sqEntries)
	r.cqes = unsafe.Slice((*cqe)(unsafe.Pointer(&r.rings[p.cq.cqes])), p.cqEntries)
	r.tail, r.head = r.sqTail.Load(), r.cqHead.Load()
	r.last = r.tail - 1
	// The kernel finds entries through an array of indices: entry i is index i.
	for i := range p.sqEntries {
		at(p.sq.array + 4*i).Store(i)
	}
	if r.buffers, err = newBuffers(config.Buffers, config.BufferSize); err != nil {
		return err
	}
	return r.register(registerBuffers, unsafe.Pointer(r.buffers.registration()), 1)
}

func (r *Ring) register(what uintptr, argument unsafe.Pointer, n uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), what, uintptr(argument), n, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("io_uring_register", errno)
	}
	return nil
}

// Start makes the ring usable by the calling thread, and no other.
func (r *Ring) Start() error { return r.register(registerEnable, nil, 0) }

// Close closes the ring. Operations should have ended: those that have not keep
// their descriptors open until the kernel has cancelled them.
func (r *Ring) Close() error {
	err := os.NewSyscallError("close", unix.Close(r.fd))
	for _, memory := range [][]byte{r.memory, r.rings, r.buffers.ring, r.buffers.memory} {
		if memory != nil {
			unix.Munmap(memory)
		}
	}
	return err
}

// Wait submits what is queued, in order, and waits until there is a completion, at
// most timeout; a negative timeout means no limit. When it returns, every send has
// been executed. A wait that is interrupted returns early.
//
// While completions keep arriving it first looks without blocking, as poll.Poller
// does: a call that cannot block bypasses the scheduler.
func (r *Ring) Wait(timeout time.Duration) error {
	if r.err != nil {
		return r.err
	}
	if r.busy || timeout == 0 {
		if err := r.enter(0, nil); err != nil {
			return err
		}
		if r.busy = r.ready(); r.busy || timeout == 0 {
			return r.err
		}
	}
	var argument *waitArgument
	if timeout >= 0 {
		r.limit = timespec{int64(timeout / time.Second), int64(timeout % time.Second)}
		r.argument.timeout = uint64(uintptr(unsafe.Pointer(&r.limit)))
		argument = &r.argument
	}
	if err := r.enter(1, argument); err != nil {
		return err
	}
	r.busy = r.ready()
	return r.err
}

// Submit submits what is queued, without waiting. Every send has then been executed.
func (r *Ring) Submit() {
	if err := r.enter(-1, nil); err != nil && r.err == nil {
		r.err = err
	}
}

// enter submits everything and waits for least completions; with -1 it does not collect
// any.
func (r *Ring) enter(least int, argument *waitArgument) error {
	r.publish()
	flags, size := uintptr(enterGetEvents), uintptr(0)
	if least < 0 {
		if r.tail == r.sqHead.Load() {
			return nil
		}
		flags = 0
	}
	if argument != nil {
		flags |= enterExtArgument
		size = unsafe.Sizeof(*argument)
	}
	waiting := r.tail - r.sqHead.Load()
	var errno unix.Errno
	if least > 0 {
		_, _, errno = unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(waiting), uintptr(least), flags, uintptr(unsafe.Pointer(argument)), size)
	} else {
		_, _, errno = unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(waiting), 0, flags, 0, 0)
	}
	switch errno {
	case 0, unix.EINTR, unix.ETIME:
	default:
		return os.NewSyscallError("io_uring_enter", errno)
	}
	if r.tail != r.sqHead.Load() {
		return errMemory
	}
	return nil
}

// errMemory means that the kernel has not submitted everything, because it could not
// allocate an operation. Going on would let completions overtake sends.
var errMemory = os.NewSyscallError("io_uring_enter", unix.EAGAIN)

// publish makes the heads and tails visible to the kernel.
func (r *Ring) publish() {
	r.cqHead.Store(r.head)
	r.buffers.publish()
	r.sqTail.Store(r.tail)
	r.last = r.tail - 1 // submitted: Extend comes too late
}

// ready reports whether there are completions to read.
func (r *Ring) ready() bool {
	return r.cqTail.Load() != r.head || r.sqFlags.Load()&sqOverflow != 0
}

// Next reads the next completion; it returns false if there is none.
func (r *Ring) Next(c *Completion) bool {
	if r.cqTail.Load() == r.head && !r.fetch() {
		return false
	}
	e := &r.cqes[r.head&uint32(len(r.cqes)-1)]
	c.Data, c.Result, c.flags = e.userData, e.result, e.flags
	r.head++
	return true
}

// fetch makes the kernel move completions for which the queue had no room into it.
func (r *Ring) fetch() bool {
	if r.sqFlags.Load()&sqOverflow == 0 {
		return false
	}
	r.cqHead.Store(r.head)
	_, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), 0, 0, enterGetEvents, 0, 0)
	if errno != 0 && errno != unix.EINTR && r.err == nil {
		r.err = os.NewSyscallError("io_uring_enter", errno)
	}
	return r.cqTail.Load() != r.head
}

// next returns the next submission entry, cleared. If the queue is full it is
// submitted first; if that fails, the next Wait returns why.
func (r *Ring) next() *sqe {
	if r.tail-r.sqHead.Load() == uint32(len(r.sqes)) {
		if r.Submit(); r.err != nil {
			return new(sqe)
		}
	}
	e := &r.sqes[r.tail&uint32(len(r.sqes)-1)]
	r.tail++
	*e = sqe{}
	return e
}
