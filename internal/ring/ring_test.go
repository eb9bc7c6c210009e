//go:build linux

package ring

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's structures have these sizes.
func TestLayout(t *testing.T) {
	for _, s := range []struct {
		name      string
		got, want uintptr
	}{
		{"io_uring_sqe", unsafe.Sizeof(sqe{}), 64},
		{"io_uring_cqe", unsafe.Sizeof(cqe{}), 16},
		{"io_uring_params", unsafe.Sizeof(params{}), 120},
		{"io_uring_buf", unsafe.Sizeof(bufferEntry{}), 16},
		{"io_uring_buf_reg", unsafe.Sizeof(bufferRegistration{}), 40},
		{"io_uring_getevents_arg", unsafe.Sizeof(waitArgument{}), 24},
	} {
		if s.got != s.want {
			t.Errorf("%s has %d bytes, want %d", s.name, s.got, s.want)
		}
	}
}

// needRing skips a test where the machine forbids rings; Check's own tests do not.
func needRing(t testing.TB) {
	t.Helper()
	if err := Check(); err != nil {
		t.Skip(err)
	}
}

// started is a ring of this test's thread.
func started(t testing.TB, config Config) *Ring {
	t.Helper()
	needRing(t)
	runtime.LockOSThread()
	r, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		runtime.UnlockOSThread()
	})
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

var small = Config{Submissions: 8, Completions: 16, Buffers: 4, BufferSize: 64}

func pair(t testing.TB) (ours, peer int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func listener(t testing.TB) (fd int, at unix.Sockaddr) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(fd, 64)); err != nil {
		t.Fatal(err)
	}
	if at, err = unix.Getsockname(fd); err != nil {
		t.Fatal(err)
	}
	return fd, at
}

func dial(t testing.TB, at unix.Sockaddr) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Connect(fd, at); err != nil {
		t.Fatal(err)
	}
	return fd
}

// kept are what heap has returned: a ring has only their addresses.
var kept [][]byte

// heap returns the bytes of text in memory that does not move, as a stack may.
func heap(text string) []byte {
	b := []byte(text)
	kept = append(kept, b)
	return b
}

func write(t testing.TB, fd int, text string) {
	t.Helper()
	if n, err := unix.Write(fd, []byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}

// next waits for a completion. A ring that does not give one for so long never will.
func next(t testing.TB, r *Ring) Completion {
	t.Helper()
	var c Completion
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if r.Next(&c) {
			return c
		}
		if err := r.Wait(time.Second); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no completion")
	return c
}

// none wants no completion to be there after everything was submitted.
func none(t testing.TB, r *Ring) {
	t.Helper()
	if err := r.Wait(0); err != nil {
		t.Fatal(err)
	}
	var c Completion
	if r.Next(&c) {
		t.Fatalf("completion %+v (%v), want none", c, c.Err())
	}
}

func TestAccept(t *testing.T) {
	r := started(t, small)
	fd, at := listener(t)
	r.Accept(fd, 7)
	for range 3 {
		dial(t, at)
		c := next(t, r)
		if c.Data != 7 || c.Result < 0 || !c.More() {
			t.Fatalf("completion %+v: %v", c, c.Err())
		}
		flags, err := unix.FcntlInt(uintptr(c.Result), unix.F_GETFL, 0)
		if err != nil || flags&unix.O_NONBLOCK == 0 {
			t.Errorf("flags %x, %v; want non-blocking", flags, err)
		}
		if closes, _ := unix.FcntlInt(uintptr(c.Result), unix.F_GETFD, 0); closes&unix.FD_CLOEXEC == 0 {
			t.Error("not close-on-exec")
		}
		unix.Close(int(c.Result))
	}
}

// Without descriptors accepting ends, the connection waits, and is accepted later.
func TestAcceptWithoutDescriptors(t *testing.T) {
	r := started(t, small)
	fd, at := listener(t)
	dial(t, at)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	lowest, err := unix.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(lowest)
	// The limit is that of the time at which the operation is submitted.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(lowest), Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	r.Accept(fd, 1)
	err = r.Wait(time.Second)
	if e := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); e != nil || err != nil {
		t.Fatal(e, err)
	}
	if c := next(t, r); c.Err() != unix.EMFILE || c.More() {
		t.Fatalf("completion %+v: %v; want the last, EMFILE", c, c.Err())
	}
	r.Accept(fd, 2)
	c := next(t, r)
	if c.Data != 2 || c.Result < 0 {
		t.Fatalf("completion %+v: %v", c, c.Err())
	}
	unix.Close(int(c.Result))
}

