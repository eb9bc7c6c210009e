//go:build linux

package loop

import (
	"bytes"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/servers"
)

const upgradeRequest = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

// masked is a text frame as a client sends it, with a mask of zero.
func masked(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

// upgraded is a handler of frames and a connection that speaks them.
func upgraded(t testing.TB) (*Handler, *Conn, int) {
	t.Helper()
	h := handlerOf(t, proto.WebSocket)
	h.failed = func(*Conn) {}
	_, c, peer := connection(t)
	poll.Write(peer, []byte(upgradeRequest))
	if o := h.Receive(c); o != Short {
		t.Fatalf("the upgrade's outcome is %d", o)
	}
	answer := make([]byte, 1024)
	if n, _ := poll.Read(peer, answer); !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 101")) {
		t.Fatalf("the answer is %q", answer[:n])
	}
	return h, c, peer
}

// A WebSocket at rest is its table entry, whatever it has done.
func TestIdleWebSocketKeepsNoBuffer(t *testing.T) {
	h, c, peer := upgraded(t)
	if c.rest != nil {
		t.Fatalf("after the upgrade it keeps %+v", c.rest)
	}
	whole := masked("hello")
	for _, part := range [][]byte{whole[:1], whole[1:8], whole[8:]} {
		poll.Write(peer, part)
		h.Receive(c)
		if done := len(part) == 3; done == (c.rest != nil) {
			t.Errorf("after %q of a frame it keeps %+v", part, c.rest)
		}
	}
	got := make([]byte, 64)
	if n, err := poll.Read(peer, got); err != nil || string(got[:n]) != "\x81\x05hello" {
		t.Errorf("the reply is %q, %v", got[:n], err)
	}
}

func TestReceiveFrameDoesNotAllocate(t *testing.T) {
	h, c, peer := upgraded(t)
	message, reply := masked("12345678"), make([]byte, 16)
	allocations := testing.AllocsPerRun(1000, func() {
		poll.Write(peer, message[:5])
		h.Receive(c)
		poll.Write(peer, message[5:])
		h.Receive(c)
		poll.Read(peer, reply)
		h.Publish()
	})
	if allocations != 0 {
		t.Errorf("%v allocations per message", allocations)
	}
}

// A peer that broke the protocol and reads late gets what waits and its close
// code, and only then the end.
func TestViolationBehindABacklog(t *testing.T) {
	h, c, peer := upgraded(t)
	failed := 0
	h.failed = func(*Conn) { failed++ }
	big := append([]byte{0x82, 0x80 | 126, 0xea, 0x60, 0, 0, 0, 0}, make([]byte, 60_000)...)
	sent := 0
	for c.waiting() == 0 {
		poll.Write(peer, big)
		h.Receive(c)
		sent++
	}
	if c.rest.in != nil { // the socket took part of the last one
		t.Skip("the socket's buffer holds no whole frame")
	}
	poll.Write(peer, []byte{0x81, 0}) // no mask
	if o := h.Receive(c); o != Blocked || !c.ending || failed > 0 {
		t.Fatalf("outcome %d, ending %v, told %d times", o, c.ending, failed)
	}
	var got []byte
	in := make([]byte, 64<<10)
	for {
		n, err := poll.Read(peer, in)
		if err == unix.EAGAIN {
			if o := h.Flush(c); o == Ended {
				t.Fatal("ended before the peer did")
			}
			continue
		}
		if n == 0 {
			break
		}
		got = append(got, in[:n]...)
	}
	if want := sent * (4 + 60_000); len(got) != want+4 || !bytes.HasSuffix(got, []byte{0x88, 2, 0x03, 0xea}) {
		t.Errorf("%d bytes came, the last %x; want %d and close 1002", len(got), got[len(got)-4:], want+4)
	}
	if failed != 1 || h.Totals.Errors != 1 || proto.Phase(c.phase.Load()) != proto.Failed {
		t.Errorf("told %d times, %d errors, phase %d", failed, h.Totals.Errors, c.phase.Load())
	}
	poll.Write(peer, masked("dropped"))
	if o := h.Receive(c); o != Short || h.Totals.Messages != int64(sent) {
		t.Errorf("what came after: outcome %d, %d messages handled of %d", o, h.Totals.Messages, sent)
	}
	unix.Shutdown(peer, unix.SHUT_WR)
	if o := h.Receive(c); o != Ended {
		t.Errorf("outcome at the end is %d, want Ended", o)
	}
}

