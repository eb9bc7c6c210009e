//go:build linux

package loop

import (
	"errors"

	"golang.org/x/sys/unix"

	"c1m/internal/ring"
)

// errStuck means that the kernel does not end operations that were cancelled.
var errStuck = errors.New("io_uring: operations do not end after they were cancelled")

// replies is the replies that are submitted together, and their memory.
type replies struct {
	list   []reply
	chunks [][]byte
	chunk  int // in use; those before it are full
	used   int // bytes of it
}

// reply is a queued reply. The kernel has the address of its bytes, of which the garbage
// collector does not know.
type reply struct {
	*Conn
	bytes []byte
}

const (
	overhead  = 256 // that a reply may be longer than what it answers
	longReply = 4*receiveSize + 2*overhead
	chunkSize = 4 * longReply

	// keptChunks have room for the replies to all that one batch receives, if they are
	// not much longer.
	keptChunks = receiveBuffers*(receiveSize+overhead)/(chunkSize-longReply) + 1
)

// reset forgets all replies.
func (p *replies) reset() {
	clear(p.list)
	p.list, p.chunk, p.used = p.list[:0], 0, 0
	if len(p.chunks) > keptChunks {
		clear(p.chunks[keptChunks:])
		p.chunks = p.chunks[:keptChunks]
	}
}

// room returns an empty slice for c's replies to n bytes. What is appended to it stays
// there once it is taken. If n fills a buffer, more of a long message probably follows:
// the replies to all of it should fit into the chunk, because only those that follow each
// other in memory are one send.
func (p *replies) room(c *Conn, n int) []byte {
	if n == receiveSize && !p.lastIs(c) {
		n = longReply
	} else {
		n += overhead
	}
	for p.chunk < len(p.chunks) && len(p.chunks[p.chunk])-p.used < n {
		p.chunk++
		p.used = 0
	}
	if p.chunk == len(p.chunks) {
		p.chunks = append(p.chunks, make([]byte, max(n, chunkSize)))
	}
	return p.chunks[p.chunk][p.used:p.used]
}

// take keeps what was appended to the last room. What has outgrown it, and notifications,
// have memory of their own.
func (p *replies) take(out []byte) {
	if p.chunk == len(p.chunks) {
		return
	}
	if chunk := p.chunks[p.chunk]; p.used < len(chunk) && &chunk[p.used] == &out[0] {
		p.used += len(out)
	}
}

// lastIs reports whether the last reply is c's.
func (p *replies) lastIs(c *Conn) bool { return len(p.list) > 0 && p.list[len(p.list)-1].Conn == c }

// extends reports whether out follows the last reply in memory, and is for the same
// connection.
func (p *replies) extends(c *Conn, out []byte) bool {
	if !p.lastIs(c) {
		return false
	}
	last := p.list[len(p.list)-1].bytes
	n := len(last)
	return cap(last) > n && &last[:n+1][n] == &out[0]
}

func (w *completion) room(c *Conn, n int) []byte { return w.replies[w.current].room(c, n) }

// send queues out. At most one reply of a connection is on its way at a time, so that
// the bytes stay in order if it is cut short: the following ones lengthen it while that
// is possible, or wait in the backlog.
func (w *completion) send(c *Conn, out []byte) Outcome {
	p := &w.replies[w.current]
	switch {
	case c.waiting() > 0:
		c.rest.data = append(c.rest.data, out...)
	case !w.queued(c):
		p.take(out)
		w.ring.SendSkipSuccess(int(c.fd), out, opSend|uint64(len(p.list)<<1|w.current)<<8)
		p.list = append(p.list, reply{c, out})
		c.interest = c.interest&(oneBatch-1) | w.batch
	case p.extends(c, out) && w.ring.Extend(len(out)):
		p.take(out)
		last := &p.list[len(p.list)-1]
		last.bytes = last.bytes[:len(last.bytes)+len(out)]
	default:
		r := c.begun()
		r.data, r.sent = append([]byte(nil), out...), 0
		w.list(c)
	}
	return Blocked
}

// cutShort continues with a connection whose peer did not take all of a reply.
func (w *completion) cutShort(number int, r *ring.Completion) {
	c, err := w.unsent(number, r)
	switch {
	case c.interest&closing != 0:
	case err != nil:
		w.handler.fail(err)
		w.close(c)
	default:
		w.awaitWritable(c)
		w.settle(c, Blocked)
	}
}

// unsent puts what was not sent of a reply before the backlog of its connection, which it
// returns, or the error of one that cannot be sent at all.
func (w *completion) unsent(number int, r *ring.Completion) (*Conn, error) {
	one := w.replies[number&1].list[number>>1]
	c := one.Conn
	if err := r.Err(); c.interest&closing != 0 || err != nil && err != unix.EAGAIN {
		return c, err
	}
	waiting := append([]byte(nil), one.bytes[max(0, int(r.Result)):]...)
	b := c.begun()
	b.data, b.sent = append(waiting, b.data[b.sent:]...), 0
	return c, nil
}

func (w *completion) awaitWritable(c *Conn) {
	c.interest |= polling
	w.armed++
	w.ring.Writable(int(c.fd), dataOf(opWritable, c))
}

// writable continues with a connection that can be written to, or has failed: then the
// next send reports it.
func (w *completion) writable(c *Conn) {
	w.armed--
	c.interest &^= polling
	w.look(c)
}

// submitFlushes queues the backlogs to send, at the last moment: until they are sent
// their memory must not move.
func (w *completion) submitFlushes() {
	for _, c := range w.flushes {
		if c.interest&closing != 0 {
			c.interest &^= flushing
			w.closeWhenUnused(c)
			continue
		}
		w.armed++
		w.ring.Send(int(c.fd), c.rest.data[c.rest.sent:], dataOf(opFlush, c))
	}
	clear(w.flushes)
	w.flushes = w.flushes[:0]
}

// flushed continues with a connection whose backlog, or a part of it, has been sent.
func (w *completion) flushed(c *Conn, r *ring.Completion) {
	w.armed--
	c.interest &^= flushing
	if c.interest&closing != 0 {
		w.closeWhenUnused(c)
		return
	}
	if err := r.Err(); err != nil && err != unix.EAGAIN {
		w.settle(c, w.handler.ended(c, err))
		return
	}
	b := c.rest
	b.sent += max(0, int(r.Result))
	if b.len() > 0 {
		b.compact()
		w.awaitWritable(c)
		w.settle(c, Blocked)
		return
	}
	b.data, b.sent = nil, 0
	c.settle()
	w.settle(c, Empty) // which looks at it again if it is ending
}
