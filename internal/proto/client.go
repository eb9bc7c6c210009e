package proto

// Client is the client's side of a protocol, for messages of one size. One
// serves all connections of a goroutine, which tells them apart by numbers of
// its choice; a connection that has nothing half received or half sent takes no
// memory in it. No method keeps a slice it is given.
type Client struct {
	// framing is what a protocol does beyond sending messages as they are, and
	// taking whatever comes for parts of them. It is nil where there is nothing
	// more, so that this costs a comparison and no call.
	framing framing
}

// framing is what a protocol adds to messages on the client's side, as Client
// describes it.
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

// Start returns the phase of a connection that has just come up: Handshake, or
// Open where a protocol has none.
func (c *Client) Start() Phase {
	if c.framing == nil {
		return Open
	}
	return c.framing.start()
}

// AppendHandshake appends what begins a connection to host. The same n gives
// the same bytes, so that they need not be kept while they are written; another
// connection must have another n.
func (c *Client) AppendHandshake(out []byte, host string, n int32) []byte {
	if c.framing == nil {
		return out
	}
	return c.framing.appendHandshake(out, host, n)
}

// Answer takes what has come of the answer to handshake n. It reports whether
// the connection is Open now, and returns what came behind the answer. An error
// says that the answer is no, in words for people.
func (c *Client) Answer(connection uint32, n int32, in []byte) (rest []byte, open bool, err error) {
	if c.framing == nil {
		return in, true, nil
	}
	return c.framing.answer(connection, n, in)
}

// Overhead is how many bytes are sent before a message's own.
func (c *Client) Overhead() int {
	if c.framing == nil {
		return 0
	}
	return c.framing.overhead()
}

// Frame returns what is sent of a message from an offset on, which counts the
// overhead, or as much of it as is put together at once. The same id gives the
// same bytes; no two messages in flight may share one. It is good until the next
// call, and as long as the message is.
func (c *Client) Frame(message []byte, id uint64, offset int) []byte {
	if c.framing == nil {
		return message[offset:]
	}
	return c.framing.frame(message, id, offset)
}

// Next takes a piece off what has come on an Open connection, and returns the
// rest. An error that is ErrClosed is the server's orderly end, in its words;
// any other says how the server broke the protocol. What comes after an error
// means nothing.
func (c *Client) Next(connection uint32, in []byte) (p Piece, rest []byte, err error) {
	if c.framing == nil {
		return Piece{Kind: Data, Bytes: in, Binary: true}, nil, nil
	}
	return c.framing.next(connection, in)
}

// Pending is what the protocol itself has to send, between two messages and
// before any other.
func (c *Client) Pending(connection uint32) []byte {
	if c.framing == nil {
		return nil
	}
	return c.framing.pending(connection)
}

// Sent says how much of what is Pending has been written.
func (c *Client) Sent(connection uint32, n int) {
	if c.framing != nil {
		c.framing.sent(connection, n)
	}
}

// Forget drops what has begun to come and to go on a connection that has been
// closed.
func (c *Client) Forget(connection uint32) {
	if c.framing != nil {
		c.framing.forget(connection)
	}
}

// Kind says what a Piece belongs to.
type Kind uint8

const (
	Nothing Kind = iota // more has to come first, or the protocol's own was dealt with
	Data                // a message, or a part of one

	ping // to be answered by a pong with the same bytes
	pong
	closing
)

// Piece is a piece of what a server sent: as much of a message as has come, and
// as one frame has where there are frames.
type Piece struct {
	Kind  Kind
	Bytes []byte // good until the next call, and as long as what was given is

	Binary bool // and not text

	// How many bytes the message has, counting the whole of the frame that this
	// is part of, and whether it ends here; 0 and false if the protocol is not
	// Framed.
	Length int64
	End    bool
}
