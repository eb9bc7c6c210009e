//go:build linux

package usage

import (
	"time"

	"github.com/prometheus/procfs"

	"c1m/internal/result"
)

// LossMeter reads the processor time that processes lose to quotas and to other
// virtual machines (steal). A reading is cheap: one small file per control group, and
// the host's counters.
type LossMeter struct {
	root   string
	groups []Group
	cpus   []int
}

// NewLossMeter returns the meter of processes; no pids means this process.
func NewLossMeter(pids ...int) LossMeter {
	pids = orSelf(pids)
	return lossMeterIn("/", setOf(pids), pids)
}

func lossMeterIn(root string, cpus, pids []int) LossMeter {
	return LossMeter{root: root, groups: Groups(root, "cpu", pids...), cpus: cpus}
}

// Read returns the losses so far.
func (m LossMeter) Read() result.Losses {
	l := result.Losses{At: time.Now(), CPUs: len(m.cpus)}
	for _, g := range m.groups {
		stat := g.Stat("cpu.stat")
		l.Throttled += time.Duration(stat["throttled_time"]) // version 1, ns
		l.Throttled += time.Duration(stat["throttled_usec"]) * time.Microsecond
		l.Periods += stat["nr_periods"]
		l.Hits += stat["nr_throttled"]
	}
	l.Steal = m.steal()
	return l
}

// steal returns the time for which other virtual machines used the CPUs; nil if the
// host does not report it.
func (m LossMeter) steal() *time.Duration {
	proc, err := procfs.NewFS(m.root + "/proc")
	if err != nil {
		return nil
	}
	stat, err := proc.Stat()
	if err != nil || len(stat.CPU) == 0 {
		return nil
	}
	var seconds float64
	for _, cpu := range m.cpus {
		seconds += stat.CPU[int64(cpu)].Steal
	}
	sum := time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	return &sum
}
