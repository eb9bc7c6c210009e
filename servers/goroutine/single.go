//go:build linux

package goroutine

// A connection starts with a small buffer, because each has its own, and gets a
// larger one when a read fills it.
const (
	firstBuffer = 512
	mostBuffer  = 64 << 10
)

// single reads and writes in one goroutine.
func single(t *talk) error {
	defer t.leave()
	in := make([]byte, firstBuffer)
	var out []byte
	for {
		n, err := t.conn.Read(in)
		if err != nil {
			return t.end(err)
		}
		t.count.Bytes.Add(int64(n))
		out, err = t.receive(in[:n], out[:0])
		if err != nil {
			t.leave() // nothing may follow a close frame
		}
		if len(out) > 0 {
			if err := t.write(out); err != nil {
				return err
			}
		}
		if err != nil {
			return t.end(err)
		}
		t.join(newDirect)
		if n == len(in) && n < mostBuffer {
			in = make([]byte, 2*n)
		}
		if cap(out) > 2*mostBuffer { // do not keep the memory of one large reply
			out = nil
		}
	}
}