// Deadlines are in order, those kept are dropped from the front, and one of an
// earlier connection of the same number is nobody's.
func TestDeadlines(t *testing.T) {
	table, err := NewTable(proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	var d deadlines
	at := func(fd, second int) deadline {
		c := table.at(fd)
		return deadline{c, c.generation.Load(), c.phase.Load(), time.Unix(int64(second), 0)}
	}
	d.add(at(5, 1))
	d.add(at(6, 2))
	d.add(at(7, 3))
	if due, is := d.first(); !is || due.Unix() != 1 || len(d.left()) != 3 {
		t.Fatalf("first %v of %d", due, len(d.left()))
	}
	table.at(5).phase.Store(uint32(proto.Open))
	table.at(6).generation.Add(2)
	d.add(at(8, 4))
	if due, _ := d.first(); due.Unix() != 3 || len(d.left()) != 2 {
		t.Errorf("first %v of %d; want the third of two", due, len(d.left()))
	}
	d.drop(2)
	if _, is := d.first(); is {
		t.Error("two were left, and two dropped")
	}
}

// Behind a slow handshake, those that have ended take no room, and those that
// have not stay, in order.
func TestDeadlinesBehindASlowOne(t *testing.T) {
	table, err := NewTable(proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	var d deadlines
	longest := 0
	for i := range 10_000 {
		c := table.at(5 + i)
		d.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Unix(int64(i), 0)})
		if i%100 > 0 {
			c.phase.Store(uint32(proto.Open))
		}
		longest = max(longest, cap(d.list))
	}
	if longest > 1000 {
		t.Errorf("room for %d deadlines, of 100 that matter at most", longest)
	}
	next := 0
	for _, one := range d.left() {
		if !one.missed() {
			continue
		}
		if one.due.Unix() != int64(100*next) {
			t.Fatalf("deadline %d is %d s", next, one.due.Unix())
		}
		next++
	}
	if next != 100 {
		t.Errorf("%d of 100 deadlines are left", next)
	}
}

// A handshake after another takes no new memory, and an empty list keeps little.
func TestDeadlinesReuseMemory(t *testing.T) {
	table, err := NewTable(proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	var d deadlines
	c := table.at(5)
	pass := func() {
		d.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Unix(1, 0)})
		c.generation.Add(2)
	}
	if n := testing.AllocsPerRun(1000, pass); n > 0 {
		t.Errorf("%v allocations per handshake", n)
	}
	for range 10_000 {
		d.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Unix(1, 0)})
	}
	if d.drop(len(d.left())); cap(d.list) > 0 {
		t.Errorf("an empty list keeps room for %d", cap(d.list))
	}
}

// BenchmarkDeadlines ends each handshake before the next begins; behind a slow
// one, the first never ends.
func BenchmarkDeadlines(b *testing.B) {
	for _, slow := range []bool{false, true} {
		name := "all end"
		if slow {
			name = "behind a slow one"
		}
		b.Run(name, func(b *testing.B) {
			table, err := NewTable(proto.Echo)
			if err != nil {
				b.Fatal(err)
			}
			var d deadlines
			longest, i := 0, 0
			for b.Loop() {
				c := table.at(5 + i%10_000)
				d.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Time{}})
				if i > 0 || !slow {
					c.generation.Add(2)
				}
				longest = max(longest, cap(d.list))
				if i++; slow && i%10_000 == 0 {
					i++ // past the slow one
				}
			}
			b.ReportMetric(float64(longest)*float64(unsafe.Sizeof(deadline{})), "bytes")
		})
	}
}

// Where workers serve, one whose time is up while a worker has it is ended by
// that worker, however busy its peer keeps it.
func TestPatienceWithWorkers(t *testing.T) {
	tasks := make(chan Task, 1)
	addr, l := start(t, Config{
		Protocol:         proto.WebSocket,
		HandshakeTimeout: 50 * time.Millisecond,
		Dispatch:         func(list []Task) { tasks <- list[0] },
	})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	task := <-tasks // the test is the worker
	held := task.Conn
	generation := held.generation.Load()
	for held.state.Load()&overdue == 0 {
		runtime.Gosched()
	}
	if held.generation.Load() != generation {
		t.Fatal("closed under its owner")
	}
	if _, err := c.Write([]byte(upgradeRequest[:20])); err != nil {
		t.Fatal(err)
	}
	h := l.NewHandler(new(servers.Counter))
	if o := h.Serve(task); o != Ended || h.Totals.Errors != 1 {
		t.Fatalf("outcome %d, %d errors; want Ended and 1", o, h.Totals.Errors)
	}
	l.Retire(held)
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("read: %v; want the end", err)
	}
}
