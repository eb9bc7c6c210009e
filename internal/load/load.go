// Package load is the generator: it connects, paces, stamps and checks
// replies, and counts those of the measured window. It does not know which
// server it talks to, when all replicas are ready, or what a number means.
package load

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/usage"
)

// MaxSize is the largest message, in bytes.
const MaxSize = 1 << 20

// maxWindow bounds the memory of the 100 ms counts.
const maxWindow = 24 * time.Hour

// Config is what one replica does. Conns and Window have no default; every
// other field's zero value is a useful one.
type Config struct {
	// Targets are the server's addresses. Connections take them in turn.
	Targets []netip.AddrPort

	// Local are the source addresses, taken in turn, so that every pair of a
	// source and a target is used equally. Empty leaves the choice to the
	// kernel, which then has one port range per target. It looks through one
	// half of that range before the other (__inet_hash_connect), so
	// that beyond half of it, 14,000 connections by default, each takes ten
	// times as long: another source address is the cure.
	Local []netip.Addr

	Conns int // connections
	Loops int // event loops; 0 is one per CPU, no more than a quota lets run, and never more than Conns
	Size  int // bytes per message, 1 to MaxSize; 0 is 8

	// WebSocket says that connections are upgraded (RFC 6455) and messages are
	// frames. Size is then that of the payload.
	WebSocket bool

	// Upgrade is what the requests to upgrade say. Only with WebSocket.
	Upgrade proto.Request

	// Busy is how many of the connections carry requests, spread evenly over
	// them; 0 is all. The others stay idle, and one that the server closes is
	// an error. Idle holds all of them without a request.
	Busy int
	Idle bool

	// Push says that connections, which are WebSockets and Idle, are
	// subscribers: the server notifies them (internal/push). An operation is a
	// delivery then, and its latency counts from when it was due.
	Push bool

	// Pipeline is how many requests each busy connection has in flight, 1 to
	// MaxPipeline; 0 is 1. Not in an open loop.
	Pipeline int

	// Churn is how many connections per second, over all loops, are closed
	// and opened anew from the warm-up's start to the window's end; 0 is none.
	// Storm closes all of them in the middle of the window, and opens them at
	// once. Both only with one request in flight on each busy connection.
	Churn float64
	Storm bool

	// Replica says which of Replicas this is, from 0, so that churn goes
	// around among them and each has a schedule of its own; both 0 is the only
	// one.
	Replica, Replicas int

	// ConnectRate is new connections per second over all loops; 0 is as fast
	// as the server takes them.
	ConnectRate float64

	Warmup time.Duration // load that does not count, before the window
	Window time.Duration // load that counts

	// Rate is requests per second over all loops, due on a schedule: an open
	// loop. 0 is a closed loop: a connection's next request follows its reply.
	Rate float64

	// Arrivals is Uniform (also if empty) or Poisson. Seed and Replica draw the
	// schedule, or its shift, and Seed alone the phase of the churn: replicas of
	// one trial have one seed, and each trial has its own.
	Arrivals string
	Seed     uint64

	// Timeout is how long a request may go unanswered, and how long
	// connecting may go on without a success. 0 is 60 s.
	Timeout time.Duration

	// Drain is how long an open loop follows requests after the window, if
	// that is less than Timeout and not 0. What is unanswered then is recorded
	// at its age, which is at least that.
	Drain time.Duration
}

