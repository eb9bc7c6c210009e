//go:build linux

package goroutine

import (
	"bufio"
	"io"
	"net"
)

// pairBuffer is the buffer of each side of a connection, in bytes: bufio's default,
// which chat and push servers usually have.
const pairBuffer = 4096

// pair reads in this goroutine and writes in a second one, each with a buffer, with
// a channel in between: the usual structure of chat and push servers.
func pair(t *talk) error { return t.pair(t.conn, t.count.Bytes.Add) }

// pair reads from in, and adds the bytes received by calling received.
func (t *talk) pair(in io.Reader, received func(int64) int64) error {
	q := newQueued(t.conn, t.hub)
	written := make(chan error, 1)
	go func() { written <- q.writeReplies(t.conn) }()
	t.join(func(*talk) receiver { return q }) // net/http may have upgraded it
	err := t.readRequests(in, received, q)
	t.leave()
	close(q.replies)
	if e := <-written; e != nil {
		return e
	}
	return t.end(err)
}

func (t *talk) readRequests(r io.Reader, received func(int64) int64, q *queued) error {
	in := bufio.NewReaderSize(r, pairBuffer)
	for {
		if _, err := in.Peek(1); err != nil {
			return err
		}
		message, _ := in.Peek(in.Buffered())
		received(int64(len(message)))
		reply, err := t.receive(message, make([]byte, 0, len(message)))
		in.Discard(len(message))
		if err != nil {
			t.leave() // nothing may follow a close frame
		}
		if len(reply) > 0 {
			q.waiting.Add(int64(len(reply)))
			q.replies <- reply
		}
		if err != nil {
			return err
		}
		t.join(func(*talk) receiver { return q })
	}
}

// writeReplies writes until replies is closed. After an error it continues to
// receive replies, so that the reader never waits for it, and closes the
// connection, so that the reader ends.
func (q *queued) writeReplies(c net.Conn) error {
	out := bufio.NewWriterSize(c, pairBuffer)
	var failed error
	for reply := range q.replies {
		if failed != nil {
			continue
		}
		if _, failed = out.Write(reply); failed == nil && len(q.replies) == 0 {
			failed = out.Flush()
		}
		q.waiting.Add(-int64(len(reply)))
		if failed != nil {
			c.Close()
		}
	}
	return failed
}
