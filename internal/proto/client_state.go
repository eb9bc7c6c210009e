package proto

// clientState is the incomplete input and output of a connection. A connection
// without any is at rest.
type clientState struct {
	incoming incoming
	answer   []byte // to the handshake, as far as received
	pongs    []byte // to be written
}

func (s *clientState) rests() bool {
	return s.incoming.rests() && len(s.answer) == 0 && len(s.pongs) == 0
}

func (s *clientState) clear() { *s = clientState{answer: s.answer[:0], pongs: s.pongs[:0]} }

// begin returns a connection's state, or the spare one if it is at rest.
func (w *webSocketClient) begin(connection uint32) *clientState {
	if s := w.states[connection]; s != nil {
		return s
	}
	if !w.spare.rests() { // its connection was closed
		w.spare.clear()
	}
	return w.spare
}

// keep stores a state from begin, or frees it if it is at rest.
func (w *webSocketClient) keep(connection uint32, s *clientState) {
	kept := w.states[connection] != nil
	switch {
	case s.rests() && kept:
		w.forget(connection)
	case !s.rests() && !kept:
		w.states[connection] = s
		if n := len(w.free); n > 0 {
			w.spare, w.free = w.free[n-1], w.free[:n-1]
		} else {
			w.spare = new(clientState)
		}
	}
}

// forget frees the state of a connection that is closed or at rest.
func (w *webSocketClient) forget(connection uint32) {
	if s := w.states[connection]; s != nil {
		delete(w.states, connection)
		s.clear()
		w.free = append(w.free, s)
	}
}
