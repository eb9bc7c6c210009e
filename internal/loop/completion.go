//go:build linux

package loop

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/ring"
)

// completion waits by io_uring. The kernel accepts and receives by operations that stay
// armed; replies are queued while a batch of completions is served, and submitted by the
// call that waits for the next. Afterwards each is sent, or has completed because the
// peer did not take all of it: so the memory of a batch's replies is used again for the
// next but one, and no connection keeps any.
type completion struct {
	*Loop
	ring  *ring.Ring
	waker *poll.Waker

	// batch is the number of the current batch, in the bits of Conn.interest that are
	// not flags.
	batch   uint32
	replies [2]replies
	current int // the replies being queued; the others are those just submitted

	after   []*Conn // to look at when the queued replies are sent
	looking []*Conn // to look at when this batch is served
	flushes []*Conn // whose backlog to submit next

	armed     int // operations that have not ended
	accepting bool
}

// Flags of a connection: its operations that have not ended, and what else the kernel or
// the loop is still to do. The bits above them are the number of the batch in which its
// last reply was queued. It wraps around, which at worst makes a connection wait for the
// end of a batch in vain.
const (
	receiving = 1 << iota
	stopping  // receiving is being cancelled
	polling   // waits until it can be written to
	flushing  // its backlog is being sent, or will be next
	closing   // its descriptor is closed when its operations have ended

	oneBatch = 1 << 8
	inUse    = receiving | polling | flushing
)

// The operations, which are the low byte of their data. Above it is a descriptor, or
// the number of a reply.
const (
	opAccept = iota
	opWake
	opReceive
	opSend
	opFlush
	opWritable
	opCancel
)

func dataOf(operation uint64, c *Conn) uint64 { return operation | uint64(c.fd)<<8 }

// The receive buffers of a loop. All together bound what one connection can add to its
// backlog before reading from it stops.
const (
	receiveBuffers = 128
	receiveSize    = 16 << 10
)

var ringSizes = ring.Config{Submissions: 1024, Completions: 4096, Buffers: receiveBuffers, BufferSize: receiveSize}

func newCompletion(l *Loop) (*completion, error) {
	r, err := ring.New(ringSizes)
	if err != nil {
		return nil, err
	}
	w := &completion{Loop: l, ring: r, batch: oneBatch}
	if w.waker, err = poll.NewWaker(); err != nil {
		r.Close()
		return nil, err
	}
	w.watchWaker()
	return w, nil
}

func (w *completion) watchWaker() {
	w.armed++
	w.ring.Readable(w.waker.FD(), opWake)
}

// begin makes the ring belong to this thread, which is the loop's until end.
func (w *completion) begin() error {
	runtime.LockOSThread()
	err := w.ring.Start()
	if err != nil {
		runtime.UnlockOSThread()
	}
	return err
}

func (w *completion) wake() error { return w.waker.Wake() }

func (w *completion) release() error {
	err := w.ring.Close()
	w.waker.Close()
	return err
}

func (w *completion) wait(timeout time.Duration) error {
	w.submitFlushes()
	if len(w.after) > 0 {
		timeout = 0
	}
	w.after, w.looking = w.looking[:0], w.after
	w.current ^= 1
	w.replies[w.current].reset()
	if err := w.ring.Wait(timeout); err != nil {
		return err
	}
	w.batch += oneBatch
	var c ring.Completion
	for !w.stopping.Load() && w.ring.Next(&c) {
		if err := w.complete(&c); err != nil {
			return err
		}
		w.ring.Free(&c)
	}
	if w.stopping.Load() {
		return nil
	}
	for _, c := range w.looking {
		c.listed = false
		w.look(c)
	}
	return nil
}

// complete takes the one step that a completion requires.
func (w *completion) complete(c *ring.Completion) error {
	argument := int(c.Data >> 8)
	switch c.Data & 0xff {
	case opAccept:
		return w.accept(c)
	case opWake:
		w.woken(c)
	case opReceive:
		w.received(w.config.Table.at(argument), c)
	case opSend:
		w.cutShort(argument, c)
	case opFlush:
		w.flushed(w.config.Table.at(argument), c)
	case opWritable:
		w.writable(w.config.Table.at(argument))
	}
	return nil
}

func (w *completion) listen() error {
	if !w.accepting {
		w.accepting = true
		w.armed++
		w.ring.Accept(w.config.Listener, opAccept)
	}
	return nil
}

// unlisten does nothing: accepting pauses only when it has failed, and so has ended.
func (w *completion) unlisten() error { return nil }

func (w *completion) accept(c *ring.Completion) error {
	if !c.More() {
		w.armed--
		w.accepting = false
	}
	switch err := c.Err(); err {
	case unix.ECONNABORTED, unix.EINTR, unix.EAGAIN: // gone before it was taken, or nothing
	default:
		if err == nil {
			w.pause.wait = 0
		}
		if _, err := w.accepted(int(c.Result), err); err != nil {
			return err
		}
	}
	if w.pause.active {
		return nil
	}
	return w.listen()
}

func (w *completion) woken(c *ring.Completion) {
	if !c.More() {
		w.armed--
		w.watchWaker()
	}
	w.waker.Seen()
	w.runPosted()
}

func (w *completion) adopt(c *Conn) error {
	c.interest = 0
	w.receive(c)
	return nil
}