// One operation receives message after message, and last the end of the stream.
func TestReceive(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	r.Receive(fd, 9)
	for _, text := range []string{"one", "two", "three", "four", "five", "six"} { // more than there are buffers
		write(t, peer, text)
		c := next(t, r)
		if c.Data != 9 || !c.More() || string(r.Bytes(&c)) != text {
			t.Fatalf("completion %+v with %q, want %q", c, r.Bytes(&c), text)
		}
		r.Free(&c)
	}
	unix.Shutdown(peer, unix.SHUT_WR)
	c := next(t, r)
	if c.Result != 0 || c.More() || r.Bytes(&c) != nil {
		t.Errorf("at the end: %+v, %v", c, c.Err())
	}
	r.Free(&c)
}

// When all buffers are in use receiving ends; what has arrived is received when it is
// begun again and buffers are free.
func TestReceiveWithoutBuffers(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	text := string(bytes.Repeat([]byte("0123456789abcdef"), 24)) // 6 buffers of 64
	write(t, peer, text)
	r.Receive(fd, 1)
	var held []Completion
	var got []byte
	for {
		c := next(t, r)
		if c.Err() == unix.ENOBUFS {
			if c.More() {
				t.Error("receiving goes on without a buffer")
			}
			break
		}
		got = append(got, r.Bytes(&c)...)
		held = append(held, c)
	}
	if len(held) != small.Buffers {
		t.Fatalf("%d buffers were filled, of %d", len(held), small.Buffers)
	}
	for i := range held {
		r.Free(&held[i])
	}
	r.Receive(fd, 2)
	for len(got) < len(text) {
		c := next(t, r)
		if c.Data != 2 || c.Result <= 0 {
			t.Fatalf("completion %+v: %v", c, c.Err())
		}
		got = append(got, r.Bytes(&c)...)
		r.Free(&c)
	}
	if string(got) != text {
		t.Errorf("received %q", got)
	}
}

// A send completes; with SendSkipSuccess it does not if everything is sent.
func TestSend(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	hello, world := heap("hello "), heap("world")
	r.SendSkipSuccess(fd, hello, 1)
	none(t, r)
	r.Send(fd, world, 2)
	if c := next(t, r); c.Data != 2 || c.Result != 5 || c.More() {
		t.Errorf("completion %+v: %v", c, c.Err())
	}
	got := make([]byte, 64)
	if n, err := unix.Read(peer, got); err != nil || string(got[:n]) != "hello world" {
		t.Errorf("the peer got %q, %v", got[:n], err)
	}
}

func TestExtend(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	if r.Extend(1) {
		t.Error("extended although nothing is queued")
	}
	text := heap("hello world")
	r.SendSkipSuccess(fd, text[:5], 1)
	if !r.Extend(6) {
		t.Error("the last send was not extended")
	}
	r.Writable(fd, 2)
	if r.Extend(1) {
		t.Error("extended a send behind which another operation is queued")
	}
	r.SendSkipSuccess(fd, text[:1], 3)
	r.Submit()
	if r.Extend(1) {
		t.Error("extended a send that was submitted")
	}
	got := make([]byte, 64)
	if n, err := unix.Read(peer, got); err != nil || string(got[:n]) != "hello worldh" {
		t.Errorf("the peer got %q, %v", got[:n], err)
	}
}

// A send that the peer does not take in full completes at once, with what it took, and
// does not wait for the rest.
func TestShortSend(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	big := make([]byte, 4<<20)
	r.SendSkipSuccess(fd, big, 1)
	if err := r.Wait(0); err != nil {
		t.Fatal(err)
	}
	c := next(t, r)
	if c.Data != 1 || c.Result <= 0 || int(c.Result) >= len(big) {
		t.Fatalf("completion %+v: %v; want a part of %d", c, c.Err(), len(big))
	}
	took := int(c.Result)
	r.SendSkipSuccess(fd, big[:1], 2)
	if c := next(t, r); c.Data != 2 || c.Err() != unix.EAGAIN {
		t.Fatalf("completion %+v: %v; want EAGAIN", c, c.Err())
	}
	r.Writable(fd, 3)
	none(t, r)
	drained := 0
	in := make([]byte, 1<<20)
	for {
		n, err := unix.Read(peer, in)
		if err != nil {
			break
		}
		drained += n
	}
	if drained != took {
		t.Errorf("the peer got %d bytes, %d were sent", drained, took)
	}
	if c := next(t, r); c.Data != 3 || c.Result < 0 || c.More() {
		t.Errorf("completion %+v: %v; want that it can be written to", c, c.Err())
	}
}

