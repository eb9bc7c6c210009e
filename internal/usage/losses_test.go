//go:build linux

package usage

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"c1m/internal/proctest"
	"c1m/internal/result"
	"c1m/internal/usage/usagetest"
)

const statText = `cpu  100 0 100 800 0 0 0 60 0 0
cpu0 50 0 50 400 0 0 0 10 0 0
cpu1 50 0 50 400 0 0 0 50 0 0
`

func TestReadLosses(t *testing.T) {
	steal := func(d time.Duration) *time.Duration { return &d }
	for _, c := range []struct {
		name  string
		files map[string]string
		cpus  []int
		want  result.Losses
	}{
		{"version 1, nested groups are added", map[string]string{
			"proc/7/cgroup":                  "1:cpu:/a/b",
			"proc/stat":                      statText,
			"sys/fs/cgroup/cpu/cpu.stat":     "nr_periods 0\nnr_throttled 0\nthrottled_time 0",
			"sys/fs/cgroup/cpu/a/cpu.stat":   "nr_periods 10\nnr_throttled 4\nthrottled_time 2000000000",
			"sys/fs/cgroup/cpu/a/b/cpu.stat": "nr_periods 5\nnr_throttled 1\nthrottled_time 500000000",
		}, []int{0, 1}, result.Losses{CPUs: 2, Throttled: 2500 * time.Millisecond, Periods: 15, Hits: 5, Steal: steal(600 * time.Millisecond)}},
		{"version 2, one CPU of two", map[string]string{
			"proc/7/cgroup":            "0::/a",
			"proc/stat":                statText,
			"sys/fs/cgroup/cpu.stat":   "usage_usec 99\nuser_usec 9",
			"sys/fs/cgroup/a/cpu.stat": "usage_usec 9\nnr_periods 10\nnr_throttled 4\nthrottled_usec 2000000",
		}, []int{1}, result.Losses{CPUs: 1, Throttled: 2 * time.Second, Periods: 10, Hits: 4, Steal: steal(500 * time.Millisecond)}},
		{"nothing to read", nil, []int{0}, result.Losses{CPUs: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := lossMeterIn(tree(t, c.files), c.cpus, []int{7}).Read()
			if got.At.IsZero() {
				t.Error("no time")
			}
			if (got.Steal == nil) != (c.want.Steal == nil) || got.Steal != nil && *got.Steal != *c.want.Steal {
				t.Errorf("steal %v, want %v", got.Steal, c.want.Steal)
			}
			got.At, got.Steal, c.want.Steal = time.Time{}, nil, nil
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// throttled burns until its quota has stopped it several times, and says what
// it lost.
func throttled([]string) error {
	meter := NewLossMeter()
	before := meter.Read()
	go func() {
		for time.Now().Before(before.At.Add(time.Hour)) { // until the process ends
		}
	}()
	for {
		lost, _ := meter.Read().Since(before)
		if lost == nil || lost.Hits >= 3 {
			return json.NewEncoder(os.Stdout).Encode(lost)
		}
		time.Sleep(time.Millisecond)
	}
}

// A process under a quota of half a CPU that always runs loses time to it. It
// is the parent group that has the quota.
func TestThrottledByAQuota(t *testing.T) {
	enter := usagetest.Quota(t, 0.5)
	out, err := exec.Command("sh", "-c", enter+" && exec "+proctest.Shell("throttled")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var lost *result.Loss
	if err := json.Unmarshal(out, &lost); err != nil || lost == nil || lost.Time <= 0 || lost.Hits < 3 || lost.Periods < lost.Hits || lost.Share() <= 0 {
		t.Errorf("%v: %s", err, out)
	}
}

func BenchmarkReadLosses(b *testing.B) {
	meter := NewLossMeter()
	for b.Loop() {
		meter.Read()
	}
}
