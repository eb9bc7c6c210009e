//go:build linux

package workload

// Kind is a kind of traffic.
type Kind string

// The kinds of traffic. A workload has exactly one.
const (
	Closed    Kind = "closed"    // each busy connection always has one request in flight
	Pipelined Kind = "pipelined" // or several
	Open      Kind = "open"      // requests are due on a schedule
	Searched  Kind = "searched"  // on several, until the highest rate that keeps an objective is known
	Churn     Kind = "churn"     // a closed loop whose connections are reopened in turn
	Storm     Kind = "storm"     // or all at once
	Idle      Kind = "idle"      // no requests
	Push      Kind = "push"      // no requests; the server notifies
)

// choice is a kind of traffic and the flag that chooses it.
type choice struct {
	kind   Kind
	flag   string
	chosen func(Workload) bool
}

// choices lists every kind but Closed, which is what remains.
func choices() []choice {
	return []choice{
		{Pipelined, "pipeline", func(w Workload) bool { return w.Pipeline > 1 }},
		{Open, "rate", func(w Workload) bool { return w.Rate > 0 || w.RateShare > 0 }},
		{Searched, "slo", func(w Workload) bool { return w.SLO != "" }},
		{Churn, "churn", func(w Workload) bool { return w.Churn > 0 }},
		{Storm, "storm", func(w Workload) bool { return w.Storm }},
		{Idle, "idle", func(w Workload) bool { return w.Idle }},
		{Push, "traffic", func(w Workload) bool { return w.Push }},
	}
}

// Kinds are all of them.
func Kinds() []Kind {
	all := []Kind{Closed}
	for _, c := range choices() {
		all = append(all, c.kind)
	}
	return all
}

// Kind is the kind of traffic of a valid workload.
func (w Workload) Kind() Kind {
	for _, c := range choices() {
		if c.chosen(w) {
			return c.kind
		}
	}
	return Closed
}

// how is the flag that chooses a kind, as one writes it.
func (k Kind) how() string {
	for _, c := range choices() {
		if c.kind == k {
			if k == Push {
				return "-traffic push"
			}
			return "-" + c.flag
		}
	}
	return ""
}
