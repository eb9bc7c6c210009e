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

// WithDefaults is a workload with its defaults, which depend on its kind, in
// place of zeros, and in which what means the same is written in one way.
func (w Workload) WithDefaults() Workload {
	w.Protocol = cmp.Or(w.Protocol, proto.Echo)
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
	case Open, Searched:
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
	case w.Conns < 0:
		return fmt.Errorf("-conn %d: want at least 1", w.Conns)
	case w.Size < 1 || w.Size > MaxSize:
		return fmt.Errorf("-size %d: want 1 to %d bytes", w.Size, MaxSize)
	case w.Push && !w.Protocol.Pushes():
		return fmt.Errorf("-traffic push requires -proto %s", proto.Names(proto.Protocol.Pushes))
	case w.Push && w.Size < push.MinSize:
		return fmt.Errorf("-size %d: a notification has at least %d bytes", w.Size, push.MinSize)
	case !w.Protocol.Upgrades() && (w.WSPath != "" || w.WSProtocols != "" || w.Headers != ""):
		return fmt.Errorf("%s requires -proto %s", w.handshake(), proto.Names(proto.Protocol.Upgrades))
	case w.Protocol.Upgrades() && w.Request().Validate() != nil: // each part is well-formed: together they are too long
		return fmt.Errorf("-header: %w", w.Request().Validate())
	case w.ConnectRate > 0 && float64(w.Conns)/w.ConnectRate > Longest.Seconds():
		return fmt.Errorf("-connect-rate %v: %d connections would take more than %v; want a higher rate", w.ConnectRate, w.Conns, Longest)
	case w.Busy < 0 || w.Busy > w.Conns:
		return fmt.Errorf("-busy %d: want 1 to %d, the number of connections", w.Busy, w.Conns)
	case w.Pipeline > 1 && w.Work != (servers.Work{}) && !w.Protocol.Framed():
		// The server would do its work once for all that arrive together.
		return fmt.Errorf("-work with -pipeline requires -proto %s", proto.Names(proto.Protocol.Framed))
	case w.Pipeline < 0 || w.Pipeline > MaxPipeline:
		return fmt.Errorf("-pipeline %d: want 1 to %d requests in flight on a connection", w.Pipeline, MaxPipeline)
	case w.Arrivals != "" && w.Arrivals != Uniform && w.Arrivals != Poisson:
		return fmt.Errorf("-arrivals %s: want %s or %s", w.Arrivals, Uniform, Poisson)
	}
	for _, r := range []struct {
		flag string
		rate float64
	}{{"rate", w.Rate}, {"churn", w.Churn}, {"connect-rate", w.ConnectRate}, {"push-rate", w.PushRate}} {
		if !(r.rate >= 0) || r.rate > 1e9 { // NaN as well
			return fmt.Errorf("-%s %v: want a number per second", r.flag, r.rate)
		}
	}
	return nil
}

// handshake is the first flag that says something of the handshake.
func (w Workload) handshake() string {
	switch {
	case w.WSPath != "":
		return "-ws-path"
	case w.WSProtocols != "":
		return "-ws-protocol"
	}
	return "-header"
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
			return fmt.Errorf("-%s %.0f: want at most %.0f per second%s", r.flag, total, MaxRate*float64(n), several(n, ", %.0f for each of %d replicas", MaxRate, n))
		case r.rate > 0 && r.rate*window.Seconds() < 1:
			return fmt.Errorf("-%s %v: less than one %s in a window of %v%s; want at least %.2g, or a longer -d",
				r.flag, total, r.what, window, several(n, " for each of %d replicas", n), float64(n)/window.Seconds())
		}
	}
	if w.Busy > 0 && w.Busy < n {
		return fmt.Errorf("-busy %d: want at least one connection for each of %d replicas", w.Busy, n)
	}
	return nil
}

// several is a text where there are several replicas.
func several(n int, format string, args ...any) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(format, args...)
}
