//go:build linux

package servertest

import (
	"bytes"
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
	"c1m/internal/usage"
	"c1m/servers"

	"github.com/coder/websocket"
)

// WebSocket holds a mode to the contract where the protocol is ws: what Run
// asks is asked again where the protocol makes a difference.
func WebSocket(t *testing.T, cfg servers.Config) {
	cfg.Protocol = proto.WebSocket
	runItems(t, cfg, []item{
		{"messages", testMessages},
		{"rules", testRules},
		{"handshake", testHandshake},
		{"slow-header", testSlowHeader},
		{"never-reads-frames", testNeverReadsFrames},
		{"shutdown-frames", testShutdownFrames},
		{"going-away", testGoingAway},
		{"counters-frames", testCountersFrames},
	})
}

// testMessages: an independent client's messages come back, of any size, whole
// and in fragments; its pings are answered, its closes too.
func testMessages(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 6*patience)
	defer cancel()
	s := newStream()
	for len(s.bytes) < 1<<20 {
		s.bytes = append(s.bytes, s.bytes...)
	}
	letters := strings.Repeat("aé€😀", 1<<20/10+1)

	c, _, err := websocket.Dial(ctx, "ws://"+p.addr.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(2 << 20)
	wantBack := func(kind websocket.MessageType, sent []byte) {
		t.Helper()
		gotKind, got, err := c.Read(ctx)
		if err != nil || gotKind != kind || !bytes.Equal(got, sent) {
			t.Fatalf("%v of %d bytes came back as %v of %d bytes, %v; want it as sent", kind, len(sent), gotKind, len(got), err)
		}
	}
	for _, size := range []int{0, 1, 125, 126, 1<<16 - 1, 1 << 16, 1 << 20} {
		for kind, message := range map[websocket.MessageType][]byte{
			websocket.MessageBinary: s.bytes[:size],
			websocket.MessageText:   []byte(strings.ToValidUTF8(letters[:size], "")),
		} {
			if err := c.Write(ctx, kind, message); err != nil {
				t.Fatal(err)
			}
			wantBack(kind, message)
		}
	}
	// Each Write of a message is a fragment.
	w, err := c.Writer(ctx, websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{letters[:2], letters[2:7], "", letters[7:100_000]} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantBack(websocket.MessageText, []byte(letters[:100_000]))

	c.CloseRead(ctx) // reads pongs and the close
	if err := c.Ping(ctx); err != nil {
		t.Fatalf("ping: %v; want a pong", err)
	}
	if err := c.Close(4001, "enough"); err != nil {
		t.Fatalf("close: %v; want it answered", err)
	}
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

// testNeverReadsFrames: a client that sends messages and never reads costs
// bounded memory and the others nothing; when it reads, all is there.
func testNeverReadsFrames(t *testing.T, cfg servers.Config) {
	const (
		size  = 100_000 // cut by reads and by frames
		limit = 64 << 20
		quiet = 300 * time.Millisecond
		bound = 32 << 20 // as for bytes that are no frames
	)
	p := start(t, cfg)
	others := dialWS(t, p.addr, 5)
	deaf := dialWS(t, p.addr, 1)[0]
	if err := deaf.SetReadBuffer(chunkSize); err != nil {
		t.Fatal(err)
	}
	p.mustRest()
	before, err := usage.User(p.tree()...)
	if err != nil {
		t.Fatal(err)
	}
	s := newStream()
	payload := func(i int) []byte { return append(bytes.Clone(s.at(i, 50_000)), s.at(i+7, size-50_000)...) }
	var unsent []byte
	sent := 0
	for ; sent < limit/size; sent++ {
		unsent = wsFrame(fin|binaryFrame, payload(sent)...)
		deaf.SetWriteDeadline(time.Now().Add(quiet))
		n, err := deaf.Write(unsent)
		if unsent = unsent[n:]; err != nil {
			break
		}
	}
	if sent == limit/size {
		t.Fatalf("the server took %d MiB of a client that reads nothing; want it to stop", limit>>20)
	}
	if err := eachWS(others, func(c *wsClient) error { return c.trips(50) }); err != nil {
		t.Fatalf("beside a client that never reads: %v; want the others served", err)
	}
	after, err := usage.User(p.tree()...)
	if err != nil {
		t.Fatal(err)
	}
	if grown := after - before; grown > bound {
		t.Fatalf("a client that never reads sent %d MiB and the server's memory grew by %d MiB; want at most %d", sent*size>>20, grown>>20, bound>>20)
	}
	rest := make(chan error, 1)
	go func() { rest <- deaf.send(unsent) }()
	for i := range sent + 1 {
		if err := deaf.want(fin|binaryFrame, payload(i)); err != nil {
			t.Fatalf("reading at last, message %d of %d: %v", i+1, sent+1, err)
		}
	}
	if err := <-rest; err != nil {
		t.Fatal(err)
	}
	if err := deaf.trip(); err != nil {
		t.Fatalf("having read at last: %v", err)
	}
}

// testShutdownFrames: Serve returns soon after it was cancelled, whatever is
// under way, and leaves nothing.
func testShutdownFrames(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	open := dialWS(t, p.addr, 50)
	if err := eachWS(open, (*wsClient).trip); err != nil {
		t.Fatal(err)
	}
	half, begun, broken, deaf := dialRaw(t, p.addr), open[0], open[1], open[2]
	for c, b := range map[*wsClient][]byte{
		half:   []byte(upgradeRequest[:50]),
		begun:  wsFrame(fin|textFrame, make([]byte, 1000)...)[:500],
		broken: {fin | textFrame, 1, 'a'}, // and it does not close when told
	} {
		if err := c.send(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := deaf.SetReadBuffer(chunkSize); err != nil {
		t.Fatal(err)
	}
	message := wsFrame(fin|binaryFrame, make([]byte, chunkSize)...)
	for deaf.SetWriteDeadline(time.Now().Add(100*time.Millisecond)) == nil {
		if _, err := deaf.Write(message); err != nil {
			break
		}
	}
	p.stop()
	for _, c := range append(open, half) {
		if err := c.end(promptly); err != nil {
			t.Fatalf("Serve returned: %v", err)
		}
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
