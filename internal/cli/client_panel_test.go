//go:build linux

package cli

import (
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/load"
	"c1m/internal/workload"
)

// invented is a client whose counts and times a test sets, and its panel.
type invented struct {
	*clientPanel
	snapshot load.Snapshot
	detail   load.Detail
	asked    int // how often for details
	at       time.Time
	used     time.Duration
}

func newInvented(w workload.Workload, window time.Duration) *invented {
	cfg := clientConfig{load: load.Config{
		Targets: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:8972"), netip.MustParseAddrPort("[2001:db8::1]:8972")}, Loops: 2,
		Workload: w, Timing: workload.Timing{Warmup: 2 * time.Second, Window: window},
	}}
	v := &invented{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), detail: load.Detail{Latency: hist.New(), Loops: 2}}
	v.clientPanel = newClientPanel(cfg, func() load.Snapshot { return v.snapshot }, func() load.Detail {
		v.asked++
		d := v.detail
		d.Latency = d.Latency.Clone()
		return d
	})
	v.now, v.clientPanel.used, v.entered = func() time.Time { return v.at }, func() time.Duration { return v.used }, v.at
	return v
}

// took records latencies in the window: n of each.
func (v *invented) took(n int, latencies ...time.Duration) {
	for _, latency := range latencies {
		for range n {
			v.detail.Latency.Record(int64(latency))
		}
	}
}

// second lets a second pass, with counts at its end, and returns the panel.
func (v *invented) second(phase load.Phase, connected int, replies int64, latency time.Duration, errors int64) string {
	v.snapshot = load.Snapshot{Phase: phase, Asked: v.cfg.load.Conns, Connected: connected, Replies: replies, Latency: latency, Errors: errors}
	v.sample()
	v.at, v.used = v.at.Add(time.Second), v.used+620*time.Millisecond
	return written(v.read()) + "\n"
}

// The panel of an invented client, second by second.
func TestClientPanel(t *testing.T) {
	v := newInvented(workload.Workload{Protocol: "ws", Conns: 10_000, Size: 8}, 10*time.Second)
	var b strings.Builder
	show := func(phase load.Phase, connected int, replies int64, latency time.Duration, errors int64) {
		b.WriteString(v.second(phase, connected, replies, latency, errors))
	}
	b.WriteString(written(v.read()) + "\n")
	show(load.Connecting, 0, 0, 0, 0)
	show(load.Connecting, 8_500, 0, 0, 0)
	show(load.Waiting, 10_000, 0, 0, 0)
	show(load.Priming, 10_000, 4_000, 200*time.Second, 0)
	show(load.Warming, 10_000, 144_000, 10_000*time.Second, 0)
	if v.asked > 0 {
		t.Errorf("asked for details %d times before the window", v.asked)
	}
	v.took(50_000, 10*time.Millisecond, 20*time.Millisecond, 30*time.Millisecond)
	v.took(1, 3*time.Second) // longer than all that follow
	show(load.Measuring, 10_000, 304_000, 20_000*time.Second, 0)
	show(load.Measuring, 9_998, 304_000, 20_000*time.Second, 2) // a pause: no reply
	v.took(100, 50*time.Millisecond, 60*time.Millisecond, 70*time.Millisecond)
	show(load.Measuring, 9_998, 304_300, 20_018*time.Second, 2)
	v.detail.Silent = 1
	v.took(100, 80*time.Millisecond)
	show(load.Measuring, 9_998, 304_400, 20_026*time.Second, 2)
	v.detail.Silent = 0
	v.took(900, 90*time.Millisecond)
	show(load.Measuring, 9_998, 305_300, 20_107*time.Second, 2) // with the second before
	show(load.Draining, 9_998, 464_000, 40_000*time.Second, 2)
	if v.asked != 6 {
		t.Errorf("asked for details %d times in 6 seconds since the window opened", v.asked)
	}
	golden(t, filepath.Join("testdata", "client_panel.txt"), b.String())
}

// In an open loop percentiles count since requests were due; ages of those that have no reply
// are lower bounds.
func TestClientPanelOfAnOpenLoop(t *testing.T) {
	v := newInvented(workload.Workload{Conns: 100, Size: 8, Rate: 1000}, 10*time.Second)
	v.detail.Schedule = &load.Schedule{Lateness: hist.New()}
	var b strings.Builder
	b.WriteString(v.second(load.Warming, 100, 0, 0, 0))
	b.WriteString(v.second(load.Warming, 100, 1000, time.Second, 0))
	v.took(495, time.Millisecond, 2*time.Millisecond)
	b.WriteString(v.second(load.Measuring, 100, 2000, 2*time.Second, 0))
	v.took(985, time.Millisecond)
	v.took(15, time.Second)
	v.detail.Aged = 15
	b.WriteString(v.second(load.Measuring, 85, 2985, 3*time.Second, 15))
	golden(t, filepath.Join("testdata", "client_panel_open.txt"), b.String())
}

// A window that is too short to be drawn is not disturbed; what happened in it is shown after it.
func TestClientPanelOfAShortWindow(t *testing.T) {
	v := newInvented(workload.Workload{Conns: 100, Size: 8}, watchedWindow-1)
	v.second(load.Warming, 100, 0, 0, 0)
	v.took(1000, time.Millisecond)
	before := written(v.read())
	if after := v.second(load.Measuring, 100, 1000, time.Second, 0); after != before+"\n" || v.asked > 0 {
		t.Errorf("asked %d times, and shown\n%s", v.asked, after)
	}
	if after := v.second(load.Draining, 100, 1000, time.Second, 0); !strings.Contains(after, "p50 1.00ms · p99 1.00ms · max 1.00ms since the window opened") {
		t.Errorf("after the window\n%s", after)
	}
}

// Connections that are idle have no latency.
func TestClientPanelOfIdleConnections(t *testing.T) {
	v := newInvented(workload.Workload{Conns: 100, Idle: true}, 10*time.Second)
	for _, phase := range []load.Phase{load.Warming, load.Measuring, load.Measuring} {
		if shown := v.second(phase, 100, 0, 0, 0); strings.Contains(shown, "latency") {
			t.Errorf("%s", shown)
		}
	}
}

// Memory does not grow with the length of a run.
func TestClientPanelForgets(t *testing.T) {
	v := newInvented(workload.Workload{}, time.Hour)
	for range keptSeconds + 100 {
		v.snapshot.Phase = load.Measuring
		v.sample()
		v.at = v.at.Add(time.Second)
	}
	if len(v.seconds) != keptSeconds || v.seconds[keptSeconds-1].since != (keptSeconds+99)*time.Second {
		t.Errorf("%d seconds, the last %v after the start", len(v.seconds), v.seconds[len(v.seconds)-1].since)
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
