package proto

// echo sends back all bytes. It has no state and no closing handshake.
type echo struct {
	// handle is called once per message, before its reply. A message is the result
	// of one read, because echo has no message boundaries.
	handle func(message []byte)
}

func (e *echo) Start() Phase { return Open }

func (e *echo) Receive(_ *Session, in, out []byte) ([]byte, error) {
	e.handle(in)
	return append(out, in...), nil
}

// AppendMessage is never called: a client of echo cannot distinguish a notification
// from a reply.
func (e *echo) AppendMessage(_, _ []byte) []byte { panic("echo cannot push") }
