//go:build linux

package workload

import (
	"cmp"
	"fmt"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// plain is the workload without a flag.
func plain() Workload {
	return Workload{Protocol: proto.Echo}
}

// normal gives a workload the defaults that depend on its kind, and writes what
// is the same in one way.
func (w Workload) normal() Workload {
	if w.Pipeline == 1 {
		w.Pipeline = 0
	}
	if w.Busy == w.Conns {
		w.Busy = 0
	}
	switch w.Kind() {
	case Push:
		w.Size = cmp.Or(w.Size, push.MinSize)
		w.PushRate = cmp.Or(w.PushRate, 1)
		w.PushEvery = cmp.Or(w.PushEvery, 1)
		w.PushSlow = cmp.Or(w.PushSlow, push.Drop)
	case Open:
		w.Arrivals = cmp.Or(w.Arrivals, Uniform)
	}
	w.Size = cmp.Or(w.Size, DefaultSize)
	return w
}

// Validate says what is wrong with a workload, in terms of its flags.
func (w Workload) Validate() error {
	chosen := ""
	for _, c := range choices() {
		if !c.chosen(w) {
			continue
		}
		if chosen != "" {
			return fmt.Errorf("%s cannot be combined with %s", c.kind.how(), chosen)
		}
		chosen = c.kind.how()
	}
	switch {
	case w.Conns < 1:
		return fmt.Errorf("-conn %d: want at least 1", w.Conns)
	case w.Size < 1 || w.Size > MaxSize:
		return fmt.Errorf("-size %d: want 1 to %d bytes", w.Size, MaxSize)
	case w.Push && !w.Protocol.Pushes():
		return fmt.Errorf("-traffic push requires -proto %s", proto.Names(proto.Protocol.Pushes))
	case w.Push && w.Size < push.MinSize:
		return fmt.Errorf("-size %d: a notification has at least %d bytes", w.Size, push.MinSize)
	case w.Busy < 0 || w.Busy > w.Conns:
		return fmt.Errorf("-busy %d: want 1 to %d, the number of connections", w.Busy, w.Conns)
	case w.Pipeline > 1 && w.Work != (servers.Work{}) && !w.Protocol.Framed():
		// The server would do its work once for all that arrive together.
		return fmt.Errorf("-work with -pipeline requires -proto %s", proto.Names(proto.Protocol.Framed))
	case !(w.ConnectRate >= 0):
		return fmt.Errorf("-connect-rate %v: want 0 (no limit) or more", w.ConnectRate)
	}
	return nil
}

// Fits refuses rates that n replicas cannot make, or that a window cannot show.
func (w Workload) Fits(n int, window time.Duration) error {
	each := w.Share(0, n)
	for _, r := range []struct {
		flag, what string
		rate       float64
	}{{"rate", "request", each.Rate}, {"churn", "connection", each.Churn}} {
		switch total := r.rate * float64(n); {
		case r.rate > MaxRate:
			return fmt.Errorf("-%s %.0f: want at most %.0f per second for each replica; use more -replicas", r.flag, total, float64(MaxRate))
		case r.rate > 0 && r.rate*window.Seconds() < 1:
			return fmt.Errorf("-%s %v: less than one %s for each replica in a window of %v; use a higher rate or a longer -d", r.flag, total, r.what, window)
		}
	}
	if w.Busy > 0 && w.Busy < n {
		return fmt.Errorf("-busy %d: want at least one connection for each of %d replicas", w.Busy, n)
	}
	return nil
}
