//go:build linux

package ring

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Accept accepts connections until it fails, non-blocking and close-on-exec: each
// completion's result is a descriptor.
func (r *Ring) Accept(listener int, data uint64) {
	e := r.next()
	e.opcode, e.fd, e.userData = opAccept, int32(listener), data
	e.ioprio, e.opFlags = acceptMultishot, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC
}

// Receive receives until the end of the stream or an error: each completion has its
// own buffer (Bytes, Free). It ends with ENOBUFS if no buffer is free, and loses
// nothing by that.
func (r *Ring) Receive(fd int, data uint64) {
	e := r.next()
	e.opcode, e.fd, e.userData = opReceive, int32(fd), data
	e.ioprio, e.flags = receiveMultishot, sqeBufferSelect
}

// Sends neither wait nor signal. MSG_WAITALL makes one that is short a failure, which
// completes although a success is skipped; its result is still the number of bytes.
const sendFlags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL | unix.MSG_WAITALL

// Send sends b. It completes with the number of bytes sent, or with EAGAIN or another
// errno, as soon as it is executed. Until then b must not change, and something must
// keep its memory, which must not be on a stack: the ring has only its address.
func (r *Ring) Send(fd int, b []byte, data uint64) { r.send(fd, b, data) }

// SendSkipSuccess is Send, but completes only if it does not send all of b.
func (r *Ring) SendSkipSuccess(fd int, b []byte, data uint64) {
	r.send(fd, b, data).flags = sqeSkipOnSuccess
	r.last = r.tail
}

func (r *Ring) send(fd int, b []byte, data uint64) *sqe {
	e := r.next()
	e.opcode, e.fd, e.userData = opSend, int32(fd), data
	e.addr, e.length, e.opFlags = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))), uint32(len(b)), sendFlags
	return e
}

// Extend makes the SendSkipSuccess that was queued last n bytes longer. It returns false
// if another operation was queued after it, or if it has been submitted.
func (r *Ring) Extend(n int) bool {
	if r.last != r.tail {
		return false
	}
	r.sqes[(r.tail-1)&uint32(len(r.sqes)-1)].length += uint32(n)
	return true
}

// Writable completes once, when fd can be written to or has failed.
func (r *Ring) Writable(fd int, data uint64) {
	e := r.next()
	e.opcode, e.fd, e.userData, e.opFlags = opPollAdd, int32(fd), data, pollMask(unix.POLLOUT)
}

// Readable completes each time that fd becomes readable.
func (r *Ring) Readable(fd int, data uint64) {
	e := r.next()
	e.opcode, e.fd, e.userData, e.opFlags = opPollAdd, int32(fd), data, pollMask(unix.POLLIN)
	e.length = pollMultishot
}

// pollMask converts events to the kernel's format, whose halves are swapped on
// big-endian machines.
func pollMask(events uint32) uint32 {
	if bigEndian {
		return events<<16 | events>>16
	}
	return events
}

var bigEndian = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 0
}()

// Cancel ends the operation with the data given: it completes, with ECANCELED unless
// it has just ended otherwise.
func (r *Ring) Cancel(target, data uint64) {
	e := r.cancel(data)
	e.addr = target
}

// CancelFD ends all operations on a descriptor.
func (r *Ring) CancelFD(fd int, data uint64) {
	e := r.cancel(data)
	e.fd, e.opFlags = int32(fd), cancelDescriptor|cancelAll
}

// CancelAll ends all operations.
func (r *Ring) CancelAll(data uint64) {
	r.cancel(data).opFlags = cancelAny | cancelAll
}

// cancel queues a cancellation, which completes itself only if it finds nothing.
func (r *Ring) cancel(data uint64) *sqe {
	e := r.next()
	e.opcode, e.fd, e.userData, e.flags = opAsyncCancel, -1, data, sqeSkipOnSuccess
	return e
}
