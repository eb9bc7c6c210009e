//go:build linux

package cli

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"c1m/internal/check"
	"c1m/internal/hist"
	"c1m/internal/load"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestWriteChecks(t *testing.T) {
	var b bytes.Buffer
	writeChecks(&b, []result.Check{
		{Name: "connected", Verdict: result.OK, Value: "10 of 10", Limit: "every connection asked for", Fix: "none is needed"},
		{Name: "sustained", Verdict: result.Failed, Value: "not sustained: 100/s of 10000/s, backlog +4950 of 5000 due",
			Limit: "replies for 95% of the requests due, and a backlog that grows by less than 5% of them", Fix: "a lower rate"},
	})
	const want = `failed  sustained  not sustained: 100/s of 10000/s, backlog +4950 of 5000 due
                   (replies for 95% of the requests due, and a backlog that
                   grows by less than 5% of them)
                   a lower rate
ok      connected  10 of 10 (every connection asked for)
`
	if got := b.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Rates below one a second are told as they are.
func TestClientTextOfSlowRates(t *testing.T) {
	r := result.Replica{
		Window: 10 * time.Second, Operations: 4, Due: 4, Workload: workload.Workload{Conns: 10, Rate: 0.4}, Active: 4,
		Latency: hist.New(), Raw: hist.New(), Lateness: hist.New(),
	}
	var b bytes.Buffer
	writeTraffic(&b, clientConfig{load: load.Config{Workload: workload.Workload{Arrivals: workload.Uniform}}}, r)
	for _, want := range []string{"round trips/s  0.4  (4 in 10s)\n", "offered/s      0.4, uniform  (4 due;"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	writePushed(&b, r)
	if want := "deliveries/s   0.4  (4 in 10s, 0 missing)\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
}

// Whatever a client measures and however wrong it goes, its text stays within
// 80 columns.
func TestClientTextIsNarrow(t *testing.T) {
	const most = 123456789
	failed := result.Replica{
		Workload: workload.Workload{Conns: most}, Connected: most - 1, Active: most - 2, Late: 100 * time.Hour,
		Operations: most, RawSum: 100 * time.Hour, Outstanding: most, Samples: 100, Skew: time.Minute, Apart: time.Hour,
		Window: 100 * time.Second, Opened: time.Second,
		Latency: hist.New(), Connect: hist.New(), Upgrade: hist.New(), Reconnect: hist.New(), Raw: hist.New(), Lateness: hist.New(),
		Errors: map[string]int64{"closed": most, "reset": most, "timed out": most, "unasked bytes": most, "unconnected": most, "upgrade": most, "wrong bytes": most},
	}
	late := failed
	for range 100 {
		failed.Latency.Record(int64(50 * time.Second))
		failed.Lateness.Record(int64(50 * time.Second))
	}
	late.Latency, late.Lateness = hist.New(), hist.New()
	var targets []netip.AddrPort
	for range 10 {
		targets = append(targets, netip.MustParseAddrPort("127.100.100.100:65535"))
	}
	for name, change := range map[string]func(*load.Config, *result.Replica){
		"closed loop": func(*load.Config, *result.Replica) {},
		"open loop": func(c *load.Config, r *result.Replica) {
			c.Rate, c.Arrivals = 1e6, workload.Poisson
			r.Workload.Rate, r.Due, r.BacklogClosed, r.Unanswered = 1e6, most, most, most
		},
		"push":  func(c *load.Config, r *result.Replica) { c.Push, r.Workload.Push = true, true },
		"idle":  func(c *load.Config, _ *result.Replica) { c.Idle = true },
		"churn": func(c *load.Config, r *result.Replica) { c.Churn, r.Workload.Churn = most, most },
		"storm": func(c *load.Config, r *result.Replica) {
			c.Storm = true
			r.Storm = &result.Storm{Silent: most, Failures: most, Abandoned: most, Recovered: time.Minute}
		},
	} {
		for _, r := range []result.Replica{failed, late} {
			cfg := clientConfig{load: load.Config{Targets: targets, Workload: workload.Workload{Conns: most, Size: workload.MaxSize, Protocol: proto.WebSocket}, Loops: most, Timing: workload.Timing{Warmup: time.Hour, Window: 100 * time.Second}}}
			change(&cfg.load, &r)
			var b bytes.Buffer
			writeClientText(&b, cfg, r, check.Trial(cfg.cell(), r))
			for line := range strings.Lines(b.String()) {
				if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
					t.Errorf("%s: more than 80 columns: %s", name, line)
				}
			}
		}
	}
}
