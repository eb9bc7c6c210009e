package proto

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
)

func (w *webSocketClient) appendHandshake(out []byte, host string, n int32) []byte {
	return w.request.Append(out, host, w.key(n))
}

// key is that of handshake n. It is made again when the answer comes, so that a
// connection need not remember it.
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
		if !errors.Is(err, errRefused) { // which shows what came
			err = &unfit{err, shown(answer, true)}
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

// unfit is an answer that grants nothing and refuses nothing.
type unfit struct {
	err  error
	said string
}

func (u *unfit) Error() string { return u.err.Error() + ": " + u.said }

func (u *unfit) Unwrap() error { return u.err }
