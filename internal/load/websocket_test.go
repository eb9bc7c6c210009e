//go:build linux

package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// serveWebSocket is an echo server by a library that knows nothing of ours.
func serveWebSocket(t *testing.T) netip.AddrPort {
	t.Helper()
	return serveHTTP(t, func(accept http.HandlerFunc) http.Handler { return accept }, nil)
}

// serveHTTP is serveWebSocket behind what a handler wants of a request.
func serveHTTP(t *testing.T, behind func(http.HandlerFunc) http.Handler, options *websocket.AcceptOptions) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var handlers, serving sync.WaitGroup
	server := &http.Server{Handler: behind(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, options)
		if err != nil {
			return
		}
		handlers.Add(1)
		defer handlers.Done()
		defer c.CloseNow()
		c.SetReadLimit(2 * workload.MaxSize)
		for {
			kind, message, err := c.Read(ctx)
			if err != nil || c.Write(ctx, kind, message) != nil {
				return
			}
		}
	})}
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() {
		cancel()
		server.Close()
		serving.Wait()
		handlers.Wait()
	})
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// quickWebSocket is quick for connections that are upgraded.
func quickWebSocket(conns int, targets ...netip.AddrPort) Config {
	cfg := quick(conns, targets...)
	cfg.Protocol = proto.WebSocket
	return cfg
}

func upgraded(t *testing.T, r result.Replica) {
	t.Helper()
	if r.Upgrade == nil || r.Upgrade.Count() != int64(r.Asked()) || r.Upgrade.Max() <= 0 {
		t.Errorf("upgrades: %v, want the time of each of %d", r.Upgrade, r.Asked())
	}
}

// An independent server takes what is sent, of every length of a length.
func TestWebSocketSizes(t *testing.T) {
	for _, size := range []int{1, 8, 125, 126, 1<<16 - 1, 1 << 16, workload.MaxSize} {
		cfg := quickWebSocket(10, serveWebSocket(t))
		cfg.Size = size
		upgraded(t, faultless(t, cfg))
	}
}

// runWebSocket runs 20 connections for a second, which must be without a fault.
func runWebSocket(t *testing.T, with func(*Config)) (Config, result.Replica) {
	t.Helper()
	cfg := quickWebSocket(20, serveWebSocket(t))
	with(&cfg)
	cfg.Window = time.Second
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, r)
	upgraded(t, r)
	return cfg, r
}

// Whatever connections carry, they carry it as WebSockets as well.
func TestWebSocketTraffic(t *testing.T) {
	for name, with := range map[string]func(*Config){
		"idle":     func(c *Config) { c.Idle = true },
		"busy":     func(c *Config) { c.Busy = 3 },
		"pipeline": func(c *Config) { c.Pipeline = 8 },
		"large":    func(c *Config) { c.Pipeline, c.Size = 3, 100_000 },
		"rate":     func(c *Config) { c.Rate = 500 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg, r := runWebSocket(t, with)
			if r.Kept != 20 || (r.Operations == 0) != cfg.Idle {
				t.Errorf("%d kept, %d operations", r.Kept, r.Operations)
			}
		})
	}
}

// A connection that is opened anew is upgraded anew.
func TestWebSocketReopened(t *testing.T) {
	for name, with := range map[string]func(*Config){
		"churn": func(c *Config) { c.Churn = 100 },
		"storm": func(c *Config) { c.Storm = true },
	} {
		t.Run(name, func(t *testing.T) {
			_, r := runWebSocket(t, with)
			if r.Reopened == 0 || r.Kept == 0 {
				t.Errorf("%d reopened, %d kept", r.Reopened, r.Kept)
			}
		})
	}
}

// acceptOf is the accept of a key, after RFC 6455, 4.2.2.
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// answer reads a request to upgrade and answers it as told, with %s for the
// accept.
func answer(c *net.TCPConn, text string) (*bufio.Reader, string, error) {
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil, "", err
	}
	key := r.Header.Get("Sec-WebSocket-Key")
	if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 16 || r.Host == "" ||
		r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" || r.Header.Get("Sec-WebSocket-Version") != "13" {
		return nil, "", fmt.Errorf("the request is %+v", r)
	}
	_, err = io.WriteString(c, strings.ReplaceAll(text, "%s", acceptOf(key)))
	return in, key, err
}

const granted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"

// speak upgrades, and answers each message with what reply makes of it.
func speak(c *net.TCPConn, reply func(message []byte) []byte) {
	in, _, err := answer(c, granted)
	if err != nil {
		return
	}
	for {
		f, err := readFrame(in)
		if err != nil {
			return
		}
		f = ws.UnmaskFrame(f)
		if f.Header.OpCode != ws.OpBinary {
			continue
		}
		if _, err := c.Write(reply(f.Payload)); err != nil {
			return
		}
	}
}