// receive starts receiving. It counts as a queued reply: if one were submitted behind it,
// what is received at once would be answered before it is known that the reply was cut
// short.
func (w *completion) receive(c *Conn) {
	c.interest = c.interest&(oneBatch-1) | receiving | w.batch
	w.armed++
	w.ring.Receive(int(c.fd), dataOf(opReceive, c))
}

// received serves a connection that has received something, or has stopped receiving.
func (w *completion) received(c *Conn, r *ring.Completion) {
	if !r.More() {
		w.armed--
		c.interest &^= receiving | stopping
	}
	if c.interest&closing != 0 {
		w.closeWhenUnused(c)
		return
	}
	switch in, err := w.ring.Bytes(r), r.Err(); {
	case len(in) > 0 && !c.ending:
		w.handler.Totals.Bytes += int64(len(in))
		w.settle(c, w.handler.Answer(c, in))
		if !w.config.Work.IsZero() { // the reply must not wait for the work of others
			w.ring.Submit()
		}
	case len(in) > 0, err == unix.ENOBUFS, err == unix.ECANCELED:
		w.settle(c, Empty)
	case err == nil && w.queued(c):
		c.ending = true
		w.settle(c, Blocked)
	default:
		w.settle(c, w.handler.ended(c, err))
	}
}

// settle closes a connection, or starts or stops receiving as its backlog requires.
func (w *completion) settle(c *Conn, o Outcome) {
	if o == Ended {
		w.close(c)
		return
	}
	if c.rest == nil && !c.ending && c.interest&receiving != 0 {
		return
	}
	if c.ending || c.waiting() > 0 {
		w.list(c)
	}
	switch stop := c.ending || c.full(); {
	case stop && c.interest&(receiving|stopping) == receiving:
		c.interest |= stopping
		w.ring.Cancel(dataOf(opReceive, c), opCancel)
	case !stop && c.interest&receiving == 0:
		w.receive(c)
	}
}

// queued reports whether a reply has been queued for a connection in this batch, of which
// nothing is known yet. Its completion precedes all that is received later: the kernel
// first submits, and then runs what is armed.
func (w *completion) queued(c *Conn) bool { return c.interest&^(oneBatch-1) == w.batch }

// list makes the loop look at a connection when its queued replies are sent.
func (w *completion) list(c *Conn) {
	if !c.listed && c.interest&(polling|flushing) == 0 {
		c.listed = true
		w.after = append(w.after, c)
	}
}

// look continues with a connection of whose earlier replies all is known.
func (w *completion) look(c *Conn) {
	switch {
	case c.interest&closing != 0:
		w.closeWhenUnused(c)
	case w.queued(c):
		w.list(c)
	case c.interest&(polling|flushing) != 0:
	case c.waiting() > 0:
		c.interest |= flushing
		w.flushes = append(w.flushes, c)
	case c.ending:
		w.settle(c, w.handler.end(c))
	}
}

// drop takes a connection out of the table, and closes its descriptor when the kernel
// does not use it any more: until then the peer would not see the end.
func (w *completion) drop(c *Conn) {
	w.config.Table.forget(c)
	c.interest |= closing
	if c.interest&(receiving|polling) != 0 {
		w.ring.CancelFD(int(c.fd), opCancel)
	}
	w.closeWhenUnused(c)
}

func (w *completion) closeWhenUnused(c *Conn) {
	switch {
	case c.interest&inUse != 0 || c.listed:
	case w.queued(c):
		w.list(c)
	default:
		fd := int(c.fd)
		c.interest = 0
		c.generation.Add(2) // after the last access: the loop that gets the number next synchronises with it
		poll.Close(fd)
		w.freed()
	}
}

// end ends all operations, so that closing a descriptor closes its connection.
func (w *completion) end() error {
	defer runtime.UnlockOSThread()
	w.submitFlushes()
	w.ring.CancelAll(opCancel)
	for _, list := range [][]*Conn{w.after, w.looking} {
		for _, c := range list {
			c.listed = false
		}
	}
	for tries := 0; w.armed > 0; tries++ {
		if tries == 10 {
			return errStuck
		}
		if err := w.ring.Wait(time.Second); err != nil {
			return err
		}
		w.batch += oneBatch
		var c ring.Completion
		for w.ring.Next(&c) {
			w.drain(&c)
			tries = 0
		}
	}
	for _, list := range [][]*Conn{w.after, w.looking} {
		for _, c := range list {
			if c.interest&closing != 0 {
				w.closeWhenUnused(c)
			}
		}
	}
	return nil
}

// drain handles a completion after the loop has ended. What was received is dropped, as
// what readiness has not read.
func (w *completion) drain(r *ring.Completion) {
	w.ring.Free(r)
	operation, argument := r.Data&0xff, int(r.Data>>8)
	switch {
	case operation == opSend:
		w.unsent(argument, r) // so that CloseAll does not send a farewell in mid-message
		return
	case operation == opCancel:
		return
	case operation == opAccept && r.Result >= 0:
		w.config.Table.Open(int(r.Result)) // for CloseAll
	}
	if r.More() {
		return
	}
	w.armed--
	if operation == opAccept || operation == opWake {
		return
	}
	c := w.config.Table.at(argument)
	switch operation {
	case opReceive:
		c.interest &^= receiving
	case opFlush:
		c.interest &^= flushing
	case opWritable:
		c.interest &^= polling
	}
	if c.interest&closing != 0 {
		w.closeWhenUnused(c)
	}
}
