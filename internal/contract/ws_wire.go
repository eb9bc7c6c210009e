//go:build linux

package contract

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
)

// wsWire is messages of RFC 6455, as binary frames.
type wsWire struct{}

func (wsWire) open(c *client) error {
	if err := c.write([]byte(request(c.host(), newKey()))); err != nil {
		return fmt.Errorf("writing the request to upgrade: %w", err)
	}
	_, err := c.upgraded()
	return err
}

func (wsWire) encode(message []byte) []byte {
	return frame{fin: true, opcode: opBinary, payload: message}.append(nil)
}

func (wsWire) expect(c *client, want []byte) error {
	m, err := c.next()
	switch {
	case err != nil:
		return err
	case m.opcode == opPong:
		return errors.New("a pong came that nobody asked for")
	case m.opcode != opBinary || len(m.payload) != len(want):
		return fmt.Errorf("%v came back for a binary message of %d bytes", m, len(want))
	}
	return differ(m.payload, want)
}

// next reads a message, whole, or a pong, which may come between a message's
// fragments. It answers pings.
func (c *client) next() (frame, error) {
	for {
		f, err := c.frame()
		if err != nil {
			return frame{}, err
		}
		switch {
		case f.opcode == opPing:
			if err := c.write(frame{fin: true, opcode: opPong, payload: f.payload}.append(nil)); err != nil {
				return frame{}, err
			}
			continue
		case f.opcode == opPong:
			return f, nil
		case f.opcode == opClose:
			return frame{}, closedError{f}
		case f.opcode == opContinuation && c.begun != nil:
			c.begun.payload = append(c.begun.payload, f.payload...)
			if len(c.begun.payload) > mostOfFrame {
				return frame{}, fmt.Errorf("a message of more than %d bytes came", mostOfFrame)
			}
		case f.opcode != opContinuation && c.begun == nil:
			c.begun = &f
		default:
			return frame{}, fmt.Errorf("%v came out of turn", f)
		}
		if f.fin {
			message := *c.begun
			c.begun = nil
			return message, nil
		}
	}
}

// closedError is a close frame where a message was expected.
type closedError struct{ frame frame }

func (e closedError) Error() string { return fmt.Sprintf("%v came", e.frame) }

// host is what requests say they are for.
func (c *client) host() string { return c.RemoteAddr().String() }

// newKey is a key of RFC 6455, 4.1: 16 random bytes.
func newKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.StdEncoding.EncodeToString(b[:])
}

// acceptOf is what answers a key (RFC 6455, 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// request is a request to upgrade.
func request(host, key string) string {
	return strings.Join([]string{
		"GET / HTTP/1.1",
		"Host: " + host,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: " + key,
		"Sec-WebSocket-Version: 13",
	}, "\r\n") + "\r\n\r\n"
}

// halfUpgrade makes a client that has sent half a request to upgrade. rest is the
// other half.
func (s *scene) halfUpgrade() (c *client, rest []byte, err error) {
	if c, err = s.accepted(); err != nil {
		return nil, nil, err
	}
	text := []byte(request(c.host(), newKey()))
	half := len(text) / 2
	if err := c.write(text[:half]); err != nil {
		return nil, nil, found("a client sent half a request to upgrade", "it to be taken", err)
	}
	return c, text[half:], nil
}

// upgraded reads an answer and wants it to grant the upgrade.
func (c *client) upgraded() (*http.Response, error) {
	answer, err := c.answer()
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the request to upgrade was answered with %s", answer.Status)
	}
	return answer, nil
}

// answer reads the head of an HTTP response.
func (c *client) answer() (*http.Response, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, ending{"the connection ended without an answer", io.EOF}
	case errors.Is(err, syscall.ECONNRESET):
		return nil, ending{"the connection was reset without an answer", syscall.ECONNRESET}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, ending{fmt.Sprintf("no answer came in %v", c.patience), os.ErrDeadlineExceeded}
	case err != nil:
		return nil, fmt.Errorf("%w: %v", errNoHTTP, err)
	}
	return answer, nil
}

var errNoHTTP = errors.New("the answer is not HTTP")
