//go:build linux

package contract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// wsCase is something sent on a WebSocket, and what has to come of it. Its number
// is that of Autobahn's test suite, which is how the field names such cases; what
// has to come is from RFC 6455.
type wsCase struct {
	id     string
	did    string // what was sent
	writes writes // what is written, each at once

	want []frame // the messages and pongs that come back; of several pongs the last is enough (5.5.3)

	// What happens then: the connection stays open, or the server fails it, with
	// one of some close codes if with any (7.1.7), or it answers the closing
	// handshake, with one of some codes or without (5.5.1).
	fails  []uint16
	closes []uint16

	tidy bool // the closing handshake has to be whole: a close frame, then the end, and nothing else
	big  bool // it may also be refused, with close code 1009 (10.4)
}

// writes makes what is written: some of it is large, and is not needed before.
type writes func() [][]byte

// hopeless is how many cases of a clause may wait in vain: then the rest is not
// tried.
const hopeless = 3

// try tries cases, each on a connection of its own.
func (s *scene) try(cases []wsCase) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	var (
		findings Findings
		vain     int
		tooBig   bool
	)
	for i, k := range cases {
		c, err := s.dial()
		if err != nil {
			return append(findings, Finding{k.id, "a client connected", "it to be upgraded", err.Error()})
		}
		err = c.play(k)
		if err == nil || s.ctx.Err() != nil {
			continue
		}
		var refused refusedError
		if errors.As(err, &refused) {
			tooBig = true
			continue
		}
		findings = append(findings, Finding{k.id, k.did, k.wants(), err.Error()})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			vain++
		}
		if left := len(cases) - 1 - i; vain == hopeless && left > 0 {
			findings[len(findings)-1].Got += fmt.Sprintf(" (%d further cases were not tried)", left)
			break
		}
	}
	if tooBig {
		s.note("refuses messages above 1 MiB with close code 1009")
	}
	if len(findings) > 0 {
		return findings
	}
	return nil
}

// refusedError is a message that was too big for the server.
type refusedError struct{}

func (refusedError) Error() string { return "refused with close code 1009" }

