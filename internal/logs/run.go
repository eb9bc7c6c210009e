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

// run is what the logs said of one run.
type run struct {
	merger   result.Merger
	replicas map[string]*replica
	server   account
	twice    tally
	apart    error // of the first replica that did not measure with the others
}

// replica is what is kept of one.
type replica struct {
	failure string
	where   string // its result stood
	share   *Share
}

// account is what a server said; or, which must not be, several.
type account struct {
	servers []result.Ready
	more    bool // than maxServers
	uses    []result.Use
	cost    int // of uses, in bytes
}

func (a *account) take(line result.Line) {
	switch {
	case line.Ready != nil:
		switch {
		case slices.Contains(a.servers, *line.Ready): // a log that came twice says nothing new
		case len(a.servers) == maxServers:
			a.more = true
		default:
			a.servers = append(a.servers, *line.Ready)
		}
	case line.Use != nil:
		// An account that was cut off is as long as one that was not: it is
		// refused when it is used.
		if a.cost += costOf(*line.Use); a.cost <= maxUses {
			a.uses = append(a.uses, *line.Use)
		}
	}
}

// costOf is about how many bytes keeping an account of one time takes.
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

// complete says what is wrong with the replicas' results.
func (r *run) complete(expect int) error {
	if r.twice.total > 0 {
		return problemf(ErrInput, "a result came twice: %s; give each log once, and each replica an -id of its own", r.twice.some(10, ", "))
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
		return problemf(ErrInput, "-expect %d, but the logs hold %s: %s", expect, format.Plural(len(names), "replica"), some(names))
	case r.apart != nil:
		return problemf(ErrIncomplete, "%v", r.apart)
	}
	return nil
}

// split is a name without the number at its end, of at most 9 digits, and that
// number; -1 if there is none.
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

// missing names the replicas that are not among the names, if those are
// numbered from 0 or from 1 without a doubt.
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

// number is how many servers there are.
func (a account) number() string {
	if a.more {
		return fmt.Sprintf("more than %d", maxServers)
	}
	return strconv.Itoa(len(a.servers))
}

// empty says whether there is no account.
func (a account) empty() bool { return len(a.servers) == 0 && len(a.uses) == 0 }

// of is the server, as far as the logs name it. The accounts of several cannot
// be told apart.
func (a account) of(load result.Replica) (result.Ready, error) {
	switch {
	case a.cost > maxUses:
		return result.Ready{}, problemf(ErrInput, "the server's log says for more than %d MB what it used: give that of the run alone", maxUses>>20)
	case len(a.servers) == 0:
		return result.Ready{}, nil
	case len(a.servers) > 1:
		var list []string
		for _, s := range a.servers {
			list = append(list, fmt.Sprintf("%s at %s (process %d)", s.Row, s.Addr, s.PID))
		}
		return result.Ready{}, problemf(ErrInput, "the logs hold %s servers: %s; give the log of the one that was measured, and of one life of it", a.number(), some(list))
	}
	s := a.servers[0]
	if s.Protocol != "" && load.Workload.Protocol != "" && s.Protocol != load.Workload.Protocol {
		return s, problemf(ErrInput, "the server speaks %s, the replicas %s: give the log of the one that was measured", s.Protocol, load.Workload.Protocol)
	}
	return s, nil
}

// Share is what one replica contributed.
type Share struct {
	Name       string        `json:"name"`
	Asked      int           `json:"asked"`
	Active     int           `json:"active"`
	Kept       int           `json:"kept"` // connections up when the window closed
	Operations int64         `json:"operations"`
	Throughput float64       `json:"ops_per_s"`
	P99        time.Duration `json:"p99_ns"` // 0 without operations

	// Whether P99 is a lower bound, and whether fewer than ten latencies lie above.
	AtLeast  bool `json:"p99_at_least,omitempty"`
	FewAbove bool `json:"p99_few_above,omitempty"`
}

func shareOf(name string, r result.Replica) *Share {
	s := &Share{Name: name, Asked: r.Asked, Active: r.Active, Kept: r.Kept, Operations: r.Operations, Throughput: r.Throughput()}
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
	Served result.Ready   `json:"served,omitzero"` // by what, if the server's log is there
	Load   result.Replica `json:"load"`
	Server *result.Server `json:"server,omitempty"` // what it used in the window, by its log
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
	m.Server = result.During(r.server.uses, load.OpenedAt, load.OpenedAt.Add(load.Window))
	if m.Server == nil && len(r.server.uses) > 0 {
		return Merged{}, problemf(ErrInput, "the server's log is of another time than the window, which opened at %s: give that of the server that was measured; hosts must agree on the time",
			load.OpenedAt.Format(time.RFC3339))
	}
	for _, name := range slices.SortedFunc(maps.Keys(r.replicas), byNumber) {
		m.Shares = append(m.Shares, *r.replicas[name].share)
	}
	return m, nil
}
