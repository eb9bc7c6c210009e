package report

import (
	"slices"

	"c1m/internal/result"
	"c1m/internal/stat"
)

// Summarise computes the table of a run. Every complete trial is a sample,
// believable or not: to leave out the ones that failed a check would be to
// choose. Medians are over trials; a p99 is the median of the trials' p99.
func Summarise(run result.Run) Table {
	h := run.Header
	t := Table{
		Run:         h.Run,
		Command:     h.Command,
		Started:     h.Started,
		Engine:      h.Engine,
		Seed:        h.Seed,
		Rounds:      h.Rounds,
		Truncated:   run.Truncated,
		Environment: h.Environment,

		ServerPlaces: placesOf(run.Trials, ServerPlaces),
		ClientPlaces: placesOf(run.Trials, ClientPlaces),

		Work: h.Work,
		Rows: []Row{},
	}
	ceilings := ceilingByRound(run)
	var samples []float64
	trials := make([][]result.Trial, len(h.Cells))
	for _, trial := range run.Trials {
		if trial.Cell < 0 || trial.Cell >= len(h.Cells) {
			continue // Read refuses such a file; a Run made in memory may hold anything
		}
		trials[trial.Cell] = append(trials[trial.Cell], trial)
		if h.Cells[trial.Cell].Kind != result.KindCeiling {
			continue
		}
		if ceiling := ceilings[trial.Round]; ceiling != nil {
			samples = append(samples, *ceiling)
		} else {
			t.CeilingFailures = addFailure(t.CeilingFailures, trial)
		}
	}
	t.Ceiling = ValueOf(samples)
	t.Disturbed = ceilings.disturbed(run)
	for i, cell := range h.Cells {
		if cell.Kind != result.KindCeiling {
			t.Rows = append(t.Rows, summariseRow(h, cell, trials[i], ceilings))
		}
	}
	t.Tried = tried(t.Rows, trials, h.Cells)
	return t
}

func summariseRow(h result.Header, cell result.Cell, trials []result.Trial, ceilings ceilingOf) Row {
	row := Row{
		Cell:     cell,
		Trials:   len(trials),
		Problems: problems(trials),
		Failures: []Failure{},
		Samples:  []Sample{},

		ServerPlaces: placesOf(trials, ServerPlaces),
		ClientPlaces: placesOf(trials, ClientPlaces),
	}
	if cell.SLO != "" {
		trials = row.searched(trials)
	}
	for _, trial := range trials {
		row.Lengthened = max(row.Lengthened, trial.Window)
		for _, c := range trial.Checks {
			row.Shared = row.Shared || c.Verdict == result.Shared
		}
		if trial.Server != nil {
			row.Printed = max(row.Printed, trial.Server.Printed)
		}
		if !complete(trial) {
			row.Failures = addFailure(row.Failures, trial)
			continue
		}
		s := sample(cell, trial)
		if bounds(h, cell) {
			s.CeilingShare = ratio(s.Throughput, ceilings[trial.Round])
		}
		row.Samples = append(row.Samples, s)
	}
	row.Complete = len(row.Samples)
	row.Metrics = summariseMetrics(row.Samples)
	for i, s := range row.Samples {
		row.Unanswered += s.Unanswered
		if i == 0 || s.Latencies < row.Latencies {
			row.Latencies = s.Latencies
		}
		if !cell.Idle {
			row.Active = least(row.Active, &s.Active)
		}
		row.Kept = least(row.Kept, s.Kept)
		row.LoopLeast = least(row.LoopLeast, s.LoopLeast)
		row.LoopMost = most(row.LoopMost, s.LoopMost)
		row.Dropped = most(row.Dropped, s.Dropped)
		row.Disconnected = most(row.Disconnected, s.Disconnected)
		row.Throttled = most(row.Throttled, s.Throttled)
		row.Steal = most(row.Steal, s.Steal)
	}
	return row
}

