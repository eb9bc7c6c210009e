// Package load is the generator: it connects, paces, stamps and checks
// replies, and counts those of the measured window. It does not know which
// server it talks to, when all replicas are ready, or what a number means.
package load

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"c1m/internal/usage"
	"c1m/internal/workload"
)

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

	// Workload is what the connections carry. It must be valid, and Conns is
	// at least 1.
	workload.Workload

	Loops int // event loops; 0 is one per CPU, no more than a quota lets run, and never more than Conns

	// Replica says which of Replicas this is, from 0, so that churn goes
	// around among them and each has a schedule of its own; both 0 is the only
	// one.
	Replica, Replicas int

	Warmup time.Duration // load that does not count, before the window
	Window time.Duration // load that counts

	// Seed and Replica draw the schedule of an open loop, or its shift, and Seed
	// alone the phase of the churn: replicas of one trial have one seed, and each
	// trial has its own.
	Seed uint64

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
	if err := c.Workload.Validate(); err != nil {
		return err
	}
	switch {
	case len(c.Targets) == 0:
		return errors.New("no address to connect to")
	case c.Conns < 1:
		return fmt.Errorf("%d connections: want at least 1", c.Conns)
	case c.Loops < 1 || c.Loops > c.Conns:
		return fmt.Errorf("%d event loops: want 1 to %d, the number of connections", c.Loops, c.Conns)
	case c.Replicas < 0 || c.Replica < 0 || c.Replica >= max(1, c.Replicas):
		return fmt.Errorf("replica %d of %d: want one from 0 on", c.Replica, c.Replicas)
	case c.Rate == 0 && c.RateShare > 0:
		return fmt.Errorf("rate %.4g%% of a closed loop: want requests per second", 100*c.RateShare)
	case kindOf(c.Kind()).scheduled && c.Loops > c.Busy:
		return fmt.Errorf("%d event loops: want 1 to %d, the number of busy connections, so that each has one to send requests on", c.Loops, c.Busy)
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
	c.Workload = c.Workload.WithDefaults()
	c.Busy = c.BusyConns()
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Loops == 0 {
		c.Loops = max(1, min(usage.Place().Loops(), c.Conns))
		if kindOf(c.Kind()).scheduled {
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
