//go:build linux

package contract

import "math/rand/v2"

// streamPeriod is prime and so no multiple of any buffer's size: a lost or
// repeated buffer shows.
const streamPeriod = 65521

// stream is endless bytes that tell where in it they are.
var stream = func() []byte {
	b := make([]byte, streamPeriod)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}()

// streamAt is n bytes of the stream from an offset.
func streamAt(offset, n int) []byte {
	b := make([]byte, 0, n)
	for len(b) < n {
		part := stream[(offset+len(b))%streamPeriod:]
		b = append(b, part[:min(len(part), n-len(b))]...)
	}
	return b
}
