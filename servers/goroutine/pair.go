//go:build linux

package goroutine

import (
	"bufio"
	"net"

	"c1m/internal/proto"
	"c1m/servers"
)

// pairBuffer is what chat and push servers give each side of a connection:
// bufio's default.
const pairBuffer = 4096

// pair reads in this goroutine and writes in a second one, each with a
// buffer, with a channel between: the naive shape of chat and push servers.
func pair(c *net.TCPConn, work servers.Work, count *servers.Counter) error {
	replies := make(chan []byte, 1)
	written := make(chan error, 1)
	go func() { written <- writeReplies(c, replies) }()
	err := readRequests(c, work, count, replies)
	close(replies)
	if e := <-written; e != nil {
		return e
	}
	return err
}

func readRequests(c *net.TCPConn, work servers.Work, count *servers.Counter, replies chan<- []byte) error {
	echo := proto.Echo{Handle: func(message []byte) {
		count.Messages.Add(1)
		count.Bytes.Add(int64(len(message)))
		work.Do(message)
	}}
	in := bufio.NewReaderSize(c, pairBuffer)
	for {
		if _, err := in.Peek(1); err != nil {
			return err
		}
		message, _ := in.Peek(in.Buffered())
		reply, err := echo.Receive(message, make([]byte, 0, len(message)))
		if err != nil {
			return err
		}
		in.Discard(len(message))
		replies <- reply
	}
}

// writeReplies writes until replies is closed. After an error it goes on
// taking replies, so that the reader never waits for it, and closes the
// connection, so that the reader ends.
func writeReplies(c *net.TCPConn, replies <-chan []byte) error {
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
