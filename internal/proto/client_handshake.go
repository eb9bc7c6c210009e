package proto

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
)

func (w *webSocketClient) appendHandshake(out []byte, host string, n int32) []byte {
	return w.request.Append(out, host, w.key(n))
}

// key returns the key of handshake n. It is computed again for the answer, so that
// it need not be stored per connection.
func (w *webSocketClient) key(n int32) (k Key) {
	var random rand.PCG
	random.Seed(w.seed, uint64(n))
	binary.LittleEndian.PutUint64(k[:8], random.Uint64())
	binary.LittleEndian.PutUint64(k[8:], random.Uint64())
	return k
}

func (w *webSocketClient) answer(connection uint32, n int32, in []byte) (rest []byte, open bool, err error) {
	s := w.begin(connection)
	answer, before := in, len(s.answer)
	if before > 0 {
		s.answer = append(s.answer, in[:min(len(in), MaxHeader-before)]...)
		answer = s.answer
	}
	end, err := w.request.Answer(answer, w.key(n))
	switch {
	case err != nil:
		if !errors.Is(err, errRefused) { // a refusal already quotes the answer
			err = &invalidAnswer{err, shown(answer, true)}
		}
		return nil, false, err
	case end == 0:
		if before == 0 {
			s.answer = append(s.answer, in...)
		}
		w.keep(connection, s)
		return nil, false, nil
	}
	s.answer = s.answer[:0]
	w.keep(connection, s)
	return in[end-before:], true, nil
}

// invalidAnswer is an answer that neither grants nor refuses the upgrade.
type invalidAnswer struct {
	err   error
	quote string
}

func (a *invalidAnswer) Error() string { return a.err.Error() + ": " + a.quote }

func (a *invalidAnswer) Unwrap() error { return a.err }
