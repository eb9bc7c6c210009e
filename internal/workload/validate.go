//go:build linux

package workload

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// WithDefaults replaces zeros by defaults, which depend on the kind of traffic, and
// normalises equivalent values.
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
	case Open, Searched, Staged:
		w.Arrivals = cmp.Or(w.Arrivals, Uniform)
	}
	w.Size = cmp.Or(w.Size, DefaultSize)
	return w
}

// Validate returns what is wrong with a workload, in terms of its flags.
func (w Workload) Validate() error {
	chosen := ""
	for _, c := range choices() {
		if !c.chosen(w) {
			continue
		}
		if chosen != "" {
			return flagErrorf(c.how() + " cannot be combined with " + chosen)
		}
		chosen = c.how()
	}
	switch {
	case w.Conns < 0:
		return flagErrorf("{conn} %d: want at least 1", w.Conns)
	case w.Size < 1 || w.Size > MaxSize:
		return flagErrorf("{size} %d: want 1 to %d bytes", w.Size, MaxSize)
	case w.Push && !w.Protocol.Pushes():
		return flagErrorf("{traffic} push requires {proto} %s", proto.Names(proto.Protocol.Pushes))
	case w.Push && w.Size < push.MinSize:
		return flagErrorf("{size} %d: a notification has at least %d bytes", w.Size, push.MinSize)
	case !w.Protocol.Upgrades() && (w.WSPath != "" || w.WSProtocols != "" || w.Headers != ""):
		return flagErrorf(w.handshake()+" requires {proto} %s", proto.Names(proto.Protocol.Upgrades))
	case w.Protocol.Upgrades() && w.Request().Validate() != nil: // too long; each part by itself is valid
		return flagErrorf("{header}: %w", w.Request().Validate())
	case w.ConnectRate > 0 && float64(w.Conns)/w.ConnectRate > Longest.Seconds():
		return flagErrorf("{connect-rate} %v: %d connections would take more than %v; want a higher rate", w.ConnectRate, w.Conns, Longest)
	case w.ConnectStages != "" && w.ConnectRate > 0:
		return flagErrorf("{connect-stages} cannot be combined with {connect-rate}")
	case w.ConnectStages != "":
		if err := w.fitsConnectStages(); err != nil {
			return err
		}
	}
	switch {
	case w.Busy < 0 || w.Busy > w.Conns:
		return flagErrorf("{busy} %d: want 1 to %d, the number of connections", w.Busy, w.Conns)
	case w.Pipeline > 1 && w.Work != (servers.Work{}) && !w.Protocol.Framed():
		// The server would do its work once for several requests that arrive together.
		return flagErrorf("{work} with {pipeline} requires {proto} %s", proto.Names(proto.Protocol.Framed))
	case w.Stages != "" && w.Stages.List() == nil:
		return flagErrorf("{stages} %q: want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k,30s:1k..20k", string(w.Stages))
	case w.Pipeline < 0 || w.Pipeline > MaxPipeline:
		return flagErrorf("{pipeline} %d: want 1 to %d requests in flight on a connection", w.Pipeline, MaxPipeline)
	case w.Arrivals != "" && w.Arrivals != Uniform && w.Arrivals != Poisson:
		return flagErrorf("{arrivals} %s: want %s or %s", w.Arrivals, Uniform, Poisson)
	}
	for _, r := range []struct {
		flag string
		rate float64
	}{{"rate", w.Rate}, {"churn", w.Churn}, {"connect-rate", w.ConnectRate}, {"push-rate", w.PushRate}} {
		if !(r.rate >= 0) || r.rate > 1e9 { // NaN as well
			return flagErrorf("{"+r.flag+"} %v: want a number per second", r.rate)
		}
	}
	return nil
}

// fitsConnectStages refuses stages in which, and at whose last rate, connections are never
// opened.
func (w Workload) fitsConnectStages() error {
	list := w.ConnectStages.List()
	if list == nil {
		return flagErrorf("{connect-stages} %q: want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k,30s:1k..20k", string(w.ConnectStages))
	}
	if _, opened := w.ConnectStages.Continued().Due(float64(w.Conns - 1)); opened {
		return nil
	}
	if list[len(list)-1].To == 0 {
		return flagErrorf("{connect-stages} %s: opens %.0f of %d connections and ends at a rate of 0; want a last rate above 0, higher rates, or longer stages",
			w.ConnectStages, math.Ceil(w.ConnectStages.Count()), w.Conns)
	}
	return flagErrorf("{connect-stages} %s: %d connections would take more than %v; want a higher last rate", w.ConnectStages, w.Conns, Longest)
}

// handshake returns the first flag of the handshake.
func (w Workload) handshake() string {
	switch {
	case w.WSPath != "":
		return "{ws-path}"
	case w.WSProtocols != "":
		return "{ws-protocol}"
	}
	return "{header}"
}

// Fits refuses rates that are too high for n replicas, or too low for a window.
func (w Workload) Fits(n int, window time.Duration) error {
	each := w.Share(0, n)
	for _, r := range []struct {
		flag, what string
		rate       float64
	}{{"rate", "request", each.Rate}, {"churn", "connection", each.Churn}} {
		switch total := r.rate * float64(n); {
		case r.rate > MaxRate:
			return flagErrorf("{"+r.flag+"} %.0f: want at most %.0f per second%s", total, MaxRate*float64(n), several(n, ", %.0f for each of %d replicas", MaxRate, n))
		case r.rate > 0 && r.rate*window.Seconds() < 1:
			return flagErrorf("{"+r.flag+"} %v: less than one %s in a window of %v%s; want at least %.2g, or a longer -d",
				total, r.what, window, several(n, " for each of %d replicas", n), float64(n)/window.Seconds())
		}
	}
	switch peak, most := w.Stages.Peak(), MaxRate*float64(n); {
	case peak > most:
		return flagErrorf("{stages} %s: want at most %.0f requests per second%s", w.Stages, most, several(n, ", %.0f for each of %d replicas", MaxRate, n))
	case w.Stages != "" && w.Stages.Count() < float64(n):
		return flagErrorf("{stages} %s: less than one request for each of %d replicas; want higher rates, or longer stages", w.Stages, n)
	}
	if w.Busy > 0 && w.Busy < n {
		return flagErrorf("{busy} %d: want at least one connection for each of %d replicas", w.Busy, n)
	}
	return nil
}

// FitsWindow returns an error if a chosen window is not as long as the stages.
func (w Workload) FitsWindow(chosen time.Duration) error {
	if d := w.Stages.Length(); w.Stages != "" && chosen != d {
		return flagErrorf("-d %v cannot be combined with {stages}, which last %v; omit -d", chosen, d)
	}
	return nil
}

// several formats a text if there are several replicas.
func several(n int, format string, args ...any) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(format, args...)
}
