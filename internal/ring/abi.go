//go:build linux

package ring

// The layouts and constants of linux/io_uring.h that the package uses.

// sqe is struct io_uring_sqe: a submission queue entry.
type sqe struct {
	opcode      uint8
	flags       uint8
	ioprio      uint16
	fd          int32
	off         uint64
	addr        uint64
	length      uint32
	opFlags     uint32
	userData    uint64
	bufGroup    uint16
	personality uint16
	fileIndex   int32
	addr3       uint64
	_           uint64
}

// cqe is struct io_uring_cqe: a completion queue entry.
type cqe struct {
	userData uint64
	result   int32
	flags    uint32
}

// params is struct io_uring_params.
type params struct {
	sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD uint32
	_                                                                      [3]uint32
	sq                                                                     sqOffsets
	cq                                                                     cqOffsets
}

type sqOffsets struct {
	head, tail, mask, entries, flags, dropped, array, _ uint32
	_                                                   uint64
}

type cqOffsets struct {
	head, tail, mask, entries, overflow, cqes, flags, _ uint32
	_                                                   uint64
}

// bufferEntry is struct io_uring_buf. In the first entry of a ring the last field is
// the ring's tail.
type bufferEntry struct {
	addr   uint64
	length uint32
	id     uint16
	tail   uint16
}

// bufferRegistration is struct io_uring_buf_reg.
type bufferRegistration struct {
	addr    uint64
	entries uint32
	group   uint16
	flags   uint16
	_       [3]uint64
}

// waitArgument is struct io_uring_getevents_arg.
type waitArgument struct {
	signals    uint64
	signalSize uint32
	_          uint32
	timeout    uint64
}

// timespec is struct __kernel_timespec: 64-bit on every system.
type timespec struct{ seconds, nanoseconds int64 }

const (
	opPollAdd     = 6
	opAccept      = 13
	opAsyncCancel = 14
	opSend        = 26
	opReceive     = 27

	sqeBufferSelect   = 1 << 5
	sqeSkipOnSuccess  = 1 << 6
	acceptMultishot   = 1 << 0
	receiveMultishot  = 1 << 1
	pollMultishot     = 1 << 0
	cancelAll         = 1 << 0
	cancelDescriptor  = 1 << 1
	cancelAny         = 1 << 2
	cqeBuffer         = 1 << 0
	cqeMore           = 1 << 1
	cqeBufferShift    = 16
	sqOverflow        = 1 << 1
	enterGetEvents    = 1 << 0
	enterExtArgument  = 1 << 3
	setupCQSize       = 1 << 3
	setupDisabled     = 1 << 6
	setupSubmitAll    = 1 << 7
	setupSingleIssuer = 1 << 12
	setupDeferTaskrun = 1 << 13

	featureSingleMap = 1 << 0
	featureNoDrop    = 1 << 1
	featureExtArg    = 1 << 8
	featureCQESkip   = 1 << 11

	registerEnable  = 12
	registerBuffers = 22

	offsetRings = 0
	offsetSQEs  = 0x10000000
)
