//go:build linux

package goroutine

import (
	"net"

	"c1m/servers"
)

// A connection starts with a small buffer, because there is one for each, and
// gets a larger one when a read fills it.
const (
	firstBuffer = 512
	mostBuffer  = 64 << 10
)

// single reads and writes in one goroutine.
func single(c net.Conn, cfg servers.Config, count *servers.Counter) error {
	t := newTalk(c, cfg, count)
	in := make([]byte, firstBuffer)
	var out []byte
	for {
		n, err := c.Read(in)
		if err != nil {
			return t.end(err)
		}
		count.Bytes.Add(int64(n))
		out, err = t.receive(in[:n], out[:0])
		if len(out) > 0 {
			if _, err := c.Write(out); err != nil {
				return err
			}
		}
		if err != nil {
			return t.end(err)
		}
		if n == len(in) && n < mostBuffer {
			in = make([]byte, 2*n)
		}
		if cap(out) > 2*mostBuffer { // one large reply is no reason to keep its memory
			out = nil
		}
	}
}
