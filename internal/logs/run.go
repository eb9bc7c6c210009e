package logs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

// run is the content of the logs about one run.
type run struct {
	merger   result.Merger
	replicas map[string]*replica
	server   account
	twice    tally
	apart    error // of the first replica that did not measure with the others
}

// replica is the data kept of one replica.
type replica struct {
	failure string
	where   string // file and line of its result
	share   *Share
}

// account is the usage reported by a server; by several, if the logs are wrong.
type account struct {
	servers []result.Ready
	more    bool // there are more than maxServers
	uses    []result.Use
	cost    int // of uses, in bytes
}

func (a *account) take(line result.Line) {
	switch {
	case line.Ready != nil:
		switch {
		case slices.Contains(a.servers, *line.Ready): // the same log twice
		case len(a.servers) == maxServers:
			a.more = true
		default:
			a.servers = append(a.servers, *line.Ready)
		}
	case line.Use != nil:
		// A truncated account counts with its full length; it is refused when
		// it is used.
		if a.cost += costOf(*line.Use); a.cost <= maxUses {
			a.uses = append(a.uses, *line.Use)
		}
	}
}

// costOf returns the approximate memory of one entry of an account, in bytes.
func costOf(u result.Use) int { return 512 + 8*len(u.PerLoop) + 48*len(u.Children) + 128*len(u.Steps) }

func (r *run) take(line result.Line, where string) {
	one := r.replicas[line.From]
	if one == nil {
		one = &replica{}
		r.replicas[line.From] = one
	}
	switch {
	case line.Failed != nil:
		one.failure = strings.ToValidUTF8(line.Failed.Message[:min(len(line.Failed.Message), maxMessage)], "")
	case line.Replica == nil:
	case one.share != nil:
		r.twice.add(fmt.Sprintf("%s (%s, %s)", line.From, one.where, where))
	default:
		one.where, one.share = where, shareOf(line.From, *line.Replica)
		if err := r.merger.Add(line.From, *line.Replica); err != nil && r.apart == nil {
			r.apart = err
		}
	}
}

// complete returns an error if the replicas' results are not complete.
func (r *run) complete(expect int) error {
	if r.twice.total > 0 {
		return problemf(ErrInput, "duplicate result: %s; pass each log once, and give each replica its own -id", r.twice.some(10, ", "))
	}
	var failed, silent []string
	names := slices.SortedFunc(maps.Keys(r.replicas), byNumber)
	for _, name := range names {
		switch one := r.replicas[name]; {
		case one.failure != "":
			failed = append(failed, name+" ("+one.failure+")")
		case one.share == nil:
			silent = append(silent, name)
		}
	}
	absent := max(0, expect-len(names))
	switch {
	case len(failed) > 0:
		return problemf(ErrIncomplete, "%s of %s failed: %s", format.Grouped(len(failed)), format.Plural(max(expect, len(names)), "replica"), some(failed))
	case len(silent) > 0:
		return problemf(ErrIncomplete, "%s of %s left no result: %s", format.Grouped(len(silent)), format.Plural(max(expect, len(names)), "replica"), some(silent))
	case len(names) == 0:
		return problemf(ErrIncomplete, "no replica is in the logs")
	case absent > 0:
		text := fmt.Sprintf("%s of %s not in the logs", format.Grouped(absent), format.Plural(expect, "replica"))
		if missing := missing(names, expect); missing != nil {
			text += ": " + some(missing)
		} else {
			text += ", which hold " + some(names)
		}
		return problemf(ErrIncomplete, "%s", text)
	case expect > 0 && len(names) > expect:
		return problemf(ErrInput, "-expect %d, but the logs contain %s: %s", expect, format.Plural(len(names), "replica"), some(names))
	case r.apart != nil:
		return problemf(ErrIncomplete, "%v", r.apart)
	}
	return nil
}

// split splits a name from the number at its end, of at most 9 digits; -1 if
// there is none.
func split(name string) (string, int) {
	end := len(name)
	for end > 0 && len(name)-end < 9 && name[end-1] >= '0' && name[end-1] <= '9' {
		end--
	}
	n, err := strconv.Atoi(name[end:])
	if err != nil {
		return name, -1
	}
	return name[:end], n
}

// byNumber puts replica-10 after replica-9.
func byNumber(a, b string) int {
	stemA, i := split(a)
	stemB, j := split(b)
	if c := strings.Compare(stemA, stemB); c != 0 {
		return c
	}
	if i != j {
		return i - j
	}
	return strings.Compare(a, b)
}

