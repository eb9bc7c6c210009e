//go:build linux

package goroutine

import (
	"net"

	"c1m/internal/proto"
	"c1m/servers"
)

// A connection starts with a small buffer, because there is one for each, and
// gets a larger one when a read fills it.
const (
	firstBuffer = 512
	mostBuffer  = 64 << 10
)

// single reads and writes in one goroutine.
func single(c *net.TCPConn, work servers.Work, count *servers.Counter) error {
	echo := proto.Echo{Handle: func(message []byte) {
		count.Messages.Add(1)
		count.Bytes.Add(int64(len(message)))
		work.Do(message)
	}}
	in := make([]byte, firstBuffer)
	var out []byte
	for {
		n, err := c.Read(in)
		if err != nil {
			return err
		}
		if out, err = echo.Receive(in[:n], out[:0]); err != nil {
			return err
		}
		if _, err := c.Write(out); err != nil {
			return err
		}
		if n == len(in) && n < mostBuffer {
			in = make([]byte, 2*n)
		}
	}
}
