//go:build linux

package workload

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Timing is how long the phases of a replica last, and the seed of its schedule. Its JSON
// names are those of run files, which have only what all trials of a cell have in common.
type Timing struct {
	Warmup time.Duration `json:"warmup_ns"` // load before the window, not measured
	Window time.Duration `json:"window_ns"` // measured load

	// Timeout limits the time for a reply, and the time without a successful
	// connection while connecting.
	Timeout time.Duration `json:"timeout_ns"`

	// Drain is how long an open loop waits for replies after the window, if it is not 0
	// and less than Timeout. Requests without a reply by then are recorded with their
	// age.
	Drain time.Duration `json:"-"`

	// Seed and a replica's index determine the schedule of an open loop, or its shift;
	// Seed alone determines the phase of the churn. All replicas of a trial have the
	// same seed; each trial has another.
	Seed uint64 `json:"-"`
}

// Shortest is the least window: a shorter one has only a few round trips over loopback.
const Shortest = time.Millisecond

// TimingFlag is a flag of a Timing, for every command; each command has its own default. The
// arguments of replicas are made from the same table.
type TimingFlag struct {
	Name  string // without dashes
	Short string // its abbreviation, if it has one; messages use it
	Value string // the name of its value in help; empty for a duration
	Help  string // one line
	Found string // how a command without a default finds a value, as shown in help
	Side  Side

	// In returns where a timing holds the value: a *time.Duration or a *uint64.
	In func(*Timing) any

	least  time.Duration                   // 1 ns means more than 0
	passed func(t Timing, w Workload) bool // to replicas; nil: always
}

// timings lists every flag of a Timing.
func timings() []TimingFlag {
	return []TimingFlag{
		{
			Name: "duration", Short: "d", Side: Client | Run,
			Help: "measured window", Found: "from 200ms, by load",
			In: func(t *Timing) any { return &t.Window }, least: Shortest,
		}, {
			Name: "warmup", Side: Client | Run,
			Help: "load before the window", Found: "by load",
			In: func(t *Timing) any { return &t.Warmup },
		}, {
			Name: "timeout", Side: Client | Run,
			Help: "how long to wait for a reply",
			In:   func(t *Timing) any { return &t.Timeout }, least: 1,
		}, {
			Name: "drain", Side: Client,
			Help:   "how long to wait for outstanding requests after the window, if less than -timeout",
			In:     func(t *Timing) any { return &t.Drain },
			passed: func(t Timing, w Workload) bool { return t.Drain > 0 && w.Scheduled() },
		}, {
			Name: "seed", Value: "SEED", Side: Client | Run,
			Help: "for random choices", Found: "random",
			In:     func(t *Timing) any { return &t.Seed },
			passed: func(_ Timing, w Workload) bool { return w.Scheduled() || w.Churn > 0 },
		},
	}
}

// TimingFlags returns the flags of one side.
func TimingFlags(side Side) []TimingFlag {
	return slices.DeleteFunc(timings(), func(f TimingFlag) bool { return f.Side&side == 0 })
}

// Check refuses an impossible value of the flag. The error names the flag.
func (f TimingFlag) Check(t Timing) error {
	if d, is := f.In(&t).(*time.Duration); is {
		return CheckTime(cmp.Or(f.Short, f.Name), *d, f.least)
	}
	return nil
}

// Check refuses a timing that no replica can have. The error names the flag.
func (t Timing) Check() error {
	for _, f := range timings() {
		if err := f.Check(t); err != nil {
			return err
		}
	}
	return nil
}

// CheckTime refuses a duration below least or above Longest. A least of 1 ns means more
// than 0. The error names the flag.
func CheckTime(flag string, d, least time.Duration) error {
	switch {
	case d > Longest:
		return fmt.Errorf("-%s %v: want at most %v", flag, d, Longest)
	case d >= least:
		return nil
	case least > 1:
		return fmt.Errorf("-%s %v: want at least %v", flag, d, least)
	case least > 0:
		return fmt.Errorf("-%s %v: want more than 0", flag, d)
	}
	return fmt.Errorf("-%s %v: want 0 or more", flag, d)
}

// ClientArgs returns the arguments that pass a timing to replicas with a workload.
func (t Timing) ClientArgs(w Workload) []string {
	var args []string
	for _, f := range TimingFlags(Client) {
		if f.passed != nil && !f.passed(t, w) {
			continue
		}
		var text string
		switch v := f.In(&t).(type) {
		case *time.Duration:
			text = v.String()
		case *uint64:
			text = strconv.FormatUint(*v, 10)
		}
		args = append(args, "--"+f.Name+"="+text)
	}
	return args
}
