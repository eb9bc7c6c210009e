package push

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

// Notification is the message sent to subscribers.
type Notification struct {
	Due    time.Duration // when the broadcast was due, by Clock
	Number uint64        // of the broadcast
	Every  int           // the receiver gets every Every-th broadcast
	Clock  uint64        // the clock of Due (Clock)
}

// MinSize is the least size of a notification in bytes. The rest is a fixed
// pattern.
const MinSize = 32

// The offsets of the fields, little-endian.
const (
	dueAt    = 0
	numberAt = 8
	clockAt  = 16
	everyAt  = 24
	magicAt  = 28

	magic = 0x48535550 // "PUSH"
)

// Append appends the message, of size bytes.
func (n Notification) Append(out []byte, size int) []byte {
	out = binary.LittleEndian.AppendUint64(out, uint64(n.Due))
	out = binary.LittleEndian.AppendUint64(out, n.Number)
	out = binary.LittleEndian.AppendUint64(out, n.Clock)
	out = binary.LittleEndian.AppendUint32(out, uint32(n.Every))
	out = binary.LittleEndian.AppendUint32(out, magic)
	for at := MinSize; at < size; {
		part := fillerAt(at)
		part = part[:min(len(part), size-at)]
		out = append(out, part...)
		at += len(part)
	}
	return out
}

// filler is the pattern that follows the fields, repeated. Its length is a prime,
// so bytes shifted by a power of two do not match.
var filler = func() (b [4093]byte) {
	for i := range b {
		b[i] = byte(i * 31 >> 2)
	}
	return b
}()

// fillerAt returns a part of the pattern, starting at a byte offset of the
// message.
func fillerAt(i int) []byte { return filler[i%len(filler):] }

var errNone = errors.New("the message is not a notification")

// Parse parses the first MinSize bytes of a message.
func Parse(b []byte) (Notification, error) {
	if len(b) < MinSize || binary.LittleEndian.Uint32(b[magicAt:]) != magic {
		return Notification{}, errNone
	}
	n := Notification{
		Due:    time.Duration(binary.LittleEndian.Uint64(b[dueAt:])),
		Number: binary.LittleEndian.Uint64(b[numberAt:]),
		Every:  int(binary.LittleEndian.Uint32(b[everyAt:])),
		Clock:  binary.LittleEndian.Uint64(b[clockAt:]),
	}
	if n.Every < 1 || n.Every > MaxEvery {
		return Notification{}, errNone
	}
	return n, nil
}

// IsFiller reports whether b matches the pattern from byte offset on, which is at
// least MinSize.
func IsFiller(b []byte, offset int) bool {
	for len(b) > 0 {
		part := fillerAt(offset)
		n := min(len(part), len(b))
		if !bytes.Equal(b[:n], part[:n]) {
			return false
		}
		b, offset = b[n:], offset+n
	}
	return true
}
