package proto

// echo sends back any bytes that come. It has no state and no end of its own.
type echo struct {
	// handle is called once per message, before its reply. A message is what
	// one read returned, since echo draws no other bounds.
	handle func(message []byte)
}

func (e *echo) Start() Phase { return Open }

func (e *echo) Receive(_ *Session, in, out []byte) ([]byte, error) {
	e.handle(in)
	return append(out, in...), nil
}

// AppendMessage is never called: a client of echo could not tell a message
// that it did not ask for from a reply.
func (e *echo) AppendMessage(_, _ []byte) []byte { panic("echo cannot push") }

// echoClient sends messages as they are, and takes whatever comes for data.
type echoClient struct{}

func (echoClient) Start() Phase { return Open }

func (echoClient) AppendHandshake(out []byte, _ string, _ int32) []byte { return out }

func (echoClient) Answer(_ uint32, _ int32, in []byte) ([]byte, bool, error) { return in, true, nil }

func (echoClient) Overhead() int { return 0 }

func (echoClient) Frame(message []byte, _ uint64, offset int) []byte { return message[offset:] }

func (echoClient) Next(_ uint32, in []byte) (Piece, []byte, error) {
	return Piece{Kind: Data, Bytes: in, Binary: true}, nil, nil
}

func (echoClient) Pending(uint32) []byte { return nil }

func (echoClient) Sent(uint32, int) {}

func (echoClient) Forget(uint32) {}
