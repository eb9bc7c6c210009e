package result

import (
	"slices"
	"time"
)

// During computes a server's usage from opened to closed from its reports, in any
// order. Cumulative figures are differences within the window. Memory is the
// growth from before the first connection to the last reading before the end, or
// else the first after it, while the connections are open. It is nil without
// reports of that time. The clocks of server and replicas must agree.
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
	if over > 0 && s.Wall > 0 { // switches are read less often: scale them to the same time
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

// stale is the greatest age of the last report when the window opens. Reports come
// every second: if they ended earlier, they belong to another load.
const stale = time.Minute

// inOrder sorts reports by time.
func inOrder(uses []Use) []Use {
	return slices.SortedStableFunc(slices.Values(uses), func(a, b Use) int { return a.At.Compare(b.At) })
}

// allSteps returns the steps of all reports, and the reports as steps, in order.
func allSteps(uses []Use) []Step {
	var steps []Step
	for _, u := range uses {
		steps = append(append(steps, u.Steps...), Step{At: u.At, CPU: u.CPU, Switches: u.Switches, Losses: u.Losses})
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b Step) int { return a.At.Compare(b.At) })
}

// Unread reports whether During lacks the server's memory but a later report can
// still supply it: there is a reading from before the first connection, and the
// connections of the window are still open.
func Unread(uses []Use, closed time.Time) bool {
	uses = inOrder(uses)
	get := func(u Use) *int64 { return u.User }
	if _, known := unused(uses, closed, get); !known || grown(uses, closed, get) != nil {
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

// lastBefore returns the last report with a property, not later than a time.
func lastBefore(uses []Use, t time.Time, has func(Use) bool) (Use, bool) {
	for _, u := range slices.Backward(uses) {
		if !u.At.After(t) && has(u) {
			return u, true
		}
	}
	return Use{}, false
}

// Reports must cover leastShare of the window. Because the load starts before the
// window and ends with it, at most outside, a share of the window, of the interval
// between two reports may lie outside the window.
const (
	leastShare = 0.5
	outside    = 0.05
)

// spent returns the growth of a cumulative figure between two times, and the part
// of that time that the reports cover. Both are 0 if they cover less than
// leastShare, or if the figure fell, as when a process exits and its time is
// lost.
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

// held is the share of the largest number of connections that must be open when
// memory is read.
const held = 0.99

// unused returns the last reading before the first connection.
func unused(uses []Use, closed time.Time, get func(Use) *int64) (Use, bool) {
	return lastBefore(uses, closed, func(u Use) bool { return u.Accepted == 0 && get(u) != nil })
}

// mostOpen returns the largest number of open connections up to a time.
func mostOpen(uses []Use, closed time.Time) int64 {
	var most int64
	for _, u := range uses {
		if !u.At.After(closed) {
			most = max(most, u.Open)
		}
	}
	return most
}

// loaded reports whether nearly all connections were open.
func loaded(u Use, most int64) bool { return u.Open > 0 && float64(u.Open) >= held*float64(most) }

// grown returns the growth of memory since before the first connection: up to the
// last reading before the window closed, or, if the server was too busy for one,
// the first after it; nil without these readings.
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
