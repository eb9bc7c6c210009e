//go:build linux

package load

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"c1m/internal/push"
	"c1m/internal/result"
)

// notifier upgrades, and then sends broadcasts, as frames makes them, every 5 ms.
func notifier(frame func(k int) []byte) func(n int, c *net.TCPConn) {
	return func(_ int, c *net.TCPConn) {
		if _, _, err := answer(c, granted); err != nil {
			return
		}
		ended := make(chan struct{})
		go func() { io.Copy(io.Discard, c); close(ended) }()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for k := 1; ; k++ {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			if _, err := c.Write(frame(k)); err != nil {
				<-ended
				return
			}
		}
	}
}

// notification is broadcast k, of 100 bytes, on its way for a millisecond.
func notification(k, every int) []byte {
	return push.Notification{
		Due: push.Now() - time.Millisecond, Number: uint64(k), Every: every, Clock: push.Clock(),
	}.Append(nil, 100)
}

func notify(t *testing.T, does func(n int, c *net.TCPConn)) result.Replica {
	t.Helper()
	cfg := quickWebSocket(4, serve(t, "tcp", does))
	cfg.Push, cfg.Size = true, 100
	cfg.Window = 300 * time.Millisecond
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Deliveries are counted, with their latency, however they are cut.
func TestSubscribers(t *testing.T) {
	for name, frame := range map[string]func(k int) []byte{
		"whole": func(k int) []byte { return frames(ws.NewBinaryFrame(notification(3*k, 3))) },
		"fragments": func(k int) []byte {
			m := notification(k, 1)
			return frames(ws.NewFrame(ws.OpBinary, false, m[:7]), ws.NewPingFrame(nil),
				ws.NewFrame(ws.OpContinuation, false, m[7:40]), ws.NewFrame(ws.OpContinuation, true, m[40:]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := notify(t, notifier(frame))
			if len(r.Errors) > 0 || r.Missed != 0 || r.Untimed != 0 || r.Active != 4 || r.Kept != 4 || !r.Workload.Push {
				t.Fatalf("errors %v, %d missed, %d untimed, %d active, %d kept", r.Errors, r.Missed, r.Untimed, r.Active, r.Kept)
			}
			if r.Operations < 4 || r.Latency.Count() != r.Operations || r.Latency.Min() < int64(time.Millisecond) {
				t.Errorf("%d deliveries, %d with a latency, at least %d ns; want 1 ms and more of each", r.Operations, r.Latency.Count(), r.Latency.Min())
			}
		})
	}
}

// What does not come is seen, and what should not have come.
func TestLyingNotifier(t *testing.T) {
	frame := func(m []byte) []byte { return frames(ws.NewBinaryFrame(m)) }
	for _, tt := range []struct {
		name, kind string
		frame      func(k int) []byte
	}{
		{"every second one is missing", "", func(k int) []byte { return frame(notification(2*k, 1)) }},
		{"twice", result.ErrorUnasked, func(k int) []byte { return frame(notification(k/2, 1)) }},
		{"another's", result.ErrorUnasked, func(k int) []byte { return frame(notification(k, 2)) }},
		{"out of order", result.ErrorUnasked, func(k int) []byte { return frame(notification(1000-k, 1)) }},
		{"wrong bytes", result.ErrorWrong, func(k int) []byte { m := notification(k, 1); m[99] ^= 1; return frame(m) }},
		{"too short", result.ErrorWrong, func(k int) []byte { return frame(notification(k, 1)[:99]) }},
		{"text", result.ErrorWrong, func(k int) []byte { return frames(ws.NewTextFrame(notification(k, 1))) }},
		{"no notification", result.ErrorWrong, func(k int) []byte { return frame(make([]byte, 100)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := notify(t, notifier(tt.frame))
			switch {
			case tt.kind == "" && (r.Missed == 0 || len(r.Errors) > 0):
				t.Errorf("%d missed, errors %v; want some missed", r.Missed, r.Errors)
			case tt.kind != "" && (r.Errors[tt.kind] != 4 || len(r.Errors) != 1):
				t.Errorf("errors %v; want 4 %s", r.Errors, tt.kind)
			}
		})
	}
}

// Without a common clock there is no latency, and not one of 0.
func TestForeignClock(t *testing.T) {
	r := notify(t, notifier(func(k int) []byte {
		return frames(ws.NewBinaryFrame(push.Notification{Due: push.Now(), Number: uint64(k), Every: 1, Clock: 7}.Append(nil, 100)))
	}))
	if r.Operations == 0 || r.Untimed != r.Operations || r.Latency.Count() != 0 {
		t.Errorf("%d deliveries, %d untimed, %d with a latency; want none with one", r.Operations, r.Untimed, r.Latency.Count())
	}
}
