//go:build linux

package engine

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"c1m/internal/hist"
	"c1m/internal/proctest"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// faultVariable is the environment variable that tells the program which the test binary
// plays what goes wrong.
const faultVariable = "C1M_ENGINE_TEST_FAULT"

// The test binary plays the program, a user's command, and a harness.
func TestMain(m *testing.M) {
	os.Exit(proctest.Main(proctest.Mains{
		KeepCommand: func([]string) error { return Keep(os.Stdin, os.Stdout) },
		"server":    playServer,
		"client":    playClient,
		"listen":    playListener,
		"harness":   playHarness,
	}, func() int {
		goleak.VerifyTestMain(m) // which exits
		return 0
	}))
}

func playServer([]string) error {
	fault := os.Getenv(faultVariable)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	say := func(l result.Line) {
		l.From = "server"
		_ = result.WriteLine(os.Stdout, l)
	}
	switch fault {
	case "no start":
		fmt.Fprintln(os.Stderr, "no luck today")
		os.Exit(9)
	case "says why":
		say(result.Line{Failed: &result.Failure{Message: "the address is taken", Code: 3}})
		os.Exit(3)
	}
	fmt.Println("chatter that is not tagged")
	say(result.Line{Ready: &result.Ready{Addr: "127.0.0.1:1", PID: os.Getpid()}})
	say(result.Line{Server: &result.Counts{Accepted: int64(runtime.GOMAXPROCS(0)), PerLoop: []int64{int64(runtime.NumCPU())}}})
	if fault == "panic" {
		panic("a bug")
	}
	<-terminated
	say(result.Line{Server: &result.Counts{Accepted: 42, Last: true}})
	if fault == "bad end" {
		os.Exit(4)
	}
	return nil
}

// playClient plays a replica that measures nothing: it connects half, tells,
// connects all, and obeys the words.
func playClient(args []string) error {
	fault, id := os.Getenv(faultVariable), ""
	for _, arg := range args {
		if rest, ok := strings.CutPrefix(arg, "--replica="); ok {
			part, err := ParsePart(rest)
			if err != nil {
				return err
			}
			id = part.ID()
		}
	}
	say := func(l result.Line) {
		l.From = id
		_ = result.WriteLine(os.Stdout, l)
	}
	words := bufio.NewScanner(os.Stdin)
	obey := func(word string) {
		if fault == "dies before "+word && id == "replica-2" {
			fmt.Fprintln(os.Stderr, "panic: no more")
			fmt.Fprintln(os.Stderr, "goroutine 1 [running]:")
			os.Exit(2)
		}
		if fault == "fails before "+word && id == "replica-2" {
			say(result.Line{Failed: &result.Failure{Message: "could not", Code: 3}})
			os.Exit(3)
		}
		words.Scan()
		if said, err := ParseWord(words.Text()); err != nil || said.Name != word {
			fmt.Fprintf(os.Stderr, "the word was %q, not %q\n", words.Text(), word)
			os.Exit(5)
		}
	}
	say(result.Line{Progress: &result.Progress{Connected: 1, Asked: 2}})
	say(result.Line{Ready: &result.Ready{Connected: 2}})
	obey("go")
	say(result.Line{Primed: &result.Primed{}})
	obey("window")
	say(result.Line{Closed: &result.Closed{}})
	obey("release")
	r := result.Replica{
		Replicas: 1, Connected: 2, Active: 2, Operations: 5,
		Latency: hist.New(), Connect: hist.New(), Workload: workload.Workload{Conns: 2, Size: 8},
		// Each had its first replies at another time.
		Opened: 50*time.Millisecond + time.Duration(os.Getpid())*time.Microsecond,
		Window: 100 * time.Millisecond, Slices: []int64{5},
	}
	say(result.Line{Replica: &r})
	return nil
}

// local is an engine that starts this test binary with a fault.
func local(t *testing.T, fault string) *Local {
	t.Helper()
	t.Setenv(faultVariable, fault)
	l, err := NewLocal("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		if n := len(l.running); n > 0 {
			t.Errorf("%d processes run after Close", n)
		}
	})
	return l
}

func modeCell() result.Cell {
	return result.Cell{
		Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Conns: 6, Size: 8},
		Replicas: 3, Loops: 1,
		Timing: workload.Timing{Warmup: 10 * time.Millisecond, Window: 100 * time.Millisecond, Timeout: time.Second},
	}
}

func TestModeServer(t *testing.T) {
	l := local(t, "")
	s, err := l.Server(t.Context(), Spec{Cell: modeCell()})
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr() != "127.0.0.1:1" || !alive(s.PID()) {
		t.Errorf("address %s, process %d", s.Addr(), s.PID())
	}
	for range 2 { // stopping twice is stopping
		counts, err := s.Stop()
		if err != nil || counts == nil || counts.Accepted != 42 || !counts.Last {
			t.Errorf("Stop() = %+v, %v: want the last counts", counts, err)
		}
	}
	if alive(s.PID()) {
		t.Error("the server lives on")
	}
	<-s.Done()
}

func TestServerFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"no start": "server epoll did not start: exit status 9; output: no luck today",
		"says why": "server epoll did not start: the address is taken",
	} {
		_, err := local(t, fault).Server(t.Context(), Spec{Cell: modeCell()})
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", fault, err, want)
		}
	}

	s, err := local(t, "panic").Server(t.Context(), Spec{Cell: modeCell()})
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if got := s.Err().Error(); got != "server epoll died: exit status 2; output: panic: a bug" {
		t.Errorf("error %s", got)
	}

	s, err = local(t, "bad end").Server(t.Context(), Spec{Cell: modeCell()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stop(); err == nil || !strings.Contains(err.Error(), "did not shut down gracefully: exit status 4") {
		t.Errorf("error %v", err)
	}
}

func TestAffinity(t *testing.T) {
	var mine unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mine); err != nil {
		t.Fatal(err)
	}
	first := 0
	for !mine.IsSet(first) {
		first++
	}
	l := local(t, "")
	cell := modeCell()
	for _, cpus := range [][]int{{first}, nil} { // the second shows that the first left nothing behind
		cell.ServerCPUs = cpus
		s, err := l.Server(t.Context(), Spec{Cell: cell})
		if err != nil {
			t.Fatal(err)
		}
		var its unix.CPUSet
		if err := unix.SchedGetaffinity(s.PID(), &its); err != nil {
			t.Fatal(err)
		}
		want := mine
		if cpus != nil {
			want.Zero()
			want.Set(first)
		}
		if its != want {
			t.Errorf("with CPUs %v the server may use %d of them, want %d", cpus, its.Count(), want.Count())
		}
		if _, err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestLoad(t *testing.T) {
	l := local(t, "")
	most := 0
	spec := Spec{Run: "r", Cell: modeCell(), Progress: func(connected, asked int) {
		most = max(most, connected)
		if asked != 6 {
			t.Errorf("%d asked, want 6", asked)
		}
	}}
	load, err := l.Load(t.Context(), spec, "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer load.Stop()
	for _, step := range []func() error{
		func() error { return load.Connected(t.Context()) },
		func() error { return load.Go(t.Context()) },
		func() error { _, err := load.Window(); return err },
		func() error { return load.Closed(t.Context()) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := load.Release(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Replicas != 3 || r.Operations != 15 || r.Opened != 10*time.Millisecond {
		t.Errorf("merged %d replicas, %d operations, opened at %v: want 3, 15 and the warm-up's 10ms", r.Replicas, r.Operations, r.Opened)
	}
	load.Stop()
	if most != 6 {
		t.Errorf("progress came to %d connections, want 6", most)
	}
}

func TestLoadFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"dies before go":       "replica-2 died: exit status 2; output: panic: no more",
		"dies before window":   "replica-2 died: exit status 2; output: panic: no more",
		"fails before window":  "replica-2: could not",
		"fails before release": "replica-2: could not",
	} {
		load, err := local(t, fault).Load(t.Context(), Spec{Cell: modeCell()}, "127.0.0.1:1")
		if err != nil {
			t.Fatal(err)
		}
		err = func() error {
			if err := load.Connected(t.Context()); err != nil {
				return err
			}
			if err := load.Go(t.Context()); err != nil {
				return err
			}
			if _, err := load.Window(); err != nil {
				return err
			}
			if err := load.Closed(t.Context()); err != nil {
				return err
			}
			_, err := load.Release(t.Context())
			return err
		}()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", fault, err, want)
		}
		load.Stop()
	}
}

func TestLoadEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	load, err := local(t, "").Load(ctx, Spec{Cell: modeCell()}, "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer load.Stop()
	reason := fmt.Errorf("a reason")
	cancel(reason)
	// No word was said, so no replica can be past its window.
	if err := load.Closed(ctx); err != reason {
		t.Errorf("error %v, want the context's cause", err)
	}
}

// TestExecLeavesNothing starts a command that leaves children in its group.
func TestExecLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	l := local(t, "")
	go acceptAt(t, filepath.Join(dir, "addr"))
	cell := result.Cell{
		Kind: result.KindExec, Row: "x",
		Command: "cd " + dir + "; sleep 1000 & echo $! > pid; echo {addr} > new; mv new addr; sleep 1000; true",
	}
	s, err := l.Server(t.Context(), Spec{Cell: cell})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !alive(child) {
		t.Fatalf("child %q does not run: %v", text, err)
	}
	if counts, err := s.Stop(); counts != nil || err != nil {
		t.Errorf("Stop() = %v, %v: a command gives no counts, and may end by a signal", counts, err)
	}
	for deadline := time.Now().Add(10 * time.Second); alive(child) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // init reaps it
	}
	if alive(child) {
		t.Error("the command's child lives on")
	}
}

// acceptAt listens at the address in a file, once there is one, in the place
// of the command, and ends with the test.
func acceptAt(t *testing.T, file string) {
	for t.Context().Err() == nil {
		text, err := os.ReadFile(file)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		ln, err := net.Listen("tcp", strings.TrimSpace(string(text)))
		if err != nil {
			t.Error(err)
			return
		}
		context.AfterFunc(t.Context(), func() { ln.Close() })
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}
}

func TestExecThatEnds(t *testing.T) {
	cell := result.Cell{Kind: result.KindExec, Row: "x", Command: "echo first; echo bye {port} >&2; exit 3"}
	_, err := local(t, "").Server(t.Context(), Spec{Cell: cell})
	if err == nil || !strings.Contains(err.Error(), "did not start: exit status 3; output:") || !strings.Contains(err.Error(), "bye") {
		t.Errorf("error %v", err)
	}
}

// A command whose port was taken before it could listen there is given another.
func TestExecPortTaken(t *testing.T) {
	dir := t.TempDir()
	asked, proceed := pipe(t, dir, "asked"), pipe(t, dir, "proceed")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	lost := make(chan string, 1)
	go func() {
		// Any connection may be given a port that nobody listens at.
		line, _ := bufio.NewReader(asked).ReadString('\n')
		addr := strings.TrimSpace(line)
		conn, err := (&net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))}).Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Error(err)
		} else {
			t.Cleanup(func() { conn.Close() })
		}
		lost <- addr
		_, _ = proceed.WriteString("\n")
	}()
	go acceptAt(t, filepath.Join(dir, "addr"))
	cell := result.Cell{
		Kind: result.KindExec, Row: "x",
		Command: "cd " + dir + "; if mkdir tried; then echo {addr} >asked; read _ <proceed; exit 1; fi; echo {addr} >new; mv new addr; sleep 1000",
	}
	s, err := local(t, "").Server(t.Context(), Spec{Cell: cell})
	if err != nil {
		t.Fatal(err)
	}
	if addr := <-lost; s.Addr() == addr {
		t.Errorf("it serves at %s, which is another's", addr)
	}
	if _, err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestExecIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cell := result.Cell{Kind: result.KindExec, Row: "x", Command: "sleep 1000 # {addr}"}
	if _, err := local(t, "").Server(ctx, Spec{Cell: cell}); err == nil {
		t.Error("a server that never accepts started")
	}
}