// Validate says what is wrong with c, in terms of its fields.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case len(c.Targets) == 0:
		return errors.New("no address to connect to")
	case c.Conns < 1:
		return fmt.Errorf("%d connections: want at least 1", c.Conns)
	case c.Loops < 1 || c.Loops > c.Conns:
		return fmt.Errorf("%d event loops: want 1 to %d, the number of connections", c.Loops, c.Conns)
	case c.Size < 1 || c.Size > MaxSize:
		return fmt.Errorf("message size %d: want 1 to %d bytes", c.Size, MaxSize)
	case c.Idle && (c.Busy != 0 || c.Rate != 0):
		return errors.New("idle connections carry no requests: want neither busy ones nor a rate")
	case c.Push && (!c.Idle || !c.WebSocket || c.Size < push.MinSize):
		return fmt.Errorf("subscribers: want idle WebSockets, and messages of at least %d bytes", push.MinSize)
	case c.WebSocket && c.Upgrade.Validate() != nil:
		return c.Upgrade.Validate()
	case c.Busy < 0 || c.Busy > c.Conns:
		return fmt.Errorf("%d busy connections: want 1 to %d, the number of connections", c.Busy, c.Conns)
	case c.Pipeline < 0 || c.Pipeline > MaxPipeline:
		return fmt.Errorf("%d requests in flight on each connection: want 1 to %d", c.Pipeline, MaxPipeline)
	case c.Pipeline > 1 && (c.Rate > 0 || c.Idle):
		return errors.New("several requests in flight on each connection: want a closed loop")
	case !(c.Churn >= 0) || c.Churn > MaxRate:
		return fmt.Errorf("churn %v: want 0 (none) or at most %d connections per second", c.Churn, int(MaxRate))
	case (c.Churn > 0 || c.Storm) && (c.Rate > 0 || c.Pipeline > 1 || c.Idle):
		return errors.New("connections that are reopened: want one request in flight on each, without a rate")
	case c.Replicas < 0 || c.Replica < 0 || c.Replica >= max(1, c.Replicas):
		return fmt.Errorf("replica %d of %d: want one from 0 on", c.Replica, c.Replicas)
	case c.Churn > 0 && c.Storm:
		return errors.New("churn and a storm: want one of the two")
	case c.Rate > 0 && c.Loops > c.Busy:
		return fmt.Errorf("%d event loops: want 1 to %d, the number of busy connections, so that each has one to offer requests on", c.Loops, c.Busy)
	case !(c.ConnectRate >= 0): // NaN as well
		return fmt.Errorf("connect rate %v: want 0 (no limit) or more", c.ConnectRate)
	case !(c.Rate >= 0) || c.Rate > MaxRate:
		return fmt.Errorf("rate %v: want 0 (a closed loop), or at most %d requests per second", c.Rate, int(MaxRate))
	case c.Rate == 0 && c.Arrivals != "":
		return fmt.Errorf("arrivals %q without a rate: a closed loop has no schedule", c.Arrivals)
	case c.Arrivals != "" && c.Arrivals != Uniform && c.Arrivals != Poisson:
		return fmt.Errorf("arrivals %q: want %s or %s", c.Arrivals, Uniform, Poisson)
	case c.Warmup < 0:
		return fmt.Errorf("warm-up %v: want 0 or more", c.Warmup)
	case c.Window <= 0 || c.Window > maxWindow:
		return fmt.Errorf("window %v: want more than 0 and at most %v", c.Window, maxWindow)
	case c.Drain < 0:
		return fmt.Errorf("drain %v: want 0 or more", c.Drain)
	case c.Timeout <= 0:
		return fmt.Errorf("timeout %v: want more than 0", c.Timeout)
	}
	for _, t := range c.Targets {
		if !t.IsValid() || t.Port() == 0 {
			return fmt.Errorf("address %v: want an IP address and a port", t)
		}
	}
	for _, l := range c.Local {
		if !l.IsValid() {
			return errors.New("source address: want an IP address")
		}
		for _, t := range c.Targets {
			if l.Unmap().Is4() != t.Addr().Unmap().Is4() {
				return fmt.Errorf("source address %v cannot reach %v: one is IPv4, the other IPv6", l, t)
			}
		}
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Size == 0 {
		c.Size = 8
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Busy == 0 && !c.Idle {
		c.Busy = c.Conns
	}
	if c.Loops == 0 {
		c.Loops = max(1, min(usage.Place().Loops(), c.Conns))
		if c.Rate > 0 {
			c.Loops = max(1, min(c.Loops, c.Busy))
		}
	}
	return c
}

// part is the connections of loop i: a run of neighbours, so that every loop
// has every target. busy of them carry requests: at least one, where there is
// one for each loop.
func (c *Config) part(i int) (first, count, busy int) {
	cut := func(i int) int { return i * c.Conns / c.Loops }
	rest := c.Busy
	for k := range c.Loops {
		rest -= min(c.Busy/c.Loops, cut(k+1)-cut(k))
	}
	for k := range i + 1 { // the rest goes to the first that have room
		first, count = cut(k), cut(k+1)-cut(k)
		busy = min(c.Busy/c.Loops, count)
		if rest > 0 && busy < count {
			busy, rest = busy+1, rest-1
		}
	}
	return first, count, busy
}

// isBusy reports whether connection i of count is one of the busy ones, which
// are spread evenly.
func isBusy(i, count, busy int) bool { return i*busy/count < (i+1)*busy/count }

// route is where connection i goes, and where it comes from. Sources change
// only when every target has had its turn, or equal counts of both would pair
// each source with one target for ever.
func (c *Config) route(i int) (netip.AddrPort, netip.Addr) {
	target := c.Targets[i%len(c.Targets)]
	if len(c.Local) == 0 {
		return target, netip.Addr{}
	}
	return target, c.Local[i/len(c.Targets)%len(c.Local)]
}
