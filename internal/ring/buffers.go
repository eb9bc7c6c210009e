//go:build linux

package ring

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// buffers is the memory that receives are given, and the ring by which the kernel is
// told which of it is free.
type buffers struct {
	ring    []byte
	entries []bufferEntry
	memory  []byte
	size    int
	stride  int
	tail    uint16 // not yet published

	registered bufferRegistration
}

// newBuffers maps n buffers, all free. Their starts are not a power of two apart:
// otherwise the first bytes of all of them would compete for the same few lines of the
// processor's cache.
func newBuffers(n, size int) (b buffers, err error) {
	const line = 64
	b.size, b.stride = size, size+line
	const private = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	if b.ring, err = unix.Mmap(-1, 0, n*int(unsafe.Sizeof(bufferEntry{})), unix.PROT_READ|unix.PROT_WRITE, private); err != nil {
		return b, os.NewSyscallError("mmap", err)
	}
	if b.memory, err = unix.Mmap(-1, 0, n*b.stride, unix.PROT_READ|unix.PROT_WRITE, private); err != nil {
		return b, os.NewSyscallError("mmap", err)
	}
	b.entries = unsafe.Slice((*bufferEntry)(unsafe.Pointer(&b.ring[0])), n)
	b.registered = bufferRegistration{addr: uint64(uintptr(unsafe.Pointer(&b.ring[0]))), entries: uint32(n)}
	for id := range n {
		b.free(uint16(id))
	}
	b.publish()
	return b, nil
}

func (b *buffers) registration() *bufferRegistration { return &b.registered }

// free gives a buffer back, once it is published.
func (b *buffers) free(id uint16) {
	e := &b.entries[int(b.tail)&(len(b.entries)-1)]
	e.addr = uint64(uintptr(unsafe.Pointer(&b.memory[int(id)*b.stride])))
	e.length, e.id = uint32(b.size), id
	b.tail++
}

// publish makes the free buffers visible to the kernel. The tail is the second half of
// a word whose first half is the number of the buffer in the first entry: there is no
// atomic store of 16 bits.
func (b *buffers) publish() {
	first := &b.entries[0]
	var word [4]byte
	binary.NativeEndian.PutUint16(word[:2], first.id)
	binary.NativeEndian.PutUint16(word[2:], b.tail)
	(*atomic.Uint32)(unsafe.Pointer(&first.id)).Store(binary.NativeEndian.Uint32(word[:]))
}

// Bytes returns what a receive has put into a buffer. It is valid until Free.
func (r *Ring) Bytes(c *Completion) []byte {
	if c.flags&cqeBuffer == 0 || c.Result <= 0 {
		return nil
	}
	start := int(c.flags>>cqeBufferShift) * r.buffers.stride
	return r.buffers.memory[start : start+int(c.Result) : start+r.buffers.size]
}

// Free gives the buffer of a completion back, if it has one. Receives can use it from
// the next Wait on.
func (r *Ring) Free(c *Completion) {
	if c.flags&cqeBuffer != 0 {
		r.buffers.free(uint16(c.flags >> cqeBufferShift))
	}
}
