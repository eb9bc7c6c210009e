package result

import (
	"slices"
	"time"
)

// During is what a server used from opened to closed, by its own account of
// what it had used at several times, in any order: cumulative figures are
// interpolated between the times, memory is the growth from before the first
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
	cpu, wall := spent(uses, opened, closed, func(u Use) (int64, bool) { return int64(u.CPU), true })
	s.CPU, s.Wall = time.Duration(cpu), wall
	switches, over := spent(uses, opened, closed, func(u Use) (int64, bool) { return valueOf(u.Switches) })
	if over > 0 { // those are read less often: the same rate over the same time
		s.Switches = int64(switches * float64(s.Wall) / float64(over))
	}
	s.User = grown(uses, closed, func(u Use) *int64 { return u.User })
	s.Kernel = grown(uses, closed, func(u Use) *int64 { return u.Kernel })
	return s
}

// stale is how long before the window the last account may be. It is given
// every second: one that ended so long before is of another load.
const stale = time.Minute

// inOrder is the accounts, the earliest first.
func inOrder(uses []Use) []Use {
	return slices.SortedStableFunc(slices.Values(uses), func(a, b Use) int { return a.At.Compare(b.At) })
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

// leastShare is how much of the window an account must cover.
const leastShare = 0.5

// spent is by how much a cumulative figure grew between two times, and over
// how long: all of the time between them, or as much of it as the accounts
// cover. It is nothing over no time if that is less than half, or if the
// figure fell, as it does when a process ends and takes its past with it.
func spent(uses []Use, from, to time.Time, get func(Use) (int64, bool)) (float64, time.Duration) {
	var known []Use
	for _, u := range uses {
		if _, ok := get(u); ok {
			known = append(known, u)
		}
	}
	if len(known) < 2 {
		return 0, 0
	}
	whole := to.Sub(from)
	if first := known[0].At; from.Before(first) {
		from = first
	}
	if last := known[len(known)-1].At; to.After(last) {
		to = last
	}
	if float64(to.Sub(from)) < leastShare*float64(whole) || to.Sub(from) <= 0 {
		return 0, 0
	}
	var sum float64
	for i, b := range known[1:] {
		a := known[i]
		if !b.At.After(from) || !a.At.Before(to) || !b.At.After(a.At) {
			continue
		}
		before, _ := get(a)
		after, _ := get(b)
		if after < before {
			return 0, 0
		}
		low, high := later(a.At, from), earlier(b.At, to)
		sum += float64(after-before) * float64(high.Sub(low)) / float64(b.At.Sub(a.At))
	}
	return sum, to.Sub(from)
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