// frames are frames as a server sends them.
func frames(list ...ws.Frame) []byte {
	var b bytes.Buffer
	for _, f := range list {
		ws.MustWriteFrame(&b, f)
	}
	return b.Bytes()
}

// What a server does wrong is seen, as what it is, by its own connection only,
// and takes no memory.
func TestLyingWebSocketServer(t *testing.T) {
	deep := func(m []byte) []byte { return frames(ws.NewBinaryFrame(m)) }
	says := func(text string) func(*net.TCPConn) {
		return func(c *net.TCPConn) {
			answer(c, text)
			c.Read(make([]byte, 1))
		}
	}
	replies := func(reply func(m []byte) []byte) func(*net.TCPConn) {
		return func(c *net.TCPConn) { speak(c, reply) }
	}
	for _, tt := range []struct {
		name, kind string
		does       func(*net.TCPConn)
	}{
		{"200", result.ErrorUpgrade, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
		{"not HTTP", result.ErrorUpgrade, says("hello\r\n\r\n")},
		{"wrong accept", result.ErrorUpgrade, says(strings.Replace(granted, "%s", acceptOf("x"), 1))},
		{"no accept", result.ErrorUpgrade, says(strings.Replace(granted, "Sec-WebSocket-Accept", "X", 1))},
		{"no upgrade", result.ErrorUpgrade, says(strings.Replace(granted, "Upgrade: websocket", "X: y", 1))},
		{"no connection", result.ErrorUpgrade, says(strings.Replace(granted, "Connection: Upgrade", "Connection: close", 1))},
		{"an extension", result.ErrorUpgrade, says(strings.Replace(granted, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 1))},
		{"huge header", result.ErrorUpgrade, says(strings.Replace(granted, "\r\n\r\n", "\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n", 1))},
		{"echo", result.ErrorUpgrade, func(c *net.TCPConn) { echo(0, c) }},
		{"closed before the answer", result.ErrorClosed, func(c *net.TCPConn) { c.CloseWrite(); swallow(c) }},
		{"never an answer", result.ErrorTimeout, swallow},
		{"half an answer", result.ErrorTimeout, says(granted[:60])},

		{"wrong bytes", result.ErrorWrong, replies(func(m []byte) []byte { m[3] ^= 1; return deep(m) })},
		{"too short", result.ErrorWrong, replies(func(m []byte) []byte { return deep(m[:7]) })},
		{"empty", result.ErrorWrong, replies(func(m []byte) []byte { return deep(nil) })},
		{"too long", result.ErrorWrong, replies(func(m []byte) []byte { return deep(append(m, 0)) })},
		{"text", result.ErrorWrong, replies(func(m []byte) []byte { return frames(ws.NewTextFrame(m)) })},
		{"masked", result.ErrorWrong, replies(func(m []byte) []byte { return frames(ws.MaskFrame(ws.NewBinaryFrame(m))) })},
		{"a frame of 2^62 bytes", result.ErrorWrong, replies(func(m []byte) []byte {
			return append([]byte{0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0}, m...)
		})},
		{"a frame of 2^63 bytes", result.ErrorWrong, replies(func(m []byte) []byte {
			return append([]byte{0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}, m...)
		})},
		{"one fragment too many", result.ErrorWrong, replies(func(m []byte) []byte {
			return frames(ws.NewFrame(ws.OpBinary, false, m), ws.NewFrame(ws.OpContinuation, true, m))
		})},
		{"close", result.ErrorClosed, replies(func(m []byte) []byte {
			return frames(ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "")))
		})},
		{"twice", result.ErrorWrong, replies(func(m []byte) []byte {
			return frames(ws.NewBinaryFrame(m), ws.NewBinaryFrame(m))
		})},
		{"unasked", result.ErrorUnasked, says(granted + string(frames(ws.NewBinaryFrame([]byte("12345678")))))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := quickWebSocket(8, serve(t, "tcp", func(n int, c *net.TCPConn) {
				if n == 3 {
					tt.does(c)
				} else {
					speak(c, deep)
				}
			}))
			cfg.Timeout = 3 * time.Second
			r := run(t, cfg, Alone{}, nil)
			if r.Errors[tt.kind] != 1 || len(r.Errors) != 1 || r.Answered < 7 || r.Kept != 7 {
				t.Errorf("errors %v, %d answered, %d kept; want 1 %s, 7, 7", r.Errors, r.Answered, r.Kept, tt.kind)
			}
		})
	}
}