func TestTarget(t *testing.T) {
	s, err := local(t, "").Server(t.Context(), Spec{Cell: result.Cell{Kind: result.KindTarget, Command: "there:80"}})
	if err != nil || s.Addr() != "there:80" || s.PID() != 0 {
		t.Errorf("target %v, %v", s, err)
	}
	if counts, err := s.Stop(); counts != nil || err != nil {
		t.Errorf("Stop() = %v, %v", counts, err)
	}
}

func TestCloseEndsAll(t *testing.T) {
	l := local(t, "")
	s, err := l.Server(t.Context(), Spec{Cell: modeCell()})
	if err != nil {
		t.Fatal(err)
	}
	load, err := l.Load(t.Context(), Spec{Cell: modeCell()}, s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	select {
	case <-s.Done():
	default:
		t.Error("the server runs after Close")
	}
	load.Stop()
	if _, err := l.Server(t.Context(), Spec{Cell: modeCell()}); err == nil {
		t.Error("a closed engine started a server")
	}
}

func TestOutput(t *testing.T) {
	var got []string
	w := &lineWriter{line: func(s string) { got = append(got, s) }}
	for _, piece := range []string{"one\ntw", "o\n", "\nthree", strings.Repeat("x", maxLine)} {
		if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	w.Write([]byte("rest"))
	w.flush()
	want := []string{"one", "two", "", "three" + strings.Repeat("x", maxLine), "rest"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}

	var last tail
	for _, line := range []string{"a", "b", "", "c", "d", strings.Repeat("é", 1000)} {
		last.add(line)
	}
	if s := last.String(); !strings.HasPrefix(s, "c | d | éé") || len(s) > 400 || strings.ToValidUTF8(s, "?") != s {
		t.Errorf("tail %q", s)
	}
	for _, line := range []string{"panic: why", "goroutine 1 [running]:"} {
		last.add(line)
	}
	if s := last.String(); s != "panic: why" {
		t.Errorf("tail of a crash %q", s)
	}
}

// alive reports whether a process runs; one that waits to be reaped does not.
func alive(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	return err == nil && !strings.HasPrefix(after, "Z")
}
