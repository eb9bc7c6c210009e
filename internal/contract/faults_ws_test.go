//go:build linux

package contract

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// wsServer is a server of WebSockets with a fault.
type wsServer struct{ fault string }

// mostOfMessage is what it takes, and mostOfHeader of a request to upgrade.
const (
	mostOfMessage = 17 << 20
	mostOfHeader  = 8 << 10
)

func (s *wsServer) handle(c *net.TCPConn, _ int) {
	in := bufio.NewReader(c)
	if !s.upgrade(c, in) {
		c.CloseWrite()
		c.SetReadDeadline(time.Now().Add(time.Second))
		io.Copy(io.Discard, in)
		c.Close()
		return
	}
	serve := func() {
		err := s.frames(c, &client{TCPConn: c, in: in, ctx: context.Background(), patience: time.Hour})
		if s.fault == "stays-closed" && errors.Is(err, errAnswered) {
			kept.Store(c, true)
			return
		}
		c.CloseWrite() // an immediate close could take the close frame with it
		c.SetReadDeadline(time.Now().Add(time.Second))
		io.Copy(io.Discard, in)
		c.Close()
	}
	if s.fault == "upgrades-in-turn" {
		go serve()
		return
	}
	serve()
}

// upgrade answers a request.
func (s *wsServer) upgrade(c *net.TCPConn, in *bufio.Reader) bool {
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		line, err := in.ReadSlice('\n')
		head.Write(line)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
		if head.Len() > mostOfHeader {
			if s.fault != "endless-header" {
				io.WriteString(c, "HTTP/1.1 431 Too Large\r\n\r\n")
				return false
			}
			head.Reset()
		}
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head.String())))
	if s.fault == "grants-all" && err != nil {
		r, err = &http.Request{Header: http.Header{}}, nil
	}
	if err != nil {
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		return false
	}
	h := r.Header
	if s.fault != "grants-all" && (r.Method != "GET" || h.Get("Sec-WebSocket-Key") == "" || h.Get("Sec-WebSocket-Version") != "13" ||
		!strings.EqualFold(h.Get("Upgrade"), "websocket") || !strings.Contains(strings.ToLower(h.Get("Connection")), "upgrade")) {
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		return false
	}
	key := acceptOf(h.Get("Sec-WebSocket-Key"))
	if s.fault == "wrong-accept" {
		key = acceptOf("another")
	}
	_, err = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+key+"\r\n\r\n")
	return err == nil
}

var errAnswered = errors.New("the close frame is answered")

// send sends a frame.
func (s *wsServer) send(c *net.TCPConn, opcode byte, payload []byte) error {
	_, err := c.Write(frame{fin: true, opcode: opcode, payload: payload, plain: s.fault != "masks"}.append(nil))
	return err
}

// fail sends a close frame with a code.
func (s *wsServer) fail(c *net.TCPConn, code uint16) error {
	s.send(c, opClose, binary.BigEndian.AppendUint16(nil, code))
	return errors.New("failed")
}

// frames answers frames until the end.
func (s *wsServer) frames(c *net.TCPConn, from *client) error {
	var (
		message []byte
		opcode  byte // of the message that has begun; 0: none
		count   int  // of messages before it
	)
	for {
		f, err := from.frame()
		if err != nil {
			return err
		}
		if f.opcode == 3 || f.opcode > 3 && f.opcode < 8 || f.opcode > opPong {
			if s.fault != "takes-opcodes" {
				return s.fail(c, 1002)
			}
			f.opcode = opText
		}
		control := f.opcode >= opClose
		switch {
		case f.rsv != 0 && s.fault != "takes-bits",
			!f.masked && s.fault != "takes-unmasked",
			control && (!f.fin || len(f.payload) > 125 && s.fault != "takes-long-control"),
			control && opcode != 0 && s.fault == "no-pings-between",
			!control && (f.opcode == opContinuation) != (opcode != 0) && s.fault != "parts-are-messages":
			return s.fail(c, 1002)
		}
		switch f.opcode {
		case opPing:
			if s.fault == "empty-pongs" {
				f.payload = nil
			}
			err = s.send(c, opPong, f.payload)
		case opPong:
		case opClose:
			return s.close(c, from, f)
		default:
			if opcode == 0 {
				opcode, message = f.opcode, nil
			}
			message = append(message, f.payload...)
			switch {
			case len(message) > mostOfMessage:
				return s.fail(c, 1009)
			case len(message) > 1<<20 && s.fault == "loses-large", f.fin && len(message) == 1<<20 && s.fault == "loses-mebibyte":
				return errors.New("lost")
			case s.fault == "parts-are-messages":
				if f.opcode != opBinary && !s.text(f.payload) {
					return s.fail(c, 1007)
				}
				err = s.send(c, max(f.opcode, opText), f.payload)
				opcode = 0
			case f.fin:
				if opcode == opText && !s.text(message) {
					return s.fail(c, 1007)
				}
				err = s.reply(c, opcode, message, count)
				opcode = 0
				count++
			}
		}
		if err != nil {
			return err
		}
	}
}

// reply sends a message back. count is how many came before it.
func (s *wsServer) reply(c *net.TCPConn, opcode byte, message []byte, count int) error {
	switch {
	case s.fault == "cuts-126" && len(message) == 126:
		message = message[:125]
	case s.fault == "repeats-500th" && count%500 == 499:
		if err := s.send(c, opcode, message); err != nil {
			return err
		}
	}
	return s.send(c, opcode, message)
}

// text reports whether it takes bytes for a text.
func (s *wsServer) text(b []byte) bool {
	if s.fault == "refuses-rare-text" && strings.ContainsRune(string(b), 0xfffe) {
		return false
	}
	return utf8.Valid(b) || s.fault == "takes-bad-text"
}

// close answers a close frame.
func (s *wsServer) close(c *net.TCPConn, from *client, f frame) error {
	if len(f.payload) == 1 {
		return s.fail(c, 1002)
	}
	if len(f.payload) > 1 {
		switch code := binary.BigEndian.Uint16(f.payload); {
		case code < 1000, code >= 1004 && code <= 1006, code >= 1012 && code < 3000, code > 4999:
			if s.fault != "takes-bad-codes" {
				return s.fail(c, 1002)
			}
		case code > 1003 && s.fault == "refuses-rare-codes":
			return s.fail(c, 1002)
		}
		if !utf8.Valid(f.payload[2:]) && s.fault != "takes-bad-reason" {
			return s.fail(c, 1007)
		}
		f.payload = f.payload[:2]
	}
	if s.fault == "no-farewell" {
		return errAnswered
	}
	s.send(c, opClose, f.payload)
	if s.fault == "talks-on" {
		s.send(c, opText, []byte("one more thing"))
	}
	return errAnswered
}
