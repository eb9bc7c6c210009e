// Package peers tests that the servers of peers.json do what it says of them.
// It measures none of them.
package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// limit bounds each wait for something that takes milliseconds.
const limit = 30 * time.Second

// A table is peers.json; the README describes its fields.
type table struct {
	Needs map[string]struct {
		Check  []string
		Debian string
	}
	Peers []peer
}

type peer struct {
	Name, Language, Library string
	Protocols               map[string][]string
	Build, Run, Version     []string
}

func read(t *testing.T) table {
	t.Helper()
	text, err := os.ReadFile("peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var list table
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPeers(t *testing.T) {
	list := read(t)
	for _, p := range list.Peers {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel() // shutdowns take seconds and no processor
			for proto, needs := range p.Protocols {
				t.Run(proto, func(t *testing.T) {
					list.skipWithout(t, needs)
					bin := p.build(t)
					testServes(t, p, bin, proto)
					testRefuses(t, p, bin, proto)
				})
			}
		})
	}
}

func (l table) skipWithout(t *testing.T, needs []string) {
	t.Helper()
	for _, name := range needs {
		need, ok := l.Needs[name]
		if !ok {
			t.Fatalf("peers.json does not say how to check for %s", name)
		}
		if err := exec.Command(need.Check[0], need.Check[1:]...).Run(); err != nil {
			t.Skipf("no %s (apt-get install %s): %s: %v", name, need.Debian, strings.Join(need.Check, " "), err)
		}
	}
}

// build returns the path of the peer's program, if it has to be built.
func (p peer) build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), p.Name)
	if len(p.Build) == 0 {
		return bin
	}
	args := fill(p.Build, "{bin}", bin)
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return bin
}

func fill(args []string, pairs ...string) []string {
	replace := strings.NewReplacer(pairs...)
	filled := slices.Clone(args)
	for i := range filled {
		filled[i] = replace.Replace(filled[i])
	}
	return filled
}

// A server is a peer's process.
type server struct {
	*exec.Cmd
	stderr bytes.Buffer
	ended  chan struct{} // closed when it has been waited for
}

func (p peer) start(t *testing.T, bin, addr, proto string) *server {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	args := fill(p.Run, "{bin}", bin, "{addr}", addr, "{port}", port, "{proto}", proto)
	s := &server{Cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	s.Stderr = &s.stderr
	// A group of its own, so that nothing is left of one that does not end.
	s.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		syscall.Kill(-s.Process.Pid, syscall.SIGKILL)
		<-s.ended
		if t.Failed() {
			t.Logf("stderr of %s: %s", strings.Join(args, " "), &s.stderr)
		}
	})
	return s
}

// wait returns the state of a process that is expected to end.
func (s *server) wait(t *testing.T) *os.ProcessState {
	t.Helper()
	select {
	case <-s.ended:
		return s.ProcessState
	case <-time.After(limit):
		t.Fatalf("it has not ended after %v", limit)
		return nil
	}
}

