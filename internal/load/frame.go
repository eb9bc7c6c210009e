package load

import (
	"encoding/binary"

	"c1m/internal/proto"
)

// frame is a request in the making as a WebSocket message: one masked frame.
type frame struct {
	header []byte // its last bytes are the masking key
	out    []byte // what is written next
}

// mask makes each request a frame.
func (r *request) mask() {
	var client proto.Client
	f := &frame{header: client.AppendHeader(nil, r.size, [4]byte{})}
	f.out = make([]byte, 0, len(f.header)+min(r.size, batchSize))
	r.frame, r.header = f, len(f.header)
	r.wire = r.header + r.size
}

// from returns what is written of a message from an offset of its frame on, at
// most batchSize bytes of it: the mask of a large one is not made again for
// each of its parts.
func (f *frame) from(w uint64, message []byte, offset int) []byte {
	key := maskingKey(w)
	copy(f.header[len(f.header)-len(key):], key[:])
	f.out = f.out[:0]
	if offset < len(f.header) {
		f.out = append(f.out, f.header[offset:]...)
		offset = len(f.header)
	}
	offset -= len(f.header)
	part := len(f.out)
	f.out = append(f.out, message[offset:min(len(message), offset+batchSize)]...)
	proto.Mask(f.out[part:], key, offset)
	return f.out
}

// maskingKey is that of the request that begins with a word: another for each,
// since the words differ. Masks are to keep scripts in browsers from choosing
// what proxies see (RFC 6455, 10.3), which needs keys that a script cannot
// foretell; here there is neither, and a hash costs a nanosecond.
func maskingKey(w uint64) (key [4]byte) {
	const odd = 0xff51afd7ed558ccd // of MurmurHash3's finalizer
	w ^= w >> 33
	binary.LittleEndian.PutUint32(key[:], uint32(w*odd>>32))
	return key
}