// missing returns the replicas that are not among the names, if these are clearly
// numbered from 0 or from 1.
func missing(names []string, expect int) []string {
	have := make(map[int]bool)
	stem, first := "", 1
	for i, name := range names {
		s, n := split(name)
		if n < 0 || n > expect || i > 0 && s != stem || have[n] {
			return nil
		}
		stem, have[n] = s, true
		first = min(first, n)
	}
	var list []string
	for n := first; n < first+expect; n++ {
		if !have[n] {
			list = append(list, stem+strconv.Itoa(n))
		}
	}
	return list
}

// number returns how many servers there are.
func (a account) number() string {
	if a.more {
		return fmt.Sprintf("more than %d", maxServers)
	}
	return strconv.Itoa(len(a.servers))
}

// empty reports whether there is no account.
func (a account) empty() bool { return len(a.servers) == 0 && len(a.uses) == 0 }

// of returns the server, as far as the logs name it. The accounts of several
// servers cannot be separated.
func (a account) of(load result.Replica) (result.Ready, error) {
	switch {
	case a.cost > maxUses:
		return result.Ready{}, problemf(ErrInput, "the server's log has more than %d MB of usage: pass only the part of this run", maxUses>>20)
	case len(a.servers) == 0:
		return result.Ready{}, nil
	case len(a.servers) > 1:
		var list []string
		for _, s := range a.servers {
			list = append(list, fmt.Sprintf("%s at %s (process %d)", s.Row, s.Addr, s.PID))
		}
		return result.Ready{}, problemf(ErrInput, "the logs contain %s servers: %s; pass only the log of the measured one, from one start", a.number(), some(list))
	}
	s := a.servers[0]
	if s.Protocol != "" && load.Workload.Protocol != "" && s.Protocol != load.Workload.Protocol {
		return s, problemf(ErrInput, "the server speaks %s, the replicas %s: pass the log of the measured server", s.Protocol, load.Workload.Protocol)
	}
	return s, nil
}

// Share is the contribution of one replica.
type Share struct {
	Name       string        `json:"name"`
	Asked      int           `json:"asked"`
	Active     int           `json:"active"`
	Kept       int           `json:"kept"` // connections established when the window closed
	Operations int64         `json:"operations"`
	Throughput float64       `json:"ops_per_s"`
	P99        time.Duration `json:"p99_ns"` // 0 without operations

	// Whether P99 is a lower bound, and whether fewer than ten latencies lie above.
	AtLeast  bool `json:"p99_at_least,omitempty"`
	FewAbove bool `json:"p99_few_above,omitempty"`
}

func shareOf(name string, r result.Replica) *Share {
	s := &Share{Name: name, Asked: r.Asked(), Active: r.Active, Kept: r.Kept, Operations: r.Operations, Throughput: r.Throughput()}
	if r.Latency.Count() > 0 {
		s.P99 = time.Duration(r.Latency.Quantile(0.99))
		s.AtLeast = r.Latency.AtLeast(0.99, r.Unanswered, int64(r.UnansweredFrom))
		s.FewAbove = r.Latency.FewAbove(0.99)
	}
	return s
}

// Merged is one run as one measurement.
type Merged struct {
	Run    string         `json:"run"`
	Served result.Ready   `json:"served,omitzero"` // the server, if its log is present
	Load   result.Replica `json:"load"`
	Server *result.Server `json:"server,omitempty"` // its usage in the window, from its log
	Shares []Share        `json:"replicas"`         // of each replica, by name
}

func (r *run) merged(id string) (Merged, error) {
	load, err := r.merger.Merged()
	if err != nil {
		return Merged{}, err
	}
	served, err := r.server.of(load)
	if err != nil {
		return Merged{}, err
	}
	m := Merged{Run: id, Served: served, Load: load}
	m.Server = load.Reported(r.server.uses)
	if m.Server == nil && len(r.server.uses) > 0 {
		return Merged{}, problemf(ErrInput, "the server's log does not cover the window, which opened at %s: pass the log of the measured server, and synchronize the hosts' clocks",
			load.OpenedAt.Format(time.RFC3339))
	}
	for _, name := range slices.SortedFunc(maps.Keys(r.replicas), byNumber) {
		m.Shares = append(m.Shares, *r.replicas[name].share)
	}
	return m, nil
}
