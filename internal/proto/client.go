package proto

// Client is the client's side of a protocol, for messages of one size. One Client
// serves all connections of a goroutine, which chooses a number for each. It needs
// memory only for connections with incomplete input or output. Its methods do not
// keep the slices passed to them.
type Client struct {
	// framing is nil for a protocol that sends messages unchanged: a comparison is
	// cheaper than a call.
	framing framing
}

// framing is the client's side of a protocol with a handshake or frames. Client
// describes the methods.
type framing interface {
	start() Phase
	appendHandshake(out []byte, host string, n int32) []byte
	answer(connection uint32, n int32, in []byte) (rest []byte, open bool, err error)
	overhead() int
	frame(message []byte, id uint64, offset int) []byte
	next(connection uint32, in []byte) (p Piece, rest []byte, err error)
	pending(connection uint32) []byte
	sent(connection uint32, n int)
	forget(connection uint32)
}

// Start returns the phase of a new connection: Handshake, or Open if the protocol
// has no handshake.
func (c *Client) Start() Phase {
	if c.framing == nil {
		return Open
	}
	return c.framing.start()
}

// AppendHandshake appends handshake n, to host. The same n gives the same bytes, so
// that they need not be stored while they are written. Each connection needs a
// different n.
func (c *Client) AppendHandshake(out []byte, host string, n int32) []byte {
	if c.framing == nil {
		return out
	}
	return c.framing.appendHandshake(out, host, n)
}

// Answer takes received bytes of the answer to handshake n. It reports whether the
// connection is Open now, and returns the bytes after the answer. The error says
// why the handshake failed.
func (c *Client) Answer(connection uint32, n int32, in []byte) (rest []byte, open bool, err error) {
	if c.framing == nil {
		return in, true, nil
	}
	return c.framing.answer(connection, n, in)
}

// Overhead returns the number of bytes sent before each message.
func (c *Client) Overhead() int {
	if c.framing == nil {
		return 0
	}
	return c.framing.overhead()
}

// Frame returns the bytes to send for a message, starting at offset, which includes
// the overhead; of a large message it returns only a part. The same id gives the
// same bytes, and messages in flight must have different ids. The result is valid
// until the next call, and while the message does not change.
func (c *Client) Frame(message []byte, id uint64, offset int) []byte {
	if c.framing == nil {
		return message[offset:]
	}
	return c.framing.frame(message, id, offset)
}

// Next cuts a piece from the bytes received on an Open connection, and returns the
// rest. An error that is ErrClosed is a close handshake, with the server's reason;
// any other is a violation of the protocol. Bytes after an error have no meaning.
func (c *Client) Next(connection uint32, in []byte) (p Piece, rest []byte, err error) {
	if c.framing == nil {
		return Piece{Kind: Data, Bytes: in, Binary: true}, nil, nil
	}
	return c.framing.next(connection, in)
}

// Pending returns what the protocol itself has to send before the next message.
func (c *Client) Pending(connection uint32) []byte {
	if c.framing == nil {
		return nil
	}
	return c.framing.pending(connection)
}

// Sent reports how many bytes of Pending have been written.
func (c *Client) Sent(connection uint32, n int) {
	if c.framing != nil {
		c.framing.sent(connection, n)
	}
}

// Forget discards the incomplete input and output of a closed connection.
func (c *Client) Forget(connection uint32) {
	if c.framing != nil {
		c.framing.forget(connection)
	}
}

// Kind is what a Piece belongs to.
type Kind uint8

const (
	Nothing Kind = iota // incomplete, or handled by the protocol itself
	Data                // a message, or a part of one

	ping // requires a pong with the same bytes
	pong
	closing
)

// Piece is the received part of a message, or of one of its frames.
type Piece struct {
	Kind  Kind
	Bytes []byte // valid until the next call, and while the input does not change

	Binary bool // not text

	// Length is the size of the message up to the end of the current frame, End
	// whether the message ends with this piece; 0 and false if the protocol is not
	// Framed.
	Length int64
	End    bool
}
