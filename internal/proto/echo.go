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