// dial connects as soon as the server listens.
func (s *server) dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	for deadline := time.Now().Add(limit); ; {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		select {
		case <-s.ended:
			t.Fatalf("it has ended: %v", s.ProcessState)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freeAddr is an address at which nothing listens: on a host of its own, so
// that nobody else takes the port, unless the server chooses the host.
func (p peer) freeAddr(t *testing.T) string {
	t.Helper()
	host := "127.0.0.1"
	if slices.Contains(p.Run, "{addr}") {
		host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// testServes echoes on several connections at once, then ends the server while
// a connection is open.
func testServes(t *testing.T, p peer, bin, proto string) {
	addr := p.freeAddr(t)
	s := p.start(t, bin, addr, proto)
	idle := s.dial(t, addr)
	defer idle.Close()

	clients := map[string]func(string) error{"echo": echoBytes, "ws": echoMessages}
	if p.Name != "c" { // closes a connection that does not take what it is sent
		clients["echo"] = func(addr string) error { return errors.Join(echoBytes(addr), echoSlowly(addr)) }
	}
	client, ok := clients[proto]
	if !ok {
		t.Fatalf("peers.json names protocol %q", proto)
	}
	var group sync.WaitGroup
	for range 8 { // more than one for each loop
		group.Go(func() {
			if err := client(addr); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}

	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	state := s.wait(t)
	// Only a Go program is asked to catch it.
	by := state.Sys().(syscall.WaitStatus)
	if !state.Success() && (p.Build != nil && p.Build[0] == "go" || !by.Signaled() || by.Signal() != syscall.SIGTERM) {
		t.Errorf("after SIGTERM: %v", state)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("after it has ended: %v", err)
	}
	listener.Close()
}

// testRefuses runs the server without an address, and at one that is taken.
func testRefuses(t *testing.T, p peer, bin, proto string) {
	bare := fill(slices.DeleteFunc(slices.Clone(p.Run), func(arg string) bool {
		return arg == "{addr}" || arg == "{port}"
	}), "{bin}", bin, "{proto}", proto)
	err := exec.Command(bare[0], bare[1:]...).Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("without an address: %v, want exit status 2", err)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := p.start(t, bin, taken.Addr().String(), proto)
	if state := s.wait(t); state.ExitCode() != 1 || s.stderr.Len() == 0 {
		t.Errorf("at an address that is taken: %v, %q; want exit status 1 and a reason", state, &s.stderr)
	}
}

// sizes of messages, in bytes: a WebSocket frame's length changes its form at
// 126 and at 64 KiB.
var sizes = []int{1, 8, 125, 126, 4 << 10, 64<<10 - 1, 64 << 10}

func random(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = 'a' + byte(rand.IntN(26)) // text too
	}
	return data
}

func echoBytes(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(limit))
	for _, size := range sizes {
		sent, got := random(size), make([]byte, size)
		if _, err := conn.Write(sent); err != nil {
			return fmt.Errorf("%d bytes: %w", size, err)
		}
		if _, err := io.ReadFull(conn, got); err != nil {
			return fmt.Errorf("%d bytes: %w", size, err)
		}
		if !bytes.Equal(got, sent) {
			return fmt.Errorf("%d bytes come back changed", size)
		}
	}
	return nil
}

// echoSlowly sends more than fits the sockets on the way before it takes
// anything back, so that the server's writes are partial: all that the server
// takes within patience, and the rest while it reads.
func echoSlowly(addr string) error {
	const patience = 500 * time.Millisecond // whatever is sent by then, the bytes must be right
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		return err
	}
	// More than the 4 MiB to which Linux lets a socket grow, and no more than
	// the 6 MiB that nbio is told to keep.
	const size = 6 << 20
	sent, got := random(size), make([]byte, size)
	conn.SetWriteDeadline(time.Now().Add(patience))
	n, err := conn.Write(sent)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	conn.SetDeadline(time.Now().Add(limit))
	wrote := make(chan error, 1)
	go func() {
		_, err := conn.Write(sent[n:])
		wrote <- err
	}()
	_, err = io.ReadFull(conn, got)
	if err != nil {
		conn.Close() // ends the write too
	}
	if err := errors.Join(err, <-wrote); err != nil {
		return fmt.Errorf("%d bytes at once: %w", size, err)
	}
	if !bytes.Equal(got, sent) {
		return fmt.Errorf("%d bytes at once come back changed", size)
	}
	return nil
}

func echoMessages(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	for _, size := range sizes {
		for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
			sent := random(size)
			if err := conn.Write(ctx, kind, sent); err != nil {
				return fmt.Errorf("%v of %d bytes: %w", kind, size, err)
			}
			kindBack, got, err := conn.Read(ctx)
			if err != nil {
				return fmt.Errorf("%v of %d bytes: %w", kind, size, err)
			}
			if kindBack != kind || !bytes.Equal(got, sent) {
				return fmt.Errorf("%v of %d bytes comes back as %v of %d bytes, or changed", kind, size, kindBack, len(got))
			}
		}
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}

// Every peer has a version, and a line in the README's table, where pinned
// versions are those of go.mod; names are used once.
func TestTable(t *testing.T) {
	list := read(t)
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range list.Peers {
		t.Run(p.Name, func(t *testing.T) {
			if seen[p.Name] {
				t.Error("named twice")
			}
			seen[p.Name] = true
			if !bytes.Contains(readme, []byte("\n| `"+p.Name+"` |")) {
				t.Error("README.md has no line for it")
			}
			for _, needs := range p.Protocols {
				list.skipWithout(t, needs)
			}
			out, err := exec.Command(p.Version[0], p.Version[1:]...).Output()
			version := strings.TrimSpace(string(out))
			if err != nil || version == "" || strings.Contains(version, "\n") {
				t.Errorf("%s: %q, %v; want one line", strings.Join(p.Version, " "), version, err)
			}
			if p.Version[1] == "list" && !bytes.Contains(readme, []byte("\n| "+p.Library+" | "+version+" |")) {
				t.Errorf("README.md does not say %s of %s", version, p.Library)
			}
		})
	}
}
