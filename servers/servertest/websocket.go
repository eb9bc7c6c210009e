//go:build linux

package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"

	"github.com/coder/websocket"
)

// WebSocket holds a mode to the contract where the protocol is ws: what Run
// asks is asked again where the protocol makes a difference.
func WebSocket(t *testing.T, cfg servers.Config) {
	cfg.Protocol = proto.WebSocket
	runClauses(t, cfg)
	runItems(t, cfg, []item{
		{"rules", testRules},
		{"handshake", testHandshake},
		{"slow-header", testSlowHeader},
		{"going-away", testGoingAway},
		{"counters-frames", testCountersFrames},
	})
}

// wsRules are ways to break RFC 6455, and to keep it by a hair, with the close
// code each must get.
var wsRules = []struct {
	name string
	in   []byte
	code uint16
	kept bool // it is no violation
}{
	{"close 1000", wsFrame(fin|closeFrame, 0x03, 0xe8), 1000, true},
	{"close of an application", wsFrame(fin|closeFrame, 0x10, 0xe1, 'b', 'y', 'e'), 4321, true},
	{"close without a code", wsFrame(fin | closeFrame), 0, true},
	{"close between fragments", append(wsFrame(textFrame, 'a'), wsFrame(fin|closeFrame, 0x03, 0xe9)...), 1001, true},
	{"reserved bit", wsFrame(fin | 0x40 | textFrame), 1002, false},
	{"reserved opcode", wsFrame(fin | 0x3), 1002, false},
	{"no mask", []byte{fin | textFrame, 1, 'a'}, 1002, false},
	{"a long control frame", wsFrame(fin|pingFrame, make([]byte, 126)...), 1002, false},
	{"a fragmented control frame", wsFrame(pingFrame), 1002, false},
	{"continuation of nothing", wsFrame(fin | continuation), 1002, false},
	{"a message within a message", append(wsFrame(textFrame, 'a'), wsFrame(fin|textFrame, 'b')...), 1002, false},
	{"a close of one byte", wsFrame(fin|closeFrame, 3), 1002, false},
	{"close 1005", wsFrame(fin|closeFrame, 0x03, 0xed), 1002, false},
	{"text that is not UTF-8", wsFrame(fin|textFrame, 'a', 0xff), 1007, false},
	{"a character cut by the end", append(wsFrame(textFrame, 0xe2), wsFrame(fin|continuation, 0x82)...), 1007, false},
	{"a frame of 2^63 bytes", []byte{fin | binaryFrame, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1002, false}, // no length begins with 1 (5.2)
	{"a frame of 2^63-1 bytes", []byte{fin | binaryFrame, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 1009, false},
	{"a message of 2 MiB", wsFrame(fin|binaryFrame, make([]byte, 2<<20)...), 1009, false},
}

// testRules: each violation gets its close code and is counted, and others are
// served as before.
func testRules(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	clients := dialWS(t, p.addr, len(wsRules)+1)
	other := clients[len(wsRules)]
	violations := 0
	for _, rule := range wsRules {
		if !rule.kept {
			violations++
		}
	}
	err := eachWS(clients[:len(wsRules)], func(c *wsClient) error {
		rule := wsRules[c.id]
		sent := make(chan error, 1)
		go func() { sent <- c.send(rule.in) }() // the answer may come before all is sent
		err := c.wantClosed(rule.code)
		c.Close()
		<-sent
		if err != nil {
			return fmt.Errorf("%s: %w; want close code %d", rule.name, err, rule.code)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.trips(10); err != nil {
		t.Fatalf("beside those who broke the rules: %v", err)
	}
	p.wantErrors(violations, 1)
}

// testHandshake: a request comes in any parts, with frames behind it, and one
// that is none is refused and counted.
func testHandshake(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	hello := wsFrame(fin|textFrame, []byte("hello")...)

	parts := dialRaw(t, p.addr)
	for _, part := range strings.SplitAfter(upgradeRequest, "e") {
		if err := parts.send([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.granted(); err != nil {
		t.Fatalf("a request in parts: %v", err)
	}
	atOnce := dialRaw(t, p.addr)
	if err := atOnce.send(append([]byte(upgradeRequest), hello...)); err != nil {
		t.Fatal(err)
	}
	if err := atOnce.granted(); err != nil {
		t.Fatal(err)
	}
	if err := atOnce.want(fin|textFrame, []byte("hello")); err != nil {
		t.Fatalf("a frame right behind the request: %v", err)
	}

	refused := []struct{ name, request, status string }{
		{"a key is missing", strings.Replace(upgradeRequest, "Sec-WebSocket-Key", "X", 1), "400"},
		{"another version", strings.Replace(upgradeRequest, "13", "8", 1), "426"},
		{"no HTTP at all", "hello\r\n\r\n", "400"},
		{"a header of 1 MiB", strings.TrimSuffix(upgradeRequest, "\r\n") + "Cookie: " + strings.Repeat("c", 1<<20) + "\r\n\r\n", "431"},
	}
	for _, tt := range refused {
		c := dialRaw(t, p.addr)
		sent := make(chan error, 1)
		go func() { sent <- c.send([]byte(tt.request)) }()
		answer, err := c.answer()
		c.Close()
		<-sent
		if err != nil || !strings.HasPrefix(answer, "HTTP/1.1 "+tt.status) {
			t.Errorf("%s: the answer is %q, %v; want %s", tt.name, answer, err, tt.status)
		}
	}
	if err := atOnce.trips(2); err != nil {
		t.Fatalf("beside requests that are none: %v", err)
	}
	p.wantErrors(len(refused), 2)
}

// testSlowHeader: a request that comes a byte at a time is given up, and so is
// a client that broke the rules and does not go; nobody else is.
func testSlowHeader(t *testing.T, cfg servers.Config) {
	cfg.HandshakeTimeout = time.Second
	p := start(t, cfg)
	upgraded := dialWS(t, p.addr, 2)
	other, broken := upgraded[0], upgraded[1]
	if err := broken.send([]byte{fin | textFrame, 1, 'a'}); err != nil { // no mask
		t.Fatal(err)
	}
	slow, silent := dialRaw(t, p.addr), dialRaw(t, p.addr)
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := range upgradeRequest {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			if slow.send([]byte(upgradeRequest[i:i+1])) != nil {
				return
			}
		}
	}()
	for _, c := range []*wsClient{slow, silent} {
		if err := c.end(cfg.HandshakeTimeout + promptly); err != nil {
			t.Errorf("a request that does not come within %v: %v", cfg.HandshakeTimeout, err)
		}
	}
	close(stop)
	<-ended
	if err := other.trips(2); err != nil {
		t.Fatalf("beside a slow request, after %v: %v", cfg.HandshakeTimeout, err)
	}
	p.wantErrors(3, 1)
}

// wantErrors waits until the server has counted errors and has open
// connections.
func (p *process) wantErrors(errors, open int) {
	p.t.Helper()
	err := eventually(promptly, func() error {
		totals, err := p.counters()
		if err == nil && (totals.Errors != int64(errors) || totals.Open != int64(open)) {
			err = fmt.Errorf("%d errors, %d open; want each of %d violations counted, and %d connections left", totals.Errors, totals.Open, errors, open)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// testGoingAway: a server that stops closes each WebSocket with 1001, be it
// quiet, within a message or notified all the time, and says nothing to a
// connection that is not upgraded. That is nobody's error.
func testGoingAway(t *testing.T, cfg servers.Config) {
	for _, rate := range []float64{0, 500} {
		cfg.Push = push.Config{Rate: rate}
		p := start(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), 6*patience)
		defer cancel()
		var others []*websocket.Conn
		for range 20 {
			c, _, err := websocket.Dial(ctx, "ws://"+p.addr.String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			others = append(others, c)
		}
		within, raw := dialWS(t, p.addr, 1)[0], dialRaw(t, p.addr)
		if err := within.send(append(wsFrame(fin|pingFrame), wsFrame(fin|textFrame, make([]byte, 1000)...)[:500]...)); err != nil {
			t.Fatal(err)
		}
		if err := within.wantBehindMessages(fin | pongFrame); err != nil {
			t.Fatal(err)
		}
		if err := raw.send([]byte(upgradeRequest[:50])); err != nil {
			t.Fatal(err)
		}
		untilCounted(t, p, func(c servers.Totals) bool { return c.Accepted == int64(len(others)+2) })
		p.stop()
		for i, c := range others {
			var err error
			for err == nil { // notifications
				_, _, err = c.Read(ctx)
			}
			if websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Fatalf("%v pushed a second, connection %d: the server stopped, and reading says %v; want close code 1001", rate, i, err)
			}
		}
		if err := within.wantBehindMessages(fin|closeFrame, 0x03, 0xe9); err != nil {
			t.Errorf("%v pushed a second, within a message: %v; want close code 1001", rate, err)
		}
		if err := raw.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(raw.in); len(b) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v pushed a second, not upgraded: %q and %v came; want the end and nothing else", rate, b, err)
		}
		totals, err := p.counters()
		if err != nil || totals.Errors > 0 {
			t.Errorf("%v pushed a second: %d errors were counted, %v; want none", rate, totals.Errors, err)
		}
	}
}

// testCountersFrames: the totals are what the clients did, the requests'
// bytes and the frames' heads included; a close in good order is no error.
func testCountersFrames(t *testing.T, cfg servers.Config) {
	const connections, messages, leave = 40, 10, 15
	p := start(t, cfg)
	clients := dialWS(t, p.addr, connections)
	if err := eachWS(clients, func(c *wsClient) error { return c.trips(messages) }); err != nil {
		t.Fatal(err)
	}
	frame := int64(len(wsFrame(fin|binaryFrame, make([]byte, messageSize)...)))
	want := servers.Totals{
		Accepted: connections,
		Open:     connections,
		Messages: connections * messages,
		Bytes:    connections * (int64(len(upgradeRequest)) + messages*frame),
	}
	p.wantCounters("each message answered", want)

	for i, c := range clients[:leave] {
		switch i % 3 {
		case 0:
			c.reset()
		case 1:
			c.Close()
		default:
			b := wsFrame(fin|closeFrame, 0x03, 0xe8)
			want.Bytes += int64(len(b))
			if err := c.send(b); err != nil {
				t.Fatal(err)
			}
			if err := c.wantClosed(1000); err != nil {
				t.Fatal(err)
			}
		}
	}
	want.Open -= leave
	p.wantCounters("some clients left", want)
}
