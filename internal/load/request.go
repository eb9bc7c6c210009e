package load

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"c1m/internal/proto"
)

// wordSize is the length of the unique part of a request, in bytes.
const wordSize = 8

// word returns the first bytes of the request that a connection sends at a time, in ns. It
// is computed again for the reply, so that it need not be stored. Words are unique for
// 2^24 connections and 2^40 ns (18 minutes), so that a reply to another connection or to
// an earlier request is detected.
//
// The product spreads both numbers over the high bytes, and the reversal puts these first:
// a message shorter than a word consists of them.
func word(connection uint32, sent int64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 ÷ the golden ratio: a bijection (Knuth, TAOCP 3, 6.4)
	return bits.ReverseBytes64((uint64(connection)<<40 + uint64(sent)&(1<<40-1)) * odd)
}

// request builds messages: a word, then a fixed pattern.
type request struct {
	bytes []byte // max(size, wordSize) bytes
	size  int

	// As sent: wire bytes, of which the first header bytes are the protocol's.
	client       proto.Client
	wire, header int
}

func newRequest(size int, client proto.Client) *request {
	r := &request{bytes: make([]byte, max(size, wordSize)), size: size, client: client, header: client.Overhead()}
	r.wire = r.header + size
	for i := range r.bytes {
		r.bytes[i] = byte(i % 251) // a prime, so that bytes shifted by a power of two do not match
	}
	return r
}

// with returns the message that begins with w, valid until the next call.
func (r *request) with(w uint64) []byte {
	binary.LittleEndian.PutUint64(r.bytes, w)
	return r.bytes[:r.size]
}

// from returns the bytes to send for the message that begins with w, starting at offset; of
// a large message only a part. It is valid until the next call.
func (r *request) from(w uint64, offset int) []byte {
	return r.client.Frame(r.with(w), w, offset)
}

// owed returns how many more bytes of a reply are allowed, given the bytes sent of the
// request and received of the reply: the server can only echo what was sent.
func (r *request) owed(sent, received int32) int { return max(0, int(sent)-r.header) - int(received) }

// matches reports whether in equals the bytes at offset of the message that begins with w.
func (r *request) matches(w uint64, offset int, in []byte) bool {
	if len(in) == wordSize && offset == 0 && r.size == wordSize { // the common case
		return binary.LittleEndian.Uint64(in) == w
	}
	message := r.with(w)
	return len(in) <= len(message)-offset && bytes.Equal(in, message[offset:offset+len(in)])
}
