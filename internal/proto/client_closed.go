package proto

import (
	"encoding/binary"
	"fmt"
)

// closed is a close frame from a server (RFC 6455, 5.5.1).
type closed struct {
	code   int // -1 if it has none
	reason string
}

func newClosed(payload []byte) *closed {
	if len(payload) < 2 {
		return &closed{code: -1}
	}
	return &closed{int(binary.BigEndian.Uint16(payload)), shown(payload[2:], true)}
}

func (c *closed) Error() string {
	switch {
	case c.code < 0:
		return "a close frame"
	case c.reason == "":
		return fmt.Sprintf("close code %d", c.code)
	}
	return fmt.Sprintf("close code %d %s", c.code, c.reason)
}

// Is reports that every close frame is ErrClosed.
func (c *closed) Is(target error) bool { return target == ErrClosed }
