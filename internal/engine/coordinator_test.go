//go:build linux

package engine

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"c1m/internal/push"
	"c1m/internal/result"
)

// led is a coordinator for n replicas of run r.
func led(t *testing.T, n int) *containerLoad {
	t.Helper()
	l := &containerLoad{load: newLoad(Spec{Cell: modeCell()}), engine: &Containers{}, hello: 10 * time.Second}
	for i := range n {
		r := &replica{name: Part{i, n}.ID()}
		r.ended = func() error { return l.reason(r) }
		l.replicas = append(l.replicas, r)
	}
	c, err := newCoordinator(t.Context(), "127.0.0.1:0", "r", &l.load)
	if err != nil {
		t.Fatal(err)
	}
	l.coordinator = c
	t.Cleanup(c.close)
	return l
}

// talk is one end of a conversation with a coordinator.
type talk struct {
	t     *testing.T
	conn  net.Conn
	words *bufio.Scanner
	from  string
}

func dialAs(t *testing.T, l *containerLoad, from string) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", l.coordinator.address("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // a word that never comes is an empty one
	return &talk{t, conn, bufio.NewScanner(conn), from}
}

func (k *talk) say(line result.Line) {
	k.t.Helper()
	if line.Run == "" {
		line.Run = "r"
	}
	line.From = k.from
	if err := result.WriteLine(k.conn, line); err != nil {
		k.t.Error(err)
	}
}

// hears returns the next word, empty if the conversation is over.
func (k *talk) hears() string {
	k.words.Scan()
	return k.words.Text()
}

func TestCoordinatorLeads(t *testing.T) {
	const n = 5
	l := led(t, n)
	begins := make(chan time.Time, n)
	instants := make(chan Instant, n)
	for i := range n {
		k := dialAs(t, l, Part{i, n}.ID())
		k.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
		go func() {
			k.say(result.Line{Ready: &result.Ready{Connected: 2}})
			if word := k.hears(); !strings.HasPrefix(word, "go ") {
				t.Errorf("heard %q, not go", word)
			}
			k.say(result.Line{Primed: &result.Primed{}})
			word, err := ParseWord(k.hears())
			if err != nil || word.Name != WordWindow || word.Delay <= 0 {
				t.Errorf("heard %v, %v, not a window that lies ahead", word, err)
			}
			begins <- time.Now().Add(word.Delay)
			instants <- word.Instant
			k.say(result.Line{Closed: &result.Closed{}})
		}()
	}
	if err := l.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Go(t.Context()); err != nil {
		t.Fatal(err)
	}
	at, err := l.Window()
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		// A word arrives later than it is written, never earlier.
		if begin := <-begins; begin.Before(at.Add(-time.Microsecond)) {
			t.Errorf("a window begins %v before the others'", at.Sub(begin))
		}
	}
	// Those who share this clock are told one instant, however long telling takes.
	want := <-instants
	for range n - 1 {
		if got := <-instants; got != want || got.Clock != push.Clock() {
			t.Errorf("one is told %v, another %v", want, got)
		}
	}
	if err := l.Closed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestCoordinatorRefuses(t *testing.T) {
	l := led(t, 2)
	first := dialAs(t, l, "replica-1")
	first.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	welcome := make(chan error, 1)
	l.replicas[1].stage = connecting // only the first is waited for
	go func() { welcome <- l.await(ctx, connecting) }()
	if err := <-welcome; err != nil {
		t.Fatal(err)
	}
	for want, line := range map[string]result.Line{
		"refused replica-1 is already connected":          {Hello: &result.Hello{Token: l.coordinator.token}},
		`refused it is of run "another"`:                  {Run: "another", Hello: &result.Hello{Token: l.coordinator.token}},
		"refused it does not have the token of this load": {Hello: &result.Hello{}},
		"refused no hello":                                {Ready: &result.Ready{}},
		`refused no replica is named "replica-77"`:        {Hello: &result.Hello{Token: l.coordinator.token}},
	} {
		from := "replica-1"
		if strings.Contains(want, "77") {
			from = "replica-77"
		}
		k := dialAs(t, l, from)
		k.say(line)
		if got := k.hears(); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		if k.hears() != "" {
			t.Error("a refused connection stays")
		}
	}
}

func TestCoordinatorNamesTheMissing(t *testing.T) {
	l := led(t, 3)
	l.hello = 200 * time.Millisecond
	dialAs(t, l, "replica-2").say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	stranger := dialAs(t, l, "replica-9")
	stranger.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	stranger.hears()
	err := l.Connected(t.Context())
	want := "not every replica reached the coordinator at " + l.coordinator.listener.Addr().String() + " within 200ms: missing replica-1, replica-3 (refused "
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), `no replica is named "replica-9"`) {
		t.Errorf("error %v\nwant %s…", err, want)
	}
}

