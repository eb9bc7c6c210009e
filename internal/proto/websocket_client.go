package proto

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/gobwas/ws"
)

const (
	// maxPongs bounds the pongs of a connection that cannot be written yet, in
	// bytes. A server that goes on asking and does not read is owed no answer.
	maxPongs = 1 << 10

	// maxPart is how many bytes of a message are masked at once: the mask of a
	// large one is not made again for each of its writes.
	maxPart = 64 << 10
)

// webSocketClient is the client's side of RFC 6455: it asks for the upgrade,
// sends each message as one masked binary frame, and answers pings.
type webSocketClient struct {
	codec
	request Request
	seed    uint64     // of the keys of handshakes
	random  *rand.Rand // masks pongs

	header []byte // of a message; its last bytes are the masking key
	out    []byte // what is written next of it

	states map[uint32]*clientState
	spare  *clientState // for a connection that has none, while its bytes are looked at
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

// maskingKey is that of the message with this id: another for each, since the
// ids differ. Masks are to keep scripts in browsers from choosing what proxies
// see (RFC 6455, 10.3), which needs keys that a script cannot foretell; here
// there is neither, and a hash costs a nanosecond.
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
	case pong: // nobody asked, and nobody minds
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

// appendMasked appends the header of a whole frame.
func (w *webSocketClient) appendMasked(out []byte, opcode ws.OpCode, size int, key [4]byte) []byte {
	return w.appendHeader(out, ws.Header{Fin: true, OpCode: opcode, Masked: true, Mask: key, Length: int64(size)})
}

// start begins with the request to upgrade.
func (c *webSocketClient) start() Phase { return Handshake }
