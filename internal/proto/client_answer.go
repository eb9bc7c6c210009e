package proto

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"

	"github.com/gobwas/httphead"
)

// Key proves that an answer belongs to a request; each connection must have a
// different one (RFC 6455, 4.1).
type Key [16]byte

var (
	errNoHTTP      = errors.New("the answer is not HTTP/1.1")
	errNoUpgrade   = errors.New("the answer lacks Upgrade: websocket")
	errNotSwitched = errors.New("the answer lacks Connection: Upgrade")
	errWrongAccept = errors.New("the answer's Sec-WebSocket-Accept does not match the key")
	errNotChosen   = errors.New("the answer selects none of the requested subprotocols")
	errUnaskedFor  = errors.New("the answer has an extension or a subprotocol that was not requested")
)

// encode returns the key in the form of the header.
func (k Key) encode() (text [24]byte) {
	base64.StdEncoding.Encode(text[:], k[:])
	return text
}

// accept returns the server's proof that it received the key (RFC 6455, 4.2.2).
func (k Key) accept() (text [28]byte) {
	const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	key := k.encode()
	var both [len(key) + len(magic)]byte
	copy(both[copy(both[:], key[:]):], magic)
	sum := sha1.Sum(both[:])
	base64.StdEncoding.Encode(text[:], sum[:])
	return text
}

// Answer checks the answer to a request with key k, of which b has arrived. It
// returns the length of the answer, after which frames may follow, or 0 if it is
// incomplete. The error is a *Refusal, or says why b is not a valid answer.
func (r Request) Answer(b []byte, k Key) (int, error) {
	end := headerEnd(b, 0)
	switch {
	case end > MaxHeader, end < 0 && len(b) >= MaxHeader:
		return 0, errHeaderTooLarge
	case end < 0:
		return 0, nil
	}
	return end, r.judge(b[:end], b[end:], k)
}

// judge checks a complete answer. It requires one of the requested subprotocols, as
// browsers do; RFC 6455 leaves that to the client.
func (r Request) judge(b, body []byte, k Key) error {
	first, b := line(b)
	status, ok := httphead.ParseResponseLine(first)
	switch {
	case ok && status.Status != 101:
		return refusal(first, b, body)
	case !ok || status.Version.Major != 1 || status.Version.Minor < 1:
		return errNoHTTP
	}
	accept := k.accept()
	var upgrade, connection, accepted, chosen bool
	for len(b) > 0 {
		var one []byte
		if one, b = line(b); len(one) == 0 {
			break
		}
		name, value, ok := httphead.ParseHeaderLine(one)
		switch {
		case !ok:
			return errNoHTTP
		case is(name, "Upgrade"):
			upgrade = is(value, "websocket")
		case is(name, "Connection"):
			connection = connection || names(value, "Upgrade")
		case is(name, "Sec-WebSocket-Accept"):
			if accepted = bytes.Equal(value, accept[:]); !accepted {
				return errWrongAccept
			}
		case is(name, "Sec-WebSocket-Protocol"):
			if chosen || !r.offers(value) {
				return errUnaskedFor
			}
			chosen = true
		case is(name, "Sec-WebSocket-Extensions"):
			return errUnaskedFor
		}
	}
	switch {
	case !upgrade:
		return errNoUpgrade
	case !connection:
		return errNotSwitched
	case !accepted:
		return errWrongAccept
	case !chosen && len(r.Protocols) > 0:
		return errNotChosen
	}
	return nil
}

// offers reports whether r requests a subprotocol.
func (r Request) offers(name []byte) bool {
	for _, p := range r.Protocols {
		if string(name) == p {
			return true
		}
	}
	return false
}

// line cuts the first line from a header.
func line(b []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(first, []byte("\r")), rest
}

// is reports whether b equals s, ignoring case.
func is(b []byte, s string) bool { return len(b) == len(s) && bytes.EqualFold(b, []byte(s)) }

// names reports whether a list of tokens contains token.
func names(list []byte, token string) bool {
	found := false
	ok := httphead.ScanTokens(list, func(t []byte) bool {
		found = is(t, token)
		return !found
	})
	return ok && found
}