// Fragments, frames in single bytes, and control frames in between are all
// right, and pings are answered.
func TestOddWebSocketServer(t *testing.T) {
	pinged := make(chan string, 1000)
	keys := make(chan string, 100)
	cfg := quickWebSocket(6, serve(t, "tcp", func(n int, c *net.TCPConn) {
		in, key, err := answer(c, granted[:20])
		if err != nil {
			t.Error(err)
			return
		}
		keys <- key
		text := strings.Replace(granted[20:], "%s", acceptOf(key), 1)
		for i := range text {
			io.WriteString(c, text[i:i+1])
		}
		for i := 0; ; i++ {
			f, err := readFrame(in)
			if err != nil {
				return
			}
			f = ws.UnmaskFrame(f)
			switch {
			case f.Header.OpCode == ws.OpPong:
				select {
				case pinged <- string(f.Payload):
				default:
				}
				continue
			case f.Header.OpCode != ws.OpBinary || !f.Header.Fin || len(f.Payload) != 300:
				t.Errorf("a frame came: %+v", f.Header)
				return
			}
			m := f.Payload
			reply := frames(
				ws.NewPingFrame([]byte("here?")),
				ws.NewFrame(ws.OpBinary, false, m[:10]), ws.NewPingFrame([]byte("still?")), ws.NewFrame(ws.OpContinuation, false, nil),
				ws.NewPongFrame([]byte("unasked")), ws.NewFrame(ws.OpContinuation, false, m[10:]), ws.NewFrame(ws.OpContinuation, true, nil))
			step := len(reply)
			if n%2 == 0 {
				step = 1 + i%7
			}
			for len(reply) > 0 {
				k := min(step, len(reply))
				if _, err := c.Write(reply[:k]); err != nil {
					return
				}
				reply = reply[k:]
			}
		}
	}))
	cfg.Size = 300
	upgraded(t, faultless(t, cfg))
	seen := map[string]bool{}
	for len(pinged) > 0 {
		seen[<-pinged] = true
	}
	if !seen["here?"] || !seen["still?"] || len(seen) != 2 {
		t.Errorf("pongs: %v, want those of both pings", seen)
	}
	distinct := map[string]bool{}
	for len(keys) > 0 {
		key := <-keys
		if distinct[key] {
			t.Errorf("key %s twice", key)
		}
		distinct[key] = true
	}
}

// A frame that goes out in any parts is the same frame.
func TestFrameInParts(t *testing.T) {
	for _, size := range []int{1, 8, 200, batchSize + 1, 3*batchSize + 5} {
		r := newRequest(size, proto.WebSocket.NewClient(proto.Request{}, size))
		for _, step := range []int{1 << 30, 1 + size/3, 1 + size/50} {
			var all []byte
			w := word(5, int64(size))
			for len(all) < r.wire {
				r.from(w+1, 0) // another connection's in between
				part := r.from(w, len(all))
				all = append(all, part[:min(step, len(part))]...)
			}
			f, err := readFrame(bytes.NewReader(all))
			if err != nil || !f.Header.Masked || !f.Header.Fin || f.Header.OpCode != ws.OpBinary {
				t.Fatalf("%+v, %v", f.Header, err)
			}
			f = ws.UnmaskFrame(f)
			if !bytes.Equal(f.Payload, r.with(w)) || len(all) != r.wire {
				t.Errorf("size %d in steps of %d: %d bytes, payload %.20x; want %d, %.20x", size, step, len(all), f.Payload, r.wire, r.with(w))
			}
		}
	}
}

// webSocketPair is pair for connections that are upgraded.
func webSocketPair(t testing.TB, size int) (*loop, *conn, int) {
	l, c, peer := pair(t, size)
	l.client = proto.WebSocket.NewClient(proto.Request{}, size)
	l.request = newRequest(size, l.client)
	return l, c, peer
}

// No allocation for an operation: in one piece, in pieces, or with a ping.
func TestWebSocketHotPathDoesNotAllocate(t *testing.T) {
	l, c, peer := webSocketPair(t, 8)
	l.plan.opened.Store(0)
	l.plan.closed.Store(math.MaxInt64)
	l.tally.slices = make([]int64, 1000)
	l.sendRequest(0, c, l.plan.now())
	buf, reply := make([]byte, 64), make([]byte, 10)
	ping := frames(ws.NewPingFrame([]byte("here?")))
	send := func(b []byte) {
		if n, err := poll.Write(peer, b); n != len(b) || err != nil {
			t.Fatal("write: ", n, err)
		}
		l.exchange(0, c, poll.In)
	}
	for name, trip := range map[string]func(){
		"whole":     func() { send(reply) },
		"in pieces": func() { send(reply[:1]); send(reply[1:5]); send(reply[5:]) },
		"with a ping": func() {
			send(ping)
			if n, err := poll.Read(peer, buf); n != len(ping)+4 || err != nil {
				t.Fatal("pong: ", n, err)
			}
			send(reply)
		},
	} {
		n := testing.AllocsPerRun(100, func() {
			if n, err := poll.Read(peer, buf); n != 14 || err != nil {
				t.Fatal("read: ", n, err)
			}
			reply[0], reply[1] = buf[0], 8
			for i := range 8 {
				reply[2+i] = buf[6+i] ^ buf[2+i%4]
			}
			trip()
			l.publish()
		})
		if n != 0 {
			t.Errorf("%s: %v allocations per round trip, want none", name, n)
		}
	}
	if l.replies == 0 || l.tally.lost() != 0 || len(l.client.Pending(0)) != 0 {
		t.Errorf("%d replies, errors %v, pongs %x", l.replies, l.tally.errors, l.client.Pending(0))
	}
}

