//go:build linux

package goroutine

import (
	"bufio"
	"io"
	"net"

	"c1m/servers"
)

// pairBuffer is what chat and push servers give each side of a connection:
// bufio's default.
const pairBuffer = 4096

// pair reads in this goroutine and writes in a second one, each with a
// buffer, with a channel between: the naive shape of chat and push servers.
func pair(c net.Conn, cfg servers.Config, count *servers.Counter) error {
	return newTalk(c, cfg, count).pair(c, count.Bytes.Add)
}

// pair reads from in, which got is told of.
func (t *talk) pair(in io.Reader, got func(int64) int64) error {
	replies := make(chan []byte, 1)
	written := make(chan error, 1)
	go func() { written <- writeReplies(t.conn, replies) }()
	err := t.readRequests(in, got, replies)
	close(replies)
	if e := <-written; e != nil {
		return e
	}
	return t.end(err)
}

func (t *talk) readRequests(r io.Reader, got func(int64) int64, replies chan<- []byte) error {
	in := bufio.NewReaderSize(r, pairBuffer)
	for {
		if _, err := in.Peek(1); err != nil {
			return err
		}
		message, _ := in.Peek(in.Buffered())
		got(int64(len(message)))
		reply, err := t.receive(message, make([]byte, 0, len(message)))
		in.Discard(len(message))
		if len(reply) > 0 {
			replies <- reply
		}
		if err != nil {
			return err
		}
	}
}

// writeReplies writes until replies is closed. After an error it goes on
// taking replies, so that the reader never waits for it, and closes the
// connection, so that the reader ends.
func writeReplies(c net.Conn, replies <-chan []byte) error {
	out := bufio.NewWriterSize(c, pairBuffer)
	var failed error
	for reply := range replies {
		if failed != nil {
			continue
		}
		if _, failed = out.Write(reply); failed == nil && len(replies) == 0 {
			failed = out.Flush()
		}
		if failed != nil {
			c.Close()
		}
	}
	return failed
}
