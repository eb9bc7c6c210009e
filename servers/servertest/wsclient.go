//go:build linux

package servertest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// upgradeRequest is a request to upgrade, with the key of RFC 6455, 1.3.
const upgradeRequest = "GET / HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

const upgradeAccept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

// The opcodes of RFC 6455, 5.2.
const (
	continuation = 0x0
	textFrame    = 0x1
	binaryFrame  = 0x2
	closeFrame   = 0x8
	pingFrame    = 0x9
	pongFrame    = 0xa
	fin          = 0x80
)

// wsFrame is a frame as a client sends it. Its mask is zero, which leaves the
// payload as it is: that masks are applied, an independent client shows.
func wsFrame(first byte, payload ...byte) []byte {
	b := []byte{first, 0x80}
	switch n := len(payload); {
	case n < 126:
		b[1] |= byte(n)
	case n < 1<<16:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// wsClient is a connection that can send what no library would.
type wsClient struct {
	*client
	in *bufio.Reader
}

// dialWS connects n clients and upgrades them.
func dialWS(t *testing.T, addr netip.AddrPort, n int) []*wsClient {
	t.Helper()
	var list []*wsClient
	for _, c := range dialMany(t, addr, n) {
		list = append(list, &wsClient{c, bufio.NewReader(c)})
	}
	if err := eachWS(list, func(c *wsClient) error { return c.upgrade(upgradeRequest) }); err != nil {
		t.Fatal(err)
	}
	return list
}

// dialRaw connects a client and sends nothing.
func dialRaw(t *testing.T, addr netip.AddrPort) *wsClient {
	t.Helper()
	c := dial(t, addr)
	return &wsClient{c, bufio.NewReader(c)}
}

// eachWS is each for WebSocket clients.
func eachWS(clients []*wsClient, do func(*wsClient) error) error {
	plain := make([]*client, len(clients))
	of := make(map[*client]*wsClient)
	for i, c := range clients {
		plain[i], of[c.client] = c.client, c
	}
	return each(plain, func(c *client) error { return do(of[c]) })
}

// upgrade sends a request and wants it granted.
func (c *wsClient) upgrade(request string) error {
	if err := c.send([]byte(request)); err != nil {
		return err
	}
	return c.granted()
}

func (c *wsClient) granted() error {
	answer, err := c.answer()
	if err == nil && (!strings.HasPrefix(answer, "HTTP/1.1 101 ") || !strings.Contains(answer, upgradeAccept)) {
		err = fmt.Errorf("the upgrade was answered with %q; want 101 and %s", answer, upgradeAccept)
	}
	return err
}

// answer reads up to a blank line.
func (c *wsClient) answer() (string, error) {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	var answer strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		answer.WriteString(line)
		if err != nil {
			return answer.String(), fmt.Errorf("after the answer %q: %w", answer.String(), err)
		}
		if line == "\r\n" {
			return answer.String(), nil
		}
	}
}

// next reads a frame. It must be one a server may send.
func (c *wsClient) next() (first byte, payload []byte, err error) {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	head := make([]byte, 10)
	if _, err := io.ReadFull(c.in, head[:2]); err != nil {
		return 0, nil, err
	}
	size, more := uint64(head[1]), 0
	switch head[1] {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if _, err := io.ReadFull(c.in, head[2:2+more]); err != nil {
		return 0, nil, err
	}
	switch more {
	case 2:
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 8:
		size = binary.BigEndian.Uint64(head[2:])
	}
	if head[1] >= 0x80 || size > 2<<20 {
		return 0, nil, fmt.Errorf("a frame begins with %x; want no mask, and at most 2 MiB", head)
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(c.in, payload)
	return head[0], payload, err
}

// want reads a frame and compares it.
func (c *wsClient) want(first byte, payload []byte) error {
	gotFirst, got, err := c.next()
	if err != nil {
		return err
	}
	if gotFirst != first || !bytes.Equal(got, payload) {
		return fmt.Errorf("a frame %#02x of %d bytes (%.20x…) came; want %#02x of %d (%.20x…)", gotFirst, len(got), got, first, len(payload), payload)
	}
	return nil
}

// wantBehindMessages wants a frame that is no message, whatever messages come
// before it.
func (c *wsClient) wantBehindMessages(first byte, payload ...byte) error {
	for {
		got, b, err := c.next()
		if err != nil {
			return err
		}
		if got == fin|binaryFrame {
			continue
		}
		if got != first || !bytes.Equal(b, payload) {
			return fmt.Errorf("a frame %#02x of %x came; want %#02x of %x", got, b, first, payload)
		}
		return nil
	}
}

// trip exchanges one message.
func (c *wsClient) trip() error {
	b := c.message()
	if err := c.send(wsFrame(fin|binaryFrame, b...)); err != nil {
		return err
	}
	return c.want(fin|binaryFrame, b)
}

// trips exchanges n messages, one after the other.
func (c *wsClient) trips(n int) error {
	for i := range n {
		if err := c.trip(); err != nil {
			return fmt.Errorf("message %d of %d: %w", i+1, n, err)
		}
	}
	return nil
}

// wantClosed wants a close frame with a code, 0 for none, and then the end.
func (c *wsClient) wantClosed(code uint16) error {
	var payload []byte
	if code > 0 {
		payload = binary.BigEndian.AppendUint16(nil, code)
	}
	if err := c.want(fin|closeFrame, payload); err != nil {
		return err
	}
	if n, err := c.in.Read(make([]byte, 1)); err != io.EOF {
		return fmt.Errorf("after the close frame came %d bytes and %v; want EOF", n, err)
	}
	return nil
}
