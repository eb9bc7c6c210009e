//go:build linux

package load

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"c1m/internal/poll"
	"c1m/internal/result"
)

// faulty is a trial of eight connections, all of which the server fails in one
// way.
func faulty(t *testing.T, kind string, handle func(int, *net.TCPConn)) (result.Replica, result.Fault) {
	t.Helper()
	r := run(t, quick(8, serve(t, "tcp", handle)), Alone{}, nil)
	f := r.Faults[kind]
	if r.Errors[kind] != 8 || f.Connections != 8 || len(r.Errors) != 1 || len(r.Faults) != 1 {
		t.Fatalf("errors %v, faults %+v; want 8 %s", r.Errors, r.Faults, kind)
	}
	return r, f
}

func TestFaultsCountReplies(t *testing.T) {
	r, f := faulty(t, result.ErrorClosed, func(_ int, c *net.TCPConn) { echoFirst(c, 10*8); closeGently(c) })
	if f.Least != 10 || f.Most != 10 || f.Idle != 0 || r.Answered != 8 {
		t.Errorf("%+v, %d answered; want 10 replies each", f, r.Answered)
	}
	r, f = faulty(t, result.ErrorClosed, func(n int, c *net.TCPConn) { echoFirst(c, n*8); closeGently(c) })
	if f.Least != 0 || f.Most != 7 || r.Answered != 7 {
		t.Errorf("%+v, %d answered; want 0 to 7 replies, 7 answered", f, r.Answered)
	}
}

func TestFaultsKeepWhatWasSaid(t *testing.T) {
	const greeting = "220 \x1b[31mmail\u202e server\r\n"
	handle := func(_ int, c *net.TCPConn) {
		_, _ = io.WriteString(c, greeting)
		swallow(c)
	}
	// Whether a greeting comes before the first request is up to the machine.
	r := run(t, quick(8, serve(t, "tcp", handle)), Alone{}, nil)
	if n := r.Errors[result.ErrorUnasked] + r.Errors[result.ErrorWrong]; n != 8 || r.Answered != 0 {
		t.Fatalf("errors %v, %d answered; want 8 that were greeted", r.Errors, r.Answered)
	}
	for kind, f := range r.Faults {
		if f.Detail != `"220 \x1b[31mmail\u202e server\r\n"` || f.Most != 0 {
			t.Errorf("%s: %+v; want the greeting, quoted", kind, f)
		}
	}
}

func TestLongSamplesAreCut(t *testing.T) {
	if got := quote([]byte(strings.Repeat("x", 1<<20))); len(got) > sample+8 {
		t.Errorf("%d bytes of a sample, want about %d", len(got), sample)
	}
}

// Under churn a connection's replies count from when it was opened last.
func TestChurnCountsAnew(t *testing.T) {
	l, c, _ := pair(t, 8)
	r := newReopening(l)
	l.lifetime[0] = 7
	r.leave(0, c, poll.EndAndReset)
	l.countReply(0)
	if l.lifetime[0] != 1 {
		t.Errorf("%d replies on a connection that was reopened and has had one", l.lifetime[0])
	}
}

// closeGently ends what is sent, so that a client sees the end and no reset,
// and waits for the client's end.
func closeGently(c *net.TCPConn) {
	_ = c.CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	swallow(c)
}