// wants is what has to come of a case, in words.
func (k wsCase) wants() string {
	var parts []string
	for _, f := range k.want {
		if text := f.String(); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	switch {
	case k.fails != nil:
		return "the connection to be failed with close code " + codes(k.fails)
	case k.closes != nil:
		parts = append(parts, "an answer to the close frame, and the end")
	case len(parts) == 0:
		return "the connection to stay open and nothing to come"
	}
	return strings.Join(parts, " and ")
}

func codes(list []uint16) string {
	var words []string
	for _, code := range list {
		words = append(words, fmt.Sprint(code))
	}
	return strings.Join(words, " or ")
}

// play sends what a case says and judges what comes.
func (c *client) play(k wsCase) error {
	write := func() error {
		for _, b := range k.writes() {
			if c.write(b) != nil { // what comes says whether that is right
				break
			}
		}
		return nil
	}
	return c.whileWriting(write, func() error {
		defer c.reset() // ends the writer: the server may have stopped reading
		return c.judge(k)
	})
}

func (c *client) judge(k wsCase) error {
	var messages, pongs []frame
	for _, f := range k.want {
		if f.opcode == opPong {
			pongs = append(pongs, f)
		} else {
			messages = append(messages, f)
		}
	}
	for k.fails != nil || k.closes != nil || len(messages)+len(pongs) > 0 {
		f, err := c.next()
		if err != nil {
			return c.over(k, err, len(messages)+len(pongs))
		}
		if f.opcode == opPong {
			i := slices.IndexFunc(pongs, f.same)
			if i < 0 {
				return fmt.Errorf("%v came that nobody asked for", f)
			}
			pongs = pongs[i+1:]
			continue
		}
		if len(messages) == 0 {
			return fmt.Errorf("%v came back", f)
		}
		if want := messages[0]; !f.same(want) {
			if f.opcode == want.opcode && len(f.payload) == len(want.payload) {
				return differ(f.payload, want.payload)
			}
			return fmt.Errorf("%v came where %v was due", f, want)
		}
		messages = messages[1:]
	}
	// It is open: another message comes back, and nothing before it.
	last := streamAt(77, 33)
	if err := c.send(last); err != nil {
		return fmt.Errorf("sending another message: %w", err)
	}
	if err := c.expect(last); err != nil {
		return fmt.Errorf("for another message: %w", err)
	}
	return nil
}

// same reports whether two frames say the same.
func (f frame) same(other frame) bool {
	return f.opcode == other.opcode && bytes.Equal(f.payload, other.payload)
}

// over judges the end of a connection, which is a closedError or another error.
// missing is how many messages and pongs have not come.
func (c *client) over(k wsCase, err error, missing int) error {
	var closed closedError
	isClose := errors.As(err, &closed)
	code := uint16(0)
	if len(closed.frame.payload) >= 2 {
		code = binary.BigEndian.Uint16(closed.frame.payload)
	}
	switch {
	case k.fails != nil && isClose && (code == 0 || slices.Contains(k.fails, code)):
		return nil
	case k.fails != nil && ended(err):
		return nil
	case k.big && isClose && code == 1009:
		return refusedError{}
	case k.tidy && missing > 0 && (isClose || ended(err)):
		return fmt.Errorf("%d of the messages and pongs did not come before the end", missing)
	case k.closes != nil && isClose && (code == 0 || slices.Contains(k.closes, code)):
		if k.tidy {
			return c.afterClose()
		}
		return nil
	case k.closes != nil && ended(err) && !k.tidy:
		return nil
	}
	return err
}

// afterClose wants nothing but the end: the server closes first (7.1.1).
func (c *client) afterClose() error {
	f, err := c.frame()
	switch {
	case err == nil:
		return fmt.Errorf("%v came after the close frame", f)
	case !ended(err):
		return fmt.Errorf("after the close frame the connection stayed open: %w", err)
	}
	return nil
}

// Frames as a case has them.

func text(payload string) frame { return frame{fin: true, opcode: opText, payload: []byte(payload)} }
func binaryOf(b []byte) frame   { return frame{fin: true, opcode: opBinary, payload: b} }
func ping(payload string) frame { return frame{fin: true, opcode: opPing, payload: []byte(payload)} }
func pong(payload string) frame { return frame{fin: true, opcode: opPong, payload: []byte(payload)} }

// part is a fragment: the first has the message's opcode, the others that of a
// continuation.
func part(opcode byte, payload string, fin bool) frame {
	return frame{fin: fin, opcode: opcode, payload: []byte(payload)}
}

func closing(code uint16, reason string) frame {
	return frame{fin: true, opcode: opClose, payload: append(binary.BigEndian.AppendUint16(nil, code), reason...)}
}

// joined is frames in one write.
func joined(frames ...frame) writes {
	return func() [][]byte { return [][]byte{bytesOf(frames)} }
}

func bytesOf(frames []frame) (b []byte) {
	for _, f := range frames {
		b = f.append(b)
	}
	return b
}

// apart is a write for each frame.
func apart(frames ...frame) writes {
	return func() (list [][]byte) {
		for _, f := range frames {
			list = append(list, f.append(nil))
		}
		return list
	}
}

// chopped is writes of so many bytes each.
func chopped(size int, frames ...frame) writes {
	return func() [][]byte { return slices.Collect(slices.Chunk(bytesOf(frames), size)) }
}

// inFragments is a message in fragments of so many bytes, in writes of about 64
// KiB.
func inFragments(m frame, size int) writes {
	return func() (list [][]byte) {
		var b []byte
		for from, opcode := 0, m.opcode; from < len(m.payload); from, opcode = from+size, opContinuation {
			to := min(len(m.payload), from+size)
			b = frame{fin: to == len(m.payload), opcode: opcode, payload: m.payload[from:to]}.append(b)
			if len(b) >= 2*chunkSize {
				list, b = append(list, b), nil
			}
		}
		return append(list, b)
	}
}
