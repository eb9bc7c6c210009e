package proto

// clientState is what a connection has that is not at rest.
type clientState struct {
	incoming incoming
	answer   []byte // to the handshake, as far as it has come
	pongs    []byte // to be written
}

func (s *clientState) rests() bool {
	return s.incoming.rests() && len(s.answer) == 0 && len(s.pongs) == 0
}

func (s *clientState) clear() { *s = clientState{answer: s.answer[:0], pongs: s.pongs[:0]} }

// begin returns a connection's state, or one at rest for it.
func (w *webSocketClient) begin(connection uint32) *clientState {
	if s := w.states[connection]; s != nil {
		return s
	}
	if !w.spare.rests() { // the connection it was for has been closed
		w.spare.clear()
	}
	return w.spare
}

// keep keeps a state until it rests.
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

// forget gives back what a connection has that is closed, or at rest.
func (w *webSocketClient) forget(connection uint32) {
	if s := w.states[connection]; s != nil {
		delete(w.states, connection)
		s.clear()
		w.free = append(w.free, s)
	}
}