func TestSomeNames(t *testing.T) {
	var names []string
	for i := range 13 {
		names = append(names, fmt.Sprint("r", i))
	}
	if got := some(names); got != "r0, r1, r2, r3, r4, r5, r6, r7, r8, r9 and 3 more" {
		t.Error(got)
	}
}

// A replica whose connection ends before its time fails, if nobody says more.
func TestCoordinatorLosesAReplica(t *testing.T) {
	l := led(t, 1)
	k := dialAs(t, l, "replica-1")
	k.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	k.conn.Close()
	err := l.Connected(t.Context())
	if err == nil || err.Error() != "replica-1 died: its connection to the coordinator ended" {
		t.Errorf("error %v", err)
	}

	l = led(t, 1)
	k = dialAs(t, l, "replica-1")
	k.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	k.say(result.Line{Failed: &result.Failure{Message: "no room", Code: 3}})
	k.conn.Close()
	if err := l.Connected(t.Context()); err == nil || err.Error() != "replica-1: no room" {
		t.Errorf("error %v", err)
	}
}

// Who knows all but the token can be no replica, and a hello has bounds.
func TestReadHello(t *testing.T) {
	long := `c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secret"}` + strings.Repeat(" ", helloSize)
	for text, want := range map[string]string{
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secret"}}` + "\n":  "",
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secreT"}}` + "\n":  "does not have the token",
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secret2"}}` + "\n": "does not have the token",
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1}}` + "\n":                   "does not have the token",
		`c1m {"run":"r","from":"replica-1","hello":{"pid":1}}` + "\n":                         "its hello has no version",
		`c1m {"v":9,"run":"r","from":"replica-1","hello":{"pid":1}}` + "\n":                   "its hello has version 9",
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secret"}}`:         "no hello", // cut off
		"GET / HTTP/1.1\r\n": "no hello",
		long + "}\n":         "a hello of more than 1024 bytes",
		"":                   "no hello",
	} {
		name, err := readHello(bufio.NewReaderSize(strings.NewReader(text), helloSize), "r", "secret")
		if want == "" && (err != nil || name != "replica-1") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.90q: %q, %v; want %q", text, name, err, want)
		}
	}
}

// Connections that say nothing, or talk without an end, hold as much of the
// harness as a few of them may, and keep no replica out.
func TestStrangersKeepNobodyOut(t *testing.T) {
	l := led(t, 1)
	const strangers = 10 * spare
	for i := range strangers {
		k := dialAs(t, l, "stranger")
		if i%2 == 0 {
			_, _ = k.conn.Write(bytes.Repeat([]byte("x"), helloSize/2)) // and no end of the line
		}
	}
	k := dialAs(t, l, "replica-1")
	k.say(result.Line{Hello: &result.Hello{Token: l.coordinator.token}})
	k.say(result.Line{Ready: &result.Ready{Connected: 2}})
	if err := l.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.coordinator.mu.Lock()
	defer l.coordinator.mu.Unlock()
	if n := len(l.coordinator.pending.conns); n > spare+1 {
		t.Errorf("%d of %d connections are held that said nothing, want at most %d", n, strangers, spare+1)
	}
}

func TestPending(t *testing.T) {
	conn := func() net.Conn {
		a, b := net.Pipe()
		t.Cleanup(func() { a.Close(); b.Close() })
		return a
	}
	p := pending{most: 2}
	a, b, c, d := conn(), conn(), conn(), conn()
	if p.add(a) != nil || p.add(b) != nil || p.add(c) != a {
		t.Error("not the oldest goes")
	}
	p.drop(b)
	p.drop(a) // which has gone
	if p.add(d) != nil || len(p.conns) != 2 {
		t.Errorf("%d are pending, want the last two", len(p.conns))
	}
}

// FuzzHello: only a line with the run, the token and a name is a hello, and it
// is within its bounds.
func FuzzHello(f *testing.F) {
	for _, seed := range []string{
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1,"token":"secret"}}` + "\n",
		`c1m {"v":1,"run":"r","from":"replica-1","hello":{"pid":1}}` + "\n", "\n", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", 2000),
		`c1m {"v":1,"run":"r","from":"a","message":1,"part":"1/1","text":"x"}` + "\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name, err := readHello(bufio.NewReaderSize(bytes.NewReader(text), helloSize), "r", "secret")
		if err != nil {
			return
		}
		line, _, whole := bytes.Cut(text, []byte("\n"))
		if !whole || len(line) >= helloSize || name == "" || len(name) > result.NameSize || !bytes.Contains(line, []byte("c1m {")) {
			t.Errorf("%q is the hello of %q", text, name)
		}
		if _, err := readHello(bufio.NewReaderSize(bytes.NewReader(text), helloSize), "r", "another"); err == nil {
			t.Errorf("%q is welcome whatever the token", text)
		}
	})
}
