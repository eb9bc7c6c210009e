package result

import (
	"slices"
	"time"
)

// During is what a server used from opened to closed, by its own account of
// what it had used at several times, in any order: cumulative figures are those
// between the times that lie in the window, memory is the growth from before the first
// connection to the last reading before the end, or the first after it, with
// the connections up. It is nil without an account of that time. Server and
// replicas must have clocks that agree.
func During(uses []Use, opened, closed time.Time) *Server {
	uses = inOrder(uses)
	end, any := lastBefore(uses, closed, func(Use) bool { return true })
	if !any || opened.Sub(end.At) > stale {
		return nil
	}
	s := &Server{Processes: end.Processes}
	s.Counted(end.Counts)
	if placed, known := lastBefore(uses, closed, func(u Use) bool { return u.Host != nil }); known {
		s.Host = placed.Host
	}
	steps := allSteps(uses)
	cpu, wall := spent(steps, opened, closed, func(s Step) (int64, bool) { return int64(s.CPU), true })
	s.CPU, s.Wall = time.Duration(cpu), wall
	switches, over := spent(steps, opened, closed, func(s Step) (int64, bool) { return valueOf(s.Switches) })
	if over > 0 && s.Wall > 0 { // those are read less often: the same rate over the same time
		n := int64(switches * float64(s.Wall) / float64(over))
		s.Switches = &n
	}
	s.User = grown(uses, closed, func(u Use) *int64 { return u.User })
	s.Kernel = grown(uses, closed, func(u Use) *int64 { return u.Kernel })
	s.Throttled, s.Steal = lost(steps, opened, closed)
	if placed, known := lastBefore(uses, closed, func(u Use) bool { return u.Place != nil }); known {
		s.Place = placed.Place
	}
	return s
}

// stale is how long before the window the last account may be. It is given
// every second: one that ended so long before is of another load.
const stale = time.Minute

// inOrder is the accounts, the earliest first.
func inOrder(uses []Use) []Use {
	return slices.SortedStableFunc(slices.Values(uses), func(a, b Use) int { return a.At.Compare(b.At) })
}

// allSteps is what accounts say of processor time, switches and losses, in order.
func allSteps(uses []Use) []Step {
	var steps []Step
	for _, u := range uses {
		steps = append(append(steps, u.Steps...), Step{u.At, u.CPU, u.Switches, u.Losses})
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b Step) int { return a.At.Compare(b.At) })
}

// Unread reports whether During lacks the memory of a server that will yet give
// it: it told how much it used before the first connection, and still has those
// of the window.
func Unread(uses []Use, closed time.Time) bool {
	uses = inOrder(uses)
	get := func(u Use) *int64 { return u.User }
	if _, told := unused(uses, closed, get); !told || grown(uses, closed, get) != nil {
		return false
	}
	return loaded(uses[len(uses)-1], mostOpen(uses, closed))
}

func valueOf(n *int64) (int64, bool) {
	if n == nil {
		return 0, false
	}
	return *n, true
}

// lastBefore is the last account with a property, not later than a time.
func lastBefore(uses []Use, t time.Time, has func(Use) bool) (Use, bool) {
	for _, u := range slices.Backward(uses) {
		if !u.At.After(t) && has(u) {
			return u, true
		}
	}
	return Use{}, false
}

// An account must cover leastShare of the window. Load begins before it and ends
// with it: so of the time between two accounts at most outside, a share of the
// window, may lie out of it.
const (
	leastShare = 0.5
	outside    = 0.05
)

// spent is by how much a cumulative figure grew between two times, and over how
// long: as much of that time as the accounts cover, each pair of neighbours
// being in the window or next to. It is nothing over no time if that is less
// than half, or if the figure fell, as it does when a process ends and its time
// is in no account.
func spent(steps []Step, from, to time.Time, get func(Step) (int64, bool)) (float64, time.Duration) {
	most := time.Duration(outside * float64(to.Sub(from)))
	var sum float64
	var covered time.Duration
	var last *Step
	var before int64
	for _, b := range steps {
		after, ok := get(b)
		if !ok {
			continue
		}
		if a := last; a != nil && b.At.After(a.At) {
			low, high := later(a.At, from), earlier(b.At, to)
			in := high.Sub(low)
			if in > 0 && after < before {
				return 0, 0
			}
			if span := b.At.Sub(a.At); in > 0 && span-in <= most {
				sum += float64(after-before) * float64(in) / float64(span)
				covered += in
			}
		}
		last, before = &b, after
	}
	if covered <= 0 || float64(covered) < leastShare*float64(to.Sub(from)) {
		return 0, 0
	}
	return sum, covered
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// held is the share of the most connections that must be open when memory is
// read: less is not the load that was asked for.
const held = 0.99

// unused is the last reading before the first connection.
func unused(uses []Use, closed time.Time, get func(Use) *int64) (Use, bool) {
	return lastBefore(uses, closed, func(u Use) bool { return u.Accepted == 0 && get(u) != nil })
}

// mostOpen is the most connections that were open until a time.
func mostOpen(uses []Use, closed time.Time) int64 {
	var most int64
	for _, u := range uses {
		if !u.At.After(closed) {
			most = max(most, u.Open)
		}
	}
	return most
}

// loaded reports whether as good as the most connections were open.
func loaded(u Use, most int64) bool { return u.Open > 0 && float64(u.Open) >= held*float64(most) }

// grown is how much more memory was in use than before the first connection, by
// the last reading before the window closed, or where a server was too busy to
// give one by the first after that; nil if there is no reading of either.
func grown(uses []Use, closed time.Time, get func(Use) *int64) *int64 {
	before, ok := unused(uses, closed, get)
	if !ok {
		return nil
	}
	most := mostOpen(uses, closed)
	read := func(u Use) bool { return loaded(u, most) && get(u) != nil }
	after, ok := lastBefore(uses, closed, read)
	if !ok {
		i := slices.IndexFunc(uses, func(u Use) bool { return u.At.After(closed) && read(u) })
		if i < 0 {
			return nil
		}
		after = uses[i]
	}
	growth := *get(after) - *get(before)
	return &growth
}
