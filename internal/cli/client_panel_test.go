//go:build linux

package cli

import (
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"c1m/internal/load"
	"c1m/internal/workload"
)

// The panel of an invented client, second by second.
func TestClientPanel(t *testing.T) {
	cfg := clientConfig{load: load.Config{
		Targets: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:8972"), netip.MustParseAddrPort("[2001:db8::1]:8972")}, Loops: 2,
		Workload: workload.Workload{Protocol: "ws", Conns: 10_000, Size: 8}, Timing: workload.Timing{Warmup: 2 * time.Second, Window: 10 * time.Second},
	}}
	var snapshot load.Snapshot
	now, used := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Duration(0)
	p := newClientPanel(cfg, func() load.Snapshot { return snapshot })
	p.now, p.used, p.entered = func() time.Time { return now }, func() time.Duration { return used }, now
	var b strings.Builder
	show := func(phase load.Phase, connected int, replies int64, latency time.Duration, errors int64) {
		snapshot = load.Snapshot{Phase: phase, Asked: 10_000, Connected: connected, Replies: replies, Latency: latency, Errors: errors}
		p.sample()
		b.WriteString(written(p.read()) + "\n")
		now, used = now.Add(time.Second), used+620*time.Millisecond
	}
	b.WriteString(written(p.read()) + "\n")
	show(load.Connecting, 0, 0, 0, 0)
	show(load.Connecting, 8_500, 0, 0, 0)
	show(load.Waiting, 10_000, 0, 0, 0)
	show(load.Priming, 10_000, 4_000, 200*time.Second, 0)
	show(load.Warming, 10_000, 144_000, 10_000*time.Second, 0)
	show(load.Measuring, 10_000, 304_000, 20_000*time.Second, 0)
	show(load.Measuring, 9_998, 304_000, 20_000*time.Second, 2) // a pause: no reply
	show(load.Draining, 9_998, 464_000, 40_000*time.Second, 2)
	golden(t, filepath.Join("testdata", "client_panel.txt"), b.String())
}

// Memory does not grow with the length of a run.
func TestClientPanelForgets(t *testing.T) {
	p := newClientPanel(clientConfig{}, func() load.Snapshot { return load.Snapshot{Phase: load.Measuring} })
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p.now = func() time.Time { now = now.Add(time.Second); return now }
	for range keptSeconds + 100 {
		p.sample()
	}
	if len(p.seconds) != keptSeconds || p.seconds[keptSeconds-1].since != (keptSeconds+99)*time.Second {
		t.Errorf("%d seconds, the last %v after the start", len(p.seconds), p.seconds[len(p.seconds)-1].since)
	}
}

// The panel of a client gives way to its result; one that is interrupted has none.
func TestClientOnATerminal(t *testing.T) {
	t.Parallel()
	server := onTerminalOf(t, nil, "server", "-mode", "epoll", "-addr", "127.0.0.1:0", "-interval", "0")
	server.await("127.0.0.1:")
	_, rest, _ := strings.Cut(server.seen(), "127.0.0.1:")
	port := rest[:strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })]
	t.Run("over", func(t *testing.T) {
		s := onTerminalOf(t, nil, "client", "-conn", "10", "-port", port, "-d", "1s", "-warmup", "100ms")
		if _, code := s.ends(); code != exitOK && code != exitNo || !strings.Contains(read(t, s.stdout), "round trips/s") {
			t.Errorf("exit code %d, stdout %q", code, read(t, s.stdout))
		}
	})
	t.Run("q", func(t *testing.T) {
		s := onTerminalOf(t, nil, "client", "-conn", "10", "-port", port, "-d", "10m")
		s.await(altScreen)
		s.typed("q")
		if after, code := s.ends(); code != exitNoAnswer || !strings.Contains(after, "interrupted before there was a result") {
			t.Errorf("exit code %d, and below the panel %q", code, after)
		}
	})
	t.Run("lines", func(t *testing.T) {
		s := onTerminalOf(t, nil, "client", "-conn", "10", "-port", port, "-d", "1s", "-interval", "200ms")
		s.cmd.Wait()
		s.await("round trips/s over")
		if strings.Contains(s.seen(), altScreen) {
			t.Errorf("a panel: %q", s.seen())
		}
	})
	server.cmd.Process.Signal(syscall.SIGTERM)
	server.cmd.Wait()
}

func TestProgressOfClients(t *testing.T) {
	for _, test := range []struct {
		form, format string
		interval     time.Duration // 5s: not given
		want         string        // the form, or an error
	}{
		{"", "text", 5 * time.Second, ""},
		{"", "text", time.Second, progressLine},
		{"", "text", 0, progressNone},
		{"panel", "text", time.Second, progressPanel},
		{"panel", "text", 0, progressPanel},
		{"line", "text", 5 * time.Second, progressLine},
		{"line", "text", 0, "-interval 0 cannot be combined with -progress line"},
		{"", "lines", 5 * time.Second, progressNone},
		{"none", "lines", 5 * time.Second, progressNone},
		{"panel", "lines", 5 * time.Second, "-progress panel cannot be combined with -format lines, which has its own"},
		{"bar", "text", 5 * time.Second, `-progress "bar": want one of panel, line, none`},
	} {
		p := progressFlags{form: test.form}
		err := p.ofClient(func(name string) bool {
			return name == "interval" && test.interval != 5*time.Second || name == "progress" && test.form != ""
		}, test.interval, test.format)
		got := p.form
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