// A server that pings and reads no pong costs a bounded queue, and pongs come
// between requests, never within one.
func TestPongsAreBounded(t *testing.T) {
	l, c, peer := webSocketPair(t, 100_000)
	if err := unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 8192); err != nil {
		t.Fatal(err)
	}
	l.sendRequest(0, c, l.plan.now())
	if int(c.sent) == l.request.wire {
		t.Fatal("the request fit into the socket")
	}
	ping := frames(ws.NewPingFrame(make([]byte, 125)))
	for range 1000 {
		if _, err := poll.Write(peer, ping); err != nil {
			t.Fatal(err)
		}
		l.exchange(0, c, poll.In)
	}
	const most = 1<<10 + 131
	if n := len(l.client.Pending(0)); n == 0 || n > most {
		t.Fatalf("%d bytes of pongs, want some, and at most %d", n, most)
	}
	var stream []byte
	buf := make([]byte, 1<<20)
	for turns := 0; turns < 1000 && (int(c.sent) < l.request.wire || len(l.client.Pending(0)) > 0); turns++ {
		n, _ := poll.Read(peer, buf)
		stream = append(stream, buf[:max(0, n)]...)
		l.flush(0, c)
	}
	n, _ := poll.Read(peer, buf)
	in := bytes.NewReader(append(stream, buf[:max(0, n)]...))
	first, err := readFrame(in)
	if err != nil || first.Header.OpCode != ws.OpBinary || first.Header.Length != 100_000 {
		t.Fatalf("the first frame is %+v, %v", first.Header, err)
	}
	for in.Len() > 0 {
		if f, err := readFrame(in); err != nil || f.Header.OpCode != ws.OpPong || f.Header.Length != 125 {
			t.Fatalf("a frame is %+v, %v; want pongs", f.Header, err)
		}
	}
}

// What a client keeps for a connection and gives back within a read, because
// the next request took its last pong along, is not used any further: another
// connection may have it next.
func TestStateGivenBackWithinARead(t *testing.T) {
	l, c, peer := webSocketPair(t, 8)
	l.sendRequest(0, c, l.plan.now())
	request := make([]byte, 64)
	if n, err := poll.Read(peer, request); n != l.request.wire || err != nil {
		t.Fatal("read: ", n, err)
	}
	reply := ws.UnmaskFrame(ws.Frame{Header: ws.Header{Masked: true, Mask: [4]byte(request[2:6])}, Payload: request[6:14]}).Payload
	first, second := frames(ws.NewPingFrame([]byte("first"))), frames(ws.NewPingFrame([]byte("second")))
	send := func(parts ...[]byte) {
		if _, err := poll.Write(peer, bytes.Join(parts, nil)); err != nil {
			t.Fatal(err)
		}
		l.exchange(0, c, poll.In)
	}
	send(frames(ws.NewFrame(ws.OpBinary, false, reply[:4])))
	send(first, frames(ws.NewFrame(ws.OpContinuation, true, reply[4:])), second[:1])
	if _, _, err := l.client.Next(1, second[:1]); err != nil {
		t.Fatal(err)
	}
	send(second[1:])
	if l.replies != 1 || c.state != awaiting {
		t.Fatalf("%d replies, state %v, errors %v", l.replies, c.state, l.tally.errors)
	}
	answer := make([]byte, 128)
	n, _ := poll.Read(peer, answer)
	in := bytes.NewReader(answer[:max(0, n)])
	for _, want := range []string{"first", "", "second"} {
		f, err := readFrame(in)
		if err != nil || f.Header.OpCode == ws.OpPong && string(ws.UnmaskFrame(f).Payload) != want || (f.Header.OpCode == ws.OpBinary) != (want == "") {
			t.Fatalf("%+v, %v; want %q", f, err, want)
		}
	}
}

// readFrame reads one frame of at most what a test sends.
func readFrame(r io.Reader) (ws.Frame, error) {
	header, err := ws.ReadHeader(r)
	if err != nil {
		return ws.Frame{}, err
	}
	if header.Length > 2*workload.MaxSize {
		return ws.Frame{}, fmt.Errorf("a frame of %d bytes", header.Length)
	}
	payload := make([]byte, header.Length)
	_, err = io.ReadFull(r, payload)
	return ws.Frame{Header: header, Payload: payload}, err
}
