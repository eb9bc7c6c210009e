// Package load is the generator: it connects, paces and stamps requests, checks replies,
// and counts those of the window. It does not depend on the server, other replicas, or
// the meaning of numbers.
package load

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"c1m/internal/usage"
	"c1m/internal/workload"
)

// Config is the configuration of one replica. Conns and Window have no default; the
// other fields have a useful zero value.
type Config struct {
	// Targets are the server's addresses, used in turn.
	Targets []netip.AddrPort

	// Local are the source addresses, used in turn, so that every pair of source and
	// target is used equally. If empty, the kernel chooses, with one port range per
	// target. It searches one half of that range before the other
	// (__inet_hash_connect), so each connection after the first 14,000, half of the
	// default range, takes ten times as long. More source addresses avoid that.
	Local []netip.Addr

	// Workload is what the connections carry. It must be valid, and Conns is
	// at least 1.
	workload.Workload

	Loops int // event loops, at most Conns; 0: one per usable CPU (quota included)

	// Replica is the index of this replica among Replicas, from 0: each has its own
	// turns of churn and its own schedule. Both are 0 if there is only one.
	Replica, Replicas int

	// Timing is when the replica does what. A Timeout of 0 is 60 s.
	workload.Timing
}

// Validate returns what is wrong with c, in terms of flags and its fields.
func (c Config) Validate() error {
	c = c.withDefaults()
	if err := cmp.Or(c.Workload.Validate(), c.Timing.Check(), c.FitsWindow(c.Window)); err != nil {
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

// part returns the connections of loop i: consecutive ones, so that every loop has every
// target. busy of them carry requests: at least one if there are enough for all loops.
func (c *Config) part(i int) (first, count, busy int) {
	rest := c.Busy
	for k := range c.Loops {
		rest -= min(c.Busy/c.Loops, c.count(k))
	}
	for k := range i + 1 { // the rest goes to the first loops that have room
		first, count = c.cut(k), c.count(k)
		busy = min(c.Busy/c.Loops, count)
		if rest > 0 && busy < count {
			busy, rest = busy+1, rest-1
		}
	}
	return first, count, busy
}

// cut returns the first connection of loop i, and count how many it has.
func (c *Config) cut(i int) int   { return i * c.Conns / c.Loops }
func (c *Config) count(i int) int { return c.cut(i+1) - c.cut(i) }

// isBusy reports whether connection i of count is busy. Busy ones are spread evenly.
func isBusy(i, count, busy int) bool { return i*busy/count < (i+1)*busy/count }

// route returns the target and the source address of connection i. The source changes
// only after every target has been used: with equal numbers of both, each source would
// otherwise always get the same target.
func (c *Config) route(i int) (netip.AddrPort, netip.Addr) {
	target := c.Targets[i%len(c.Targets)]
	if len(c.Local) == 0 {
		return target, netip.Addr{}
	}
	return target, c.Local[i/len(c.Targets)%len(c.Local)]
}
