//go:build linux

package goroutine

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"c1m/internal/proto"
)

// join makes an upgraded connection a subscriber, once. Earlier replies must have
// been written, or be in the receiver's queue.
func (t *talk) join(receive func(*talk) receiver) {
	if t.hub != nil && t.joined == nil && t.session.Phase == proto.Open {
		t.joined = t.hub.add(receive(t))
	}
}

// leave unsubscribes.
func (t *talk) leave() {
	if t.joined != nil {
		t.joined.leave()
		t.joined, t.hub = nil, nil
	}
}

// write writes replies, between notifications if there are any.
func (t *talk) write(out []byte) error {
	if t.direct != nil {
		return t.direct.write(out)
	}
	_, err := t.conn.Write(out)
	return err
}

// abort closes a connection and discards unsent data.
func abort(c net.Conn) {
	if l, ok := c.(interface{ SetLinger(int) error }); ok {
		l.SetLinger(0)
	}
	c.Close()
}

// queued is the receiver of a connection with a writer goroutine, which takes frames
// from a channel. The channel's capacity and most limit the queue.
type queued struct {
	conn    net.Conn
	most    int64
	replies chan []byte
	waiting atomic.Int64 // bytes
}

// pushQueue is the channel's capacity in notifications. A larger one would cost
// memory for every subscriber all the time.
const pushQueue = 64

func newQueued(c net.Conn, h *hub) *queued {
	if h == nil {
		return &queued{conn: c, replies: make(chan []byte, 1)}
	}
	return &queued{conn: c, most: int64(h.config.Queue), replies: make(chan []byte, pushQueue)}
}

func (q *queued) tryQueue(frame []byte) bool {
	n := int64(len(frame))
	if waiting := q.waiting.Load(); waiting > 0 && waiting+n > q.most {
		return false
	}
	select {
	case q.replies <- frame:
		q.waiting.Add(n)
		return true
	default:
		return false
	}
}

func (q *queued) abort() { abort(q.conn) }

// direct is the receiver of a connection with only one goroutine, which reads. A
// frame is written at once, as far as the peer accepts it; a temporary goroutine
// writes the rest.
type direct struct {
	conn    net.Conn
	raw     syscall.RawConn
	most    int
	running *sync.WaitGroup

	mu    sync.Mutex
	free  sync.Cond
	busy  bool   // a goroutine is writing
	queue []byte // bytes for that goroutine to write next
	left  int    // bytes not yet written: queue, and the part being written
}

// newDirect returns the receiver of a talk, which writes through it from then on.
func newDirect(t *talk) receiver {
	raw, err := t.conn.(syscall.Conn).SyscallConn()
	if err != nil { // it is closed
		raw = nil
	}
	t.direct = &direct{conn: t.conn, raw: raw, most: t.hub.config.Queue, running: t.hub.running}
	t.direct.free.L = &t.direct.mu
	return t.direct
}

func (d *direct) tryQueue(frame []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left > 0 && d.left+len(frame) > d.most {
		return false
	}
	n := 0
	if !d.busy {
		if n = d.try(frame); n == len(frame) {
			return true
		}
		d.busy = true
		d.running.Go(d.drain)
	}
	d.queue = append(d.queue, frame[n:]...)
	d.left += len(frame) - n
	return true
}

// try writes as much as the peer accepts now. The reader detects errors.
func (d *direct) try(frame []byte) (n int) {
	if d.raw == nil {
		return len(frame)
	}
	failed := d.raw.Write(func(fd uintptr) bool {
		var err error
		if n, err = syscall.Write(int(fd), frame); err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
			n = len(frame)
		}
		return true // do not wait
	})
	if failed != nil {
		return len(frame)
	}
	return max(0, n)
}

// drain writes until the queue is empty.
func (d *direct) drain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.queue) > 0 {
		b := d.queue
		d.queue = nil
		d.mu.Unlock()
		_, err := d.conn.Write(b)
		if err != nil {
			d.conn.Close() // so that the reader ends
		}
		d.mu.Lock()
		d.left -= len(b)
		d.free.Broadcast()
	}
	d.busy = false
}

// write writes a reply. While a goroutine is writing, the reply is queued, as soon
// as the queue is within its limit.
func (d *direct) write(reply []byte) error {
	d.mu.Lock()
	for d.busy && d.left > d.most {
		d.free.Wait()
	}
	if d.busy {
		d.queue = append(d.queue, reply...)
		d.left += len(reply)
		d.mu.Unlock()
		return nil
	}
	d.busy = true
	d.mu.Unlock()
	_, err := d.conn.Write(reply)
	d.drain()
	return err
}

func (d *direct) abort() { abort(d.conn) }
