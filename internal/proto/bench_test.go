package proto

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// The two upgrades over memory, under the names and in the way they were
// published (5156 ns/op, 8576 B/op, 9 allocs/op; 973 ns/op, 0 B/op, 0 allocs/op):
// a request that is ready, an answer that goes nowhere. The first is of
// net/http's making, with its two buffers; parsing the request is not in it.

func BenchmarkUpgradeHTTP(b *testing.B) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := UpgradeHTTP(new(recorder), r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpgradeTCP(b *testing.B) {
	w := newWebSocket(nil)
	in, out := []byte(request), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		var s Session
		if out, _ = w.Receive(&s, in, out[:0]); s.Phase != Open {
			b.Fatal("not upgraded")
		}
	}
}

// BenchmarkFrame is what a message of 8 bytes costs but for the system calls.
func BenchmarkFrame(b *testing.B) {
	w := newWebSocket(func([]byte) {})
	message := frame(true, ws.OpBinary, "12345678")
	in, out := make([]byte, len(message)), make([]byte, 0, 64)
	s := Session{Phase: Open}
	b.ReportAllocs()
	for b.Loop() {
		copy(in, message)
		out, _ = w.Receive(&s, in, out[:0])
	}
}

// recorder is a response that gives away a connection to nowhere, as net/http
// does: with a reader and a writer of 4 KiB.
type recorder struct{ nowhere }

func (*recorder) Header() http.Header           { return http.Header{} }
func (*recorder) WriteHeader(int)               {}
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }

func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return &r.nowhere, bufio.NewReadWriter(bufio.NewReaderSize(&r.nowhere, 4<<10), bufio.NewWriterSize(&r.nowhere, 4<<10)), nil
}

type nowhere struct{ net.Conn }

func (*nowhere) Read([]byte) (int, error)         { return 0, io.EOF }
func (*nowhere) Write(b []byte) (int, error)      { return len(b), nil }
func (*nowhere) SetDeadline(time.Time) error      { return nil }
func (*nowhere) SetWriteDeadline(time.Time) error { return nil }
