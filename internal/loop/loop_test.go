//go:build linux

package loop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// An idle connection costs its table entry and nothing else.
func TestConnIsHalfACacheLine(t *testing.T) {
	if size := unsafe.Sizeof(Conn{}); size != 32 {
		t.Errorf("a table entry has %d bytes", size)
	}
}

func handlerOf(t testing.TB, protocol proto.Protocol) *Handler {
	t.Helper()
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { counters.Close() })
	return newHandler(protocol, servers.Work{}, counters.Writer(0), push.Config{})
}

// connection is a Conn in a table, and the peer's descriptor.
func connection(t testing.TB) (*Table, *Conn, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	table, err := NewTable(proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		table.CloseAll()
		poll.Close(fds[1])
	})
	return table, table.Open(fds[0]), fds[1]
}

func TestReceive(t *testing.T) {
	h := handlerOf(t, proto.Echo)
	_, c, peer := connection(t)
	if o := h.Receive(c); o != Empty {
		t.Fatalf("outcome without input is %d", o)
	}
	poll.Write(peer, []byte("12345678"))
	if o := h.Receive(c); o != Short {
		t.Fatalf("outcome is %d, want Short", o)
	}
	got := make([]byte, 16)
	if n, err := poll.Read(peer, got); err != nil || string(got[:n]) != "12345678" {
		t.Fatalf("reply %q, %v", got[:n], err)
	}
	if h.Totals.Messages != 1 || h.Totals.Bytes != 8 {
		t.Errorf("totals %+v", h.Totals)
	}
	unix.Shutdown(peer, unix.SHUT_WR)
	if o := h.Receive(c); o != Ended {
		t.Errorf("outcome at the end is %d, want Ended", o)
	}
	if h.Totals.Errors != 0 {
		t.Errorf("a peer that leaves is an error: %+v", h.Totals)
	}
}

// What the peer does not take waits, reading stops at the cap, and all of it
// arrives in order, the half close notwithstanding.
func TestBacklog(t *testing.T) {
	h := handlerOf(t, proto.Echo)
	_, c, peer := connection(t)
	var sent, got bytes.Buffer
	chunk := make([]byte, 4096)
	for i := byte(0); !c.full(); i++ {
		for j := range chunk {
			chunk[j] = i
		}
		if n, err := poll.Write(peer, chunk); err == nil {
			sent.Write(chunk[:n])
		}
		if o := h.Receive(c); o == Ended {
			t.Fatal("the connection ended")
		}
	}
	if most := writeCap + readSize; c.waiting() > most {
		t.Errorf("%d bytes wait, want at most %d", c.waiting(), most)
	}
	unix.Shutdown(peer, unix.SHUT_WR)
	in := make([]byte, 64<<10)
	for outcome := Blocked; ; {
		for {
			n, err := poll.Read(peer, in)
			if err != nil || n == 0 {
				break
			}
			got.Write(in[:n])
		}
		if outcome == Ended {
			break
		}
		outcome = h.exhaust(c, Empty)
	}
	if !bytes.Equal(got.Bytes(), sent.Bytes()) {
		t.Errorf("%d bytes came back of %d, or not the same", got.Len(), sent.Len())
	}
}

func TestReceiveDoesNotAllocate(t *testing.T) {
	h := handlerOf(t, proto.Echo)
	_, c, peer := connection(t)
	message, reply := []byte("12345678"), make([]byte, 8)
	allocations := testing.AllocsPerRun(1000, func() {
		poll.Write(peer, message)
		h.Receive(c)
		poll.Read(peer, reply)
		h.Publish()
	})
	if allocations != 0 {
		t.Errorf("%v allocations per message", allocations)
	}
}

// An entry that is used again is another connection.
func TestGeneration(t *testing.T) {
	table, c, _ := connection(t)
	fd, first := int(c.fd), c.generation.Load()
	table.close(c)
	again := table.Open(fd)
	if again != c || again.generation.Load() == first || again.generation.Load()%2 != 1 {
		t.Errorf("generation %d after %d", again.generation.Load(), first)
	}
	table.close(again) // closes a number that is free, which does no harm here
}

func TestOwnership(t *testing.T) {
	_, c, _ := connection(t)
	if c.state.Or(owned|happened)&owned != 0 {
		t.Fatal("a new connection has an owner")
	}
	if c.release() {
		t.Error("released although an event came")
	}
	c.state.And(^uint32(happened))
	if !c.release() {
		t.Error("not released although nothing happened")
	}
	if c.state.Load()&owned != 0 {
		t.Error("still owned after release")
	}
}

// start runs a loop with a listener on loopback.
func start(t testing.TB, config Config) (addr string, l *Loop) {
	t.Helper()
	ln, err := servers.Listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	if config.Listener, err = poll.Listener(ln); err != nil {
		t.Fatal(err)
	}
	if config.Table, err = NewTable(config.Protocol); err != nil {
		t.Fatal(err)
	}
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	config.Counter = counters.Writer(0)
	if l, err = New(config); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		l.Close()
		config.Table.CloseAll()
		poll.Close(config.Listener)
		counters.Close()
	})
	return addr, l
}

func TestPost(t *testing.T) {
	_, l := start(t, Config{})
	const n = 1000
	var done sync.WaitGroup
	done.Add(2 * n)
	count := 0 // only the loop touches it
	for range 2 {
		go func() {
			for range n {
				if err := l.Post(func() { count++; done.Done() }); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	done.Wait()
	seen := make(chan int)
	l.Post(func() { seen <- count })
	if got := <-seen; got != 2*n {
		t.Errorf("%d of %d ran", got, 2*n)
	}
}

// While Admit refuses, connections wait and the loop does not turn; and they
// get in one by one all the same.
func TestAdmitDelaysButDoesNotRefuse(t *testing.T) {
	addr, l := start(t, Config{Admit: func() bool { return false }})
	for range 3 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	open := make(chan int64)
	l.Post(func() { open <- l.handler.Totals.Open })
	if n := <-open; n != 3 {
		t.Errorf("%d connections are open, want 3", n)
	}
}

// Retire and Reread, called from elsewhere, act in the loop.
func TestRetire(t *testing.T) {
	var once sync.Once
	claimed := make(chan *Conn, 1)
	addr, l := start(t, Config{Dispatch: func(tasks []Task) {
		once.Do(func() { claimed <- tasks[0].Conn })
	}})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l.Retire(<-claimed)
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read after Retire: %v, want EOF", err)
	}
}

// BenchmarkReceive is what a message costs the server but for waiting: a
// read, the echo, a write. The peer's write and read are in it too.
func BenchmarkReceive(b *testing.B) {
	h := handlerOf(b, proto.Echo)
	_, c, peer := connection(b)
	message, reply := []byte("12345678"), make([]byte, 8)
	b.ReportAllocs()
	for b.Loop() {
		poll.Write(peer, message)
		h.Receive(c)
		poll.Read(peer, reply)
	}
}
