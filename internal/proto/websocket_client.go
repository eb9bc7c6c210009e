package proto

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/gobwas/ws"
)

const (
	// maxPongs limits the unwritten pongs of a connection, in bytes. A server that
	// sends pings and does not read gets no further pongs.
	maxPongs = 1 << 10

	// maxPart is how many bytes of a message are masked at once, so that a large
	// message is not masked again for each of its writes.
	maxPart = 64 << 10
)

// webSocketClient is the client's side of RFC 6455: it requests the upgrade, sends
// each message as one masked binary frame, and answers pings.
type webSocketClient struct {
	codec
	request Request
	seed    uint64     // of the keys of handshakes
	random  *rand.Rand // masks pongs

	header []byte // of a message; its last bytes are the masking key
	out    []byte // the result of frame

	states map[uint32]*clientState
	spare  *clientState // used while handling a connection at rest
	free   []*clientState
}

func newWebSocketClient(request Request, size int) *webSocketClient {
	w := &webSocketClient{
		request: request,
		seed:    rand.Uint64(),
		random:  rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		states:  make(map[uint32]*clientState),
		spare:   new(clientState),
	}
	w.header = w.appendMasked(nil, ws.OpBinary, size, [4]byte{})
	w.out = make([]byte, 0, len(w.header)+min(size, maxPart))
	return w
}

func (w *webSocketClient) overhead() int { return len(w.header) }

func (w *webSocketClient) frame(message []byte, id uint64, offset int) []byte {
	key := maskingKey(id)
	copy(w.header[len(w.header)-len(key):], key[:])
	w.out = w.out[:0]
	if offset < len(w.header) {
		w.out = append(w.out, w.header[offset:]...)
		offset = len(w.header)
	}
	offset -= len(w.header)
	part := len(w.out)
	w.out = append(w.out, message[offset:min(len(message), offset+maxPart)]...)
	ws.Cipher(w.out[part:], key, offset)
	return w.out
}

// maskingKey returns the key for a message id; different ids give different keys.
// Unpredictable keys prevent scripts in browsers from choosing the bytes that
// proxies see (RFC 6455, 10.3). There are no such scripts here, and a hash costs
// only a nanosecond.
func maskingKey(id uint64) (key [4]byte) {
	const odd = 0xff51afd7ed558ccd // of MurmurHash3's finalizer
	id ^= id >> 33
	binary.LittleEndian.PutUint32(key[:], uint32(id*odd>>32))
	return key
}

func (w *webSocketClient) next(connection uint32, in []byte) (p Piece, rest []byte, err error) {
	s := w.begin(connection)
	if p, rest, err = s.incoming.next(&w.codec, in); err != nil {
		return Piece{}, nil, err
	}
	switch p.Kind {
	case ping:
		if len(s.pongs) < maxPongs {
			s.pongs = w.appendPong(s.pongs, p.Bytes)
		}
		p = Piece{}
	case pong: // unsolicited, which is allowed
		p = Piece{}
	case closing:
		return Piece{}, nil, newClosed(p.Bytes)
	}
	w.keep(connection, s)
	return p, rest, nil
}

func (w *webSocketClient) pending(connection uint32) []byte {
	if s := w.states[connection]; s != nil {
		return s.pongs
	}
	return nil
}

func (w *webSocketClient) sent(connection uint32, n int) {
	if s := w.states[connection]; s != nil {
		s.pongs = s.pongs[:copy(s.pongs, s.pongs[n:])]
		w.keep(connection, s)
	}
}

// appendPong appends the answer to a ping.
func (w *webSocketClient) appendPong(out, payload []byte) []byte {
	var key [4]byte
	binary.LittleEndian.PutUint32(key[:], w.random.Uint32())
	out = w.appendMasked(out, ws.OpPong, len(payload), key)
	from := len(out)
	out = append(out, payload...)
	ws.Cipher(out[from:], key, 0)
	return out
}

// appendMasked appends the header of a final, masked frame.
func (w *webSocketClient) appendMasked(out []byte, opcode ws.OpCode, size int, key [4]byte) []byte {
	return w.appendHeader(out, ws.Header{Fin: true, OpCode: opcode, Masked: true, Mask: key, Length: int64(size)})
}

// start returns Handshake: an upgrade request comes first.
func (c *webSocketClient) start() Phase { return Handshake }
