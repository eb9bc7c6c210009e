//go:build linux

package workload

import (
	"strings"

	"c1m/internal/format"
	"c1m/internal/push"
)

// Kind is a kind of traffic.
type Kind string

// The kinds of traffic. A workload has exactly one.
const (
	Closed    Kind = "closed"    // each busy connection always has one request in flight
	Pipelined Kind = "pipelined" // or several
	Open      Kind = "open"      // requests are due on a schedule
	Searched  Kind = "searched"  // several rates, to find the highest that meets an objective
	Staged    Kind = "staged"    // requests are due at rates that change with time
	Churn     Kind = "churn"     // a closed loop whose connections are reopened in turn
	Storm     Kind = "storm"     // or all at once
	Idle      Kind = "idle"      // no requests
	Push      Kind = "push"      // no requests; the server sends notifications
)

// choice is a kind of traffic, the flag that chooses it, and its description.
type choice struct {
	kind   Kind
	flag   string
	value  string // of the flag; empty: any
	chosen func(Workload) bool
	brief  func(Workload) string // for a note
	rest   func(Workload) string // follows brief in a heading; nil: nothing
	label  func(Workload) string // as short as possible
}

// choices lists every kind except Closed, the default.
func choices() []choice {
	says := func(text string) func(Workload) string { return func(Workload) string { return text } }
	return []choice{
		{
			kind: Pipelined, flag: "pipeline", chosen: func(w Workload) bool { return w.Pipeline > 1 },
			brief: func(w Workload) string { return format.Exact(w.Pipeline) + " in flight each" },
			label: func(w Workload) string { return format.Exact(w.Pipeline) + "deep" },
		}, {
			kind: Open, flag: "rate", chosen: func(w Workload) bool { return w.Rate > 0 || w.RateShare > 0 },
			brief: func(w Workload) string { return "at " + w.rate() },
			rest: func(w Workload) string {
				if w.Rate == 0 {
					return " of its closed loop" + w.arriving()
				}
				return w.arriving()
			},
			label: Workload.rate,
		}, {
			kind: Searched, flag: "slo", chosen: func(w Workload) bool { return w.SLO != "" },
			brief: says(""),
			rest: func(w Workload) string {
				return "highest rate with " + strings.Replace(w.SLO, "=", " ≤ ", 1) + w.arriving()
			},
			label: func(w Workload) string { return strings.Replace(w.SLO, "=", "≤", 1) },
		}, {
			kind: Staged, flag: "stages", chosen: func(w Workload) bool { return w.Stages != "" },
			brief: says("in stages"),
			rest:  func(w Workload) string { return " " + w.Stages.spaced() + w.arriving() },
			label: says("stages"),
		}, {
			kind: Churn, flag: "churn", chosen: func(w Workload) bool { return w.Churn > 0 },
			brief: func(w Workload) string { return format.Chosen(w.Churn) + " reopened" },
			label: func(w Workload) string { return "churn" + format.Chosen(w.Churn) },
		}, {
			kind: Storm, flag: "storm", chosen: func(w Workload) bool { return w.Storm },
			brief: says("all reopened in mid-window"),
			label: says("storm"),
		}, {
			kind: Idle, flag: "idle", chosen: func(w Workload) bool { return w.Idle },
			brief: says("idle"),
			label: says("idle"),
		}, {
			kind: Push, flag: "traffic", value: "push", chosen: func(w Workload) bool { return w.Push },
			brief: Workload.notified,
			label: func(w Workload) string { return strings.ReplaceAll(w.notified(), " ", "·") },
		},
	}
}

// Kinds returns all kinds.
func Kinds() []Kind {
	all := []Kind{Closed}
	for _, c := range choices() {
		all = append(all, c.kind)
	}
	return all
}

// choice returns the kind of traffic of a valid workload; nil for a closed loop.
func (w Workload) choice() *choice {
	for _, c := range choices() {
		if c.chosen(w) {
			return &c
		}
	}
	return nil
}

// Kind returns the kind of traffic of a valid workload.
func (w Workload) Kind() Kind {
	if c := w.choice(); c != nil {
		return c.kind
	}
	return Closed
}

// Words returns the kind of traffic for a heading, such as "at 50% of its closed loop";
// empty for a closed loop.
func (w Workload) Words() string {
	c := w.choice()
	if c != nil && c.rest != nil {
		return c.brief(w) + c.rest(w)
	}
	return w.Brief()
}

// Brief returns the kind of traffic for a note, such as "at 50%"; empty for a closed loop,
// and for a search, since all cells of a run have the same.
func (w Workload) Brief() string {
	if c := w.choice(); c != nil {
		return c.brief(w)
	}
	return ""
}

// Label returns the kind of traffic in as few characters as possible, such as "10k/s";
// empty for a closed loop.
func (w Workload) Label() string {
	if c := w.choice(); c != nil {
		return c.label(w)
	}
	return ""
}

// rate returns the rate of an open loop; until it is known, its share of the closed loop's
// throughput.
func (w Workload) rate() string {
	if w.Rate > 0 {
		return format.Rate(w.Rate)
	}
	return format.Percent(w.RateShare)
}

// arriving returns how requests arrive in an open loop, if not uniformly.
func (w Workload) arriving() string {
	if w.Arrivals == "" || w.Arrivals == Uniform {
		return ""
	}
	return ", " + w.Arrivals
}

// notified describes the notifications.
func (w Workload) notified() string {
	share := "all"
	if w.PushEvery > 1 {
		share = format.Percent(1 / float64(w.PushEvery))
	}
	text := "pushed " + format.Rate(w.PushRate) + " to " + share
	if w.PushSlow != "" && w.PushSlow != push.Drop {
		text += ", the slow " + string(w.PushSlow) + "ed"
	}
	return text
}

// how returns the flag that chooses the kind, as on a command line.
func (c choice) how() string {
	if c.value == "" {
		return "{" + c.flag + "}"
	}
	return "{" + c.flag + "} " + c.value
}

// how returns the flag that chooses a kind, as on a command line.
func (k Kind) how() string {
	for _, c := range choices() {
		if c.kind == k {
			return c.how()
		}
	}
	return ""
}