func TestSendToNobody(t *testing.T) {
	r := started(t, small)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fds[1])
	defer unix.Close(fds[0])
	x := heap("x")
	r.SendSkipSuccess(fds[0], x, 1)
	if c := next(t, r); c.Err() != unix.EPIPE {
		t.Errorf("completion %+v: %v; want EPIPE and no signal", c, c.Err())
	}
}

// More operations than the queue has entries are submitted early.
func TestSubmissionQueueFull(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	want := make([]byte, 10*small.Submissions)
	for i := range want {
		want[i] = byte(i)
		r.SendSkipSuccess(fd, want[i:i+1], uint64(i))
	}
	none(t, r)
	got := make([]byte, len(want)+1)
	if n, err := unix.Read(peer, got); err != nil || !bytes.Equal(got[:n], want) {
		t.Errorf("the peer got %v, %v; want each byte in order", got[:n], err)
	}
}

// More completions than the queue has entries are kept by the kernel, in order.
func TestCompletionQueueOverflow(t *testing.T) {
	r := started(t, small)
	fd, _ := pair(t)
	const n = 100
	one := heap("1")
	for i := range n {
		r.Send(fd, one, uint64(i))
	}
	if err := r.Wait(time.Second); err != nil {
		t.Fatal(err)
	}
	var c Completion
	for i := range n {
		if !r.Next(&c) {
			t.Fatalf("%d of %d completions", i, n)
		}
		if c.Data != uint64(i) || c.Result != 1 {
			t.Fatalf("completion %d is %+v", i, c)
		}
	}
	none(t, r)
}

// A receive that completes into a full queue ends, and loses nothing.
func TestReceiveIntoOverflow(t *testing.T) {
	config := small
	config.Buffers, config.BufferSize = 64, 16
	r := started(t, config)
	fd, peer := pair(t)
	var text []byte
	for i := range 16 * 40 {
		text = append(text, byte(i))
	}
	write(t, peer, string(text))
	r.Receive(fd, 1)
	var got []byte
	ended := 0
	for len(got) < len(text) {
		c := next(t, r)
		if c.Result <= 0 {
			t.Fatalf("completion %+v: %v", c, c.Err())
		}
		got = append(got, r.Bytes(&c)...)
		r.Free(&c)
		if !c.More() {
			ended++
			r.Receive(fd, 1)
		}
	}
	if !bytes.Equal(got, text) {
		t.Error("the bytes are not those that were sent, in order")
	}
	if ended == 0 {
		t.Error("receiving never ended: the queue did not overflow, and the test shows nothing")
	}
}

// An operation keeps its descriptor's socket open: the peer sees the end only when it has
// ended, so that it must be cancelled before the descriptor is closed.
func TestCancelBeforeClose(t *testing.T) {
	r := started(t, small)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd, peer := fds[0], fds[1]
	defer unix.Close(peer)
	r.Receive(fd, 1)
	none(t, r)
	unix.Close(fd)
	if n, err := unix.Read(peer, make([]byte, 1)); err != unix.EAGAIN {
		t.Errorf("read %d, %v; want that the socket is still open", n, err)
	}
	r.Cancel(1, 99)
	if c := next(t, r); c.Data != 1 || c.Err() != unix.ECANCELED || c.More() {
		t.Errorf("completion %+v: %v; want ECANCELED", c, c.Err())
	}
	none(t, r)
	if n, err := unix.Read(peer, make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("read %d, %v; want the end", n, err)
	}
	r.Cancel(1, 99)
	if c := next(t, r); c.Data != 99 || c.Err() != unix.ENOENT {
		t.Errorf("cancelling nothing: %+v, %v; want ENOENT", c, c.Err())
	}
}

func TestCancelFD(t *testing.T) {
	r := started(t, small)
	fd, _ := pair(t)
	other, _ := pair(t)
	big := make([]byte, 4<<20)
	r.Send(fd, big, 1)
	next(t, r)
	runtime.KeepAlive(big)
	r.Receive(fd, 2)
	r.Writable(fd, 3)
	r.Receive(other, 4)
	none(t, r)
	r.CancelFD(fd, 99)
	seen := map[uint64]error{}
	for range 2 {
		c := next(t, r)
		seen[c.Data] = c.Err()
	}
	if seen[2] != unix.ECANCELED || seen[3] != unix.ECANCELED {
		t.Errorf("cancelled: %v; want 2 and 3", seen)
	}
	none(t, r)
	r.CancelAll(99)
	if c := next(t, r); c.Data != 4 || c.Err() != unix.ECANCELED {
		t.Errorf("completion %+v: %v", c, c.Err())
	}
}

