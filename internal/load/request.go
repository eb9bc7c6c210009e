package load

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"c1m/internal/proto"
)

// wordSize is the length of the part of a request that tells it from all
// others.
const wordSize = 8

// word is the head of the request that a connection sends at a time, in ns.
// It is made of the two again when the reply comes, so that a connection need
// not remember it. No two connections below 2^24 have a word in common within
// 2^40 ns (18 minutes), and a reply that belongs to another connection or to
// an earlier request is seen.
//
// The product spreads both over the high bytes, and the reversal makes those
// the first ones: a message shorter than a word consists of them.
func word(connection uint32, sent int64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 ÷ the golden ratio: a bijection (Knuth, TAOCP 3, 6.4)
	return bits.ReverseBytes64((uint64(connection)<<40 + uint64(sent)&(1<<40-1)) * odd)
}

// request is a message in the making: a word, then a fixed pattern.
type request struct {
	bytes []byte // size bytes, or wordSize where that is more
	size  int

	// As it is sent: wire bytes, of which the first are the protocol's own.
	client       proto.Client
	wire, header int
}

func newRequest(size int, client proto.Client) *request {
	r := &request{bytes: make([]byte, max(size, wordSize)), size: size, client: client, header: client.Overhead()}
	r.wire = r.header + size
	for i := range r.bytes {
		r.bytes[i] = byte(i % 251) // a prime: bytes moved by a power of two do not fit
	}
	return r
}

// with returns the message that begins with w, valid until the next call.
func (r *request) with(w uint64) []byte {
	binary.LittleEndian.PutUint64(r.bytes, w)
	return r.bytes[:r.size]
}

// from returns what is sent of the message that begins with w, from an offset
// on, or as much of it as is put together for one write. It is valid until the
// next call.
func (r *request) from(w uint64, offset int) []byte {
	return r.client.Frame(r.with(w), w, offset)
}

// owed is how many bytes of a reply may come, when so many bytes of its request
// were written and so many of it have come. Only what was sent can come back.
func (r *request) owed(sent, received int32) int { return max(0, int(sent)-r.header) - int(received) }

// matches reports whether in is what the message that begins with w holds
// from offset on. It is false if in is longer than that.
func (r *request) matches(w uint64, offset int, in []byte) bool {
	if len(in) == wordSize && offset == 0 && r.size == wordSize { // the common case
		return binary.LittleEndian.Uint64(in) == w
	}
	message := r.with(w)
	return len(in) <= len(message)-offset && bytes.Equal(in, message[offset:offset+len(in)])
}
