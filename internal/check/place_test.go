package check

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
)

func TestPlace(t *testing.T) {
	loss := func(lost time.Duration, hits int64) *result.Loss {
		return &result.Loss{Time: lost, Wall: 2 * time.Second, CPUs: 2, Periods: 20, Hits: hits}
	}
	for _, c := range []struct {
		name   string
		load   result.Replica
		server *result.Server
		want   map[string]result.Verdict // of each check; no more
		value  string                    // of the first that warns
	}{
		{"not known", result.Replica{}, nil, nil, ""},
		{"not known of either", result.Replica{}, &result.Server{}, nil, ""},
		{"nothing lost", result.Replica{Throttled: loss(0, 0), Steal: loss(0, 0)}, &result.Server{Throttled: loss(0, 0), Steal: loss(0, 0)},
			map[string]result.Verdict{"throttled": result.OK, "steal": result.OK}, ""},
		{"the server throttled", result.Replica{Throttled: loss(0, 0)}, &result.Server{Throttled: loss(3*time.Second, 20)},
			map[string]result.Verdict{"throttled": result.Warning}, "server: 75% of the time of 2 CPUs, in 20 of 20 periods"},
		{"the client throttled, of an older server", result.Replica{Throttled: loss(time.Second, 7)}, nil,
			map[string]result.Verdict{"throttled": result.Warning}, "client: 25% of the time of 2 CPUs, in 7 of 20 periods"},
		{"both throttled", result.Replica{Throttled: loss(time.Second, 7)}, &result.Server{Throttled: loss(4*time.Millisecond, 1)},
			map[string]result.Verdict{"throttled": result.Warning}, "server: 0.10% of the time of 2 CPUs, in 1 of 20 periods; client: 25% of the time of 2 CPUs, in 7 of 20 periods"},
		{"begun to be throttled, no time counted yet", result.Replica{Throttled: loss(0, 1)}, nil,
			map[string]result.Verdict{"throttled": result.Warning}, "client: 0.00% of the time of 2 CPUs, in 1 of 20 periods"},
		{"steal at the limit", result.Replica{Steal: loss(200*time.Millisecond, 0)}, nil, map[string]result.Verdict{"steal": result.OK}, ""},
		{"steal above it", result.Replica{Steal: loss(210*time.Millisecond, 0)}, &result.Server{Steal: loss(20*time.Millisecond, 0)},
			map[string]result.Verdict{"steal": result.Warning}, "client: 5.25% of the time of 2 CPUs"},
		{"two ticks of a short window", result.Replica{Steal: &result.Loss{Time: 20 * time.Millisecond, Wall: 100 * time.Millisecond, CPUs: 1}}, nil,
			map[string]result.Verdict{"steal": result.OK}, ""},
		{"three", result.Replica{Steal: &result.Loss{Time: 30 * time.Millisecond, Wall: 100 * time.Millisecond, CPUs: 1}}, nil,
			map[string]result.Verdict{"steal": result.Warning}, "client: 30% of the time of 1 CPU"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checks := place(c.load, c.server)
			if len(checks) != len(c.want) {
				t.Fatalf("%+v, want %v", checks, c.want)
			}
			for _, got := range checks {
				if got.Verdict != c.want[got.Name] || got.Value == "" || got.Limit == "" || (got.Fix != "") != (got.Verdict == result.Warning) {
					t.Errorf("%+v, want %v", got, c.want)
				}
				if got.Verdict == result.Warning && !strings.HasPrefix(got.Value, c.value) {
					t.Errorf("%q, want %q", got.Value, c.value)
				}
			}
			if Worst(checks) == result.Failed {
				t.Error("a place has failed a trial")
			}
		})
	}
}