// Each write of an eventfd that is not read is a completion.
func TestReadable(t *testing.T) {
	r := started(t, small)
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r.Readable(fd, 3)
	none(t, r)
	for range 3 {
		write(t, fd, "\x01\x00\x00\x00\x00\x00\x00\x00")
		if c := next(t, r); c.Data != 3 || c.Result < 0 || !c.More() {
			t.Fatalf("completion %+v: %v", c, c.Err())
		}
		none(t, r)
	}
}

// A wait with a limit ends without a completion, one without a limit does not.
func TestWaitIsLimited(t *testing.T) {
	r := started(t, small)
	if err := r.Wait(time.Millisecond); err != nil {
		t.Fatal(err)
	}
	none(t, r)
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r.Readable(fd, 1)
	none(t, r)
	soon := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(10 * time.Millisecond))}
	if err := unix.TimerfdSettime(fd, 0, &soon, nil); err != nil {
		t.Fatal(err)
	}
	var c Completion
	for !r.Next(&c) { // a signal ends a wait early
		if err := r.Wait(-1); err != nil {
			t.Fatal(err)
		}
	}
	if c.Data != 1 {
		t.Errorf("completion %+v", c)
	}
}

// Only the thread that started the ring may use it.
func TestOneThread(t *testing.T) {
	r := started(t, small)
	other := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		other <- r.Wait(0)
	}()
	if err := <-other; !errors.Is(err, unix.EEXIST) {
		t.Errorf("error %v, want EEXIST", err)
	}
}

func TestRoundTripDoesNotAllocate(t *testing.T) {
	r := started(t, small)
	fd, peer := pair(t)
	r.Receive(fd, 1)
	message, reply := []byte("12345678"), make([]byte, 8)
	var c Completion
	allocations := testing.AllocsPerRun(1000, func() {
		unix.Write(peer, message)
		for !r.Next(&c) {
			if err := r.Wait(-1); err != nil {
				t.Fatal(err)
			}
		}
		r.SendSkipSuccess(fd, r.Bytes(&c), 2)
		if err := r.Wait(0); err != nil {
			t.Fatal(err)
		}
		r.Free(&c)
		unix.Read(peer, reply)
	})
	if allocations != 0 {
		t.Errorf("%v allocations per message", allocations)
	}
}

func TestExplain(t *testing.T) {
	for _, test := range []struct {
		errno    unix.Errno
		disabled string
		seen     string
		fix      string
	}{
		{unix.EPERM, "2", "kernel.io_uring_disabled is 2", "run sysctl kernel.io_uring_disabled=0"},
		{unix.EPERM, "1", "kernel.io_uring_disabled is 1", "or run as root"},
		{unix.EPERM, "0", "seccomp profile", "allow io_uring_setup"},
		{unix.EPERM, "", "seccomp profile", "allow io_uring_setup"},
		{unix.ENOSYS, "", "Linux 6.18.1 has no io_uring", "use Linux 6.1 or later"},
		{unix.EINVAL, "", "Linux 6.18.1 lacks", "use Linux 6.1 or later"},
		{unix.ENOMEM, "0", "no memory for a ring", "ulimit -l"},
		{unix.EMFILE, "0", "no descriptor for a ring", "ulimit -n"},
		{unix.EIO, "0", "input/output error", "use another mode"},
	} {
		err := explain(os.NewSyscallError("io_uring_setup", test.errno), test.disabled, "6.18.1")
		var u *Unsupported
		if !errors.As(err, &u) || !bytes.Contains([]byte(u.Seen), []byte(test.seen)) || !bytes.Contains([]byte(u.Fix), []byte(test.fix)) || !errors.Is(err, test.errno) {
			t.Errorf("%v with %q: %v; want %q and %q", test.errno, test.disabled, err, test.seen, test.fix)
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	r := started(b, Config{Submissions: 1024, Completions: 4096, Buffers: 128, BufferSize: 16 << 10})
	fd, peer := pair(b)
	r.Receive(fd, 1)
	message, reply := []byte("12345678"), make([]byte, 8)
	var c Completion
	b.ReportAllocs()
	for b.Loop() {
		unix.Write(peer, message)
		for !r.Next(&c) {
			if err := r.Wait(-1); err != nil {
				b.Fatal(err)
			}
		}
		r.SendSkipSuccess(fd, r.Bytes(&c), 2)
		if err := r.Wait(0); err != nil {
			b.Fatal(err)
		}
		r.Free(&c)
		unix.Read(peer, reply)
	}
}