func summariseMetrics(samples []Sample) Metrics[*Value] {
	over := func(get func(Sample) *float64) *Value {
		var all []float64
		for _, s := range samples {
			all = appendFinite(all, get(s))
		}
		return ValueOf(all)
	}
	latency := func(name string, get func(Sample) *float64) *Value {
		return bounded(over(get), samples, name, get)
	}
	return Metrics[*Value]{
		Offered:      over(func(s Sample) *float64 { return s.Offered }),
		Throughput:   over(func(s Sample) *float64 { return s.Throughput }),
		Bytes:        over(func(s Sample) *float64 { return s.Bytes }),
		P50:          latency("p50_ns", func(s Sample) *float64 { return s.P50 }),
		P90:          latency("p90_ns", func(s Sample) *float64 { return s.P90 }),
		P99:          latency("p99_ns", func(s Sample) *float64 { return s.P99 }),
		P999:         latency("p999_ns", func(s Sample) *float64 { return s.P999 }),
		Max:          latency("max_ns", func(s Sample) *float64 { return s.Max }),
		RawP50:       latency("raw_p50_ns", func(s Sample) *float64 { return s.RawP50 }),
		RawP99:       latency("raw_p99_ns", func(s Sample) *float64 { return s.RawP99 }),
		RawP999:      latency("raw_p999_ns", func(s Sample) *float64 { return s.RawP999 }),
		Lateness:     latency("lateness_p99_ns", func(s Sample) *float64 { return s.Lateness }),
		BacklogFirst: over(func(s Sample) *float64 { return s.BacklogFirst }),
		BacklogLast:  over(func(s Sample) *float64 { return s.BacklogLast }),
		ServerCPU:    over(func(s Sample) *float64 { return s.ServerCPU }),
		GeneratorCPU: over(func(s Sample) *float64 { return s.GeneratorCPU }),
		BothCPU:      over(func(s Sample) *float64 { return s.BothCPU }),
		User:         over(func(s Sample) *float64 { return s.User }),
		Kernel:       over(func(s Sample) *float64 { return s.Kernel }),
		CeilingShare: over(func(s Sample) *float64 { return s.CeilingShare }),
		ConnectRate:  over(func(s Sample) *float64 { return s.ConnectRate }),
		ConnectP99:   latency("connect_p99_ns", func(s Sample) *float64 { return s.ConnectP99 }),
		UpgradeRate:  over(func(s Sample) *float64 { return s.UpgradeRate }),
		UpgradeP50:   latency("upgrade_p50_ns", func(s Sample) *float64 { return s.UpgradeP50 }),
		UpgradeP99:   latency("upgrade_p99_ns", func(s Sample) *float64 { return s.UpgradeP99 }),
		Reopened:     over(func(s Sample) *float64 { return s.Reopened }),
		ReconnectP99: latency("reconnect_p99_ns", func(s Sample) *float64 { return s.ReconnectP99 }),
		Recovered:    over(func(s Sample) *float64 { return s.Recovered }),
		FailedDials:  over(func(s Sample) *float64 { return s.FailedDials }),
		Peak:         over(func(s Sample) *float64 { return s.Peak }),
		Switches:     over(func(s Sample) *float64 { return s.Switches }),
		ShareLeast:   over(func(s Sample) *float64 { return s.ShareLeast }),
		ShareP25:     over(func(s Sample) *float64 { return s.ShareP25 }),
		ShareP50:     over(func(s Sample) *float64 { return s.ShareP50 }),
		ShareP75:     over(func(s Sample) *float64 { return s.ShareP75 }),
		ShareMost:    over(func(s Sample) *float64 { return s.ShareMost }),
		JainFairness: over(func(s Sample) *float64 { return s.JainFairness }),
	}
}

// ValueOf summarises samples; nil if there are none. They must be finite.
func ValueOf(samples []float64) *Value {
	if len(samples) == 0 {
		return nil
	}
	s := stat.Summarise(samples)
	v := &Value{N: s.N, Median: s.Median, Least: slices.Min(samples), Most: slices.Max(samples)}
	if s.Interval {
		v.Low, v.High = finite(s.Low), finite(s.High)
	}
	return v
}

// tried counts the rounds in which every row had a trial, apart from rows that
// were given up because their server does not start.
func tried(rows []Row, trials [][]result.Trial, cells []result.Cell) int {
	seen := make(map[int]int) // round → rows with a trial in it
	want := len(rows)
	for i, of := range trials {
		if cells[i].Kind == result.KindCeiling {
			continue
		}
		rounds := make(map[int]bool)
		for _, trial := range of {
			rounds[trial.Round] = true
		}
		if unstarted(of) {
			want--
			continue
		}
		for round := range rounds {
			seen[round]++
		}
	}
	n := 0
	for _, have := range seen {
		if have == want {
			n++
		}
	}
	return n
}

// unstarted reports whether a cell was given up because its server does not
// start.
func unstarted(trials []result.Trial) bool {
	return slices.ContainsFunc(trials, func(t result.Trial) bool { return t.Unstarted })
}

// addFailure counts a trial without a measurement. Its reason is said once,
// however often it came.
func addFailure(failures []Failure, trial result.Trial) []Failure {
	message := trial.Failure
	if message == "" {
		message = "no reason was recorded"
	}
	for i := range failures {
		if SameReason(failures[i].Message, message) {
			failures[i].Rounds++
			return failures
		}
	}
	return append(failures, Failure{Message: message, Rounds: 1, First: trial.Round, Unstarted: trial.Unstarted})
}

func least[T int | int64](a, b *T) *T {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func most[T int | int64 | float64](a, b *T) *T {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
