//go:build linux

package contract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// The opcodes of RFC 6455, 5.2.
const (
	opContinuation byte = 0x0
	opText         byte = 0x1
	opBinary       byte = 0x2
	opClose        byte = 0x8
	opPing         byte = 0x9
	opPong         byte = 0xa
)

// frame is a frame of RFC 6455, 5.2.
type frame struct {
	fin     bool
	rsv     byte // the three reserved bits, as a number
	opcode  byte
	payload []byte

	plain  bool // it has no mask, which only a server's may not have
	long   bool // its length takes 8 bytes, however short
	masked bool // it came with a mask, which a server must not use (5.1)
}

// append appends a frame as a client sends it, with a mask of its own.
func (f frame) append(b []byte) []byte {
	first := f.rsv<<4 | f.opcode
	if f.fin {
		first |= 0x80
	}
	mask := byte(0x80)
	if f.plain {
		mask = 0
	}
	b = append(b, first)
	switch n := len(f.payload); {
	case n >= 1<<16 || f.long:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	case n >= 126:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = append(b, mask|byte(n))
	}
	if f.plain {
		return append(b, f.payload...)
	}
	key := rand.Uint32()
	b = binary.BigEndian.AppendUint32(b, key)
	at := len(b)
	b = append(b, f.payload...)
	cipher(b[at:], [4]byte(b[at-4:at]))
	return b
}

// cipher masks or unmasks in place (RFC 6455, 5.3).
func cipher(b []byte, key [4]byte) {
	for i := range b {
		b[i] ^= key[i%4]
	}
}

// String is a frame in a few words.
func (f frame) String() string {
	name, ok := map[byte]string{
		opContinuation: "a continuation", opText: "a text", opBinary: "a binary message", opClose: "a close frame", opPing: "a ping", opPong: "a pong",
	}[f.opcode]
	if !ok {
		name = fmt.Sprintf("a frame of opcode %d", f.opcode)
	}
	if f.opcode == opClose && len(f.payload) >= 2 {
		return fmt.Sprintf("%s with code %d", name, binary.BigEndian.Uint16(f.payload))
	}
	return fmt.Sprintf("%s of %s", name, bytesIn(len(f.payload)))
}

// mostOfFrame bounds what a server's frame may claim: nothing that is sent to
// it is longer.
const mostOfFrame = 17 << 20

// frame reads a frame. One that is masked is noted, and unmasked.
func (c *client) frame() (frame, error) {
	var head [8]byte
	if err := c.full(head[:2]); err != nil {
		return frame{}, err
	}
	f := frame{fin: head[0]&0x80 != 0, rsv: head[0] >> 4 & 7, opcode: head[0] & 0xf, masked: head[1]&0x80 != 0}
	size := uint64(head[1] & 0x7f)
	switch size {
	case 126:
		if err := c.full(head[:2]); err != nil {
			return frame{}, err
		}
		size = uint64(binary.BigEndian.Uint16(head[:]))
	case 127:
		if err := c.full(head[:8]); err != nil {
			return frame{}, err
		}
		size = binary.BigEndian.Uint64(head[:])
	}
	if size > mostOfFrame {
		return frame{}, fmt.Errorf("a frame of opcode %d came that claims %d bytes", f.opcode, size)
	}
	var key [4]byte
	if f.masked {
		if err := c.full(key[:]); err != nil {
			return frame{}, err
		}
	}
	var payload bytes.Buffer
	for left := int(size); left > 0; { // memory grows with what comes, not with what is claimed
		n := min(left, chunkSize)
		at := payload.Len()
		payload.Write(make([]byte, n))
		if err := c.full(payload.Bytes()[at:]); err != nil {
			return frame{}, err
		}
		left -= n
	}
	f.payload = payload.Bytes()
	if f.masked {
		cipher(f.payload, key)
	}
	return f, nil
}
