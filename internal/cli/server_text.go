//go:build linux

package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"c1m/internal/exposition"
	"c1m/internal/live"
	"c1m/internal/push"
	"c1m/internal/usage"
	"c1m/servers"
)

// describe describes the server.
func (cfg serverConfig) describe() string {
	parts := []string{cfg.mode.Name + ":" + cfg.config.Variant}
	if unit := cfg.mode.UnitOf(cfg.config.Variant); unit != "" {
		parts = append(parts, fmt.Sprintf("%d %s", cfg.config.Concurrency, unit))
	}
	if cfg.config.Protocol.Upgrades() {
		parts = append(parts, fmt.Sprintf("%s upgraded over %s", cfg.config.Protocol, cfg.config.Upgrade))
	}
	if p := cfg.config.Push; p.Rate > 0 {
		parts = append(parts, fmt.Sprintf("%v broadcasts/s to %s of the subscribers", p.Rate, push.Fraction(p.Every)))
	}
	if work := cfg.config.Work.String(); work != "none" {
		parts = append(parts, "work "+work)
	}
	return strings.Join(parts, ", ")
}

// messages names what the live line counts: notifications if the server pushes, because it then
// receives next to nothing.
func (cfg serverConfig) messages() string {
	if cfg.config.Push.Rate > 0 {
		return "notifications"
	}
	return "messages"
}

// reading returns the reading of the counters for the live line.
func (cfg serverConfig) reading(c *servers.Counters) live.Reading {
	t := c.Total()
	r := live.Reading{Open: t.Open, Messages: t.Messages, Queued: t.Queued, Errors: t.Errors}
	if cfg.config.Push.Rate > 0 {
		r.Messages = t.Pushed
	}
	return r
}

// exposed returns the reader of the server's state for a scrape. Prefork's children are part of it.
func (cfg serverConfig) exposed(c *servers.Counters) func() exposition.Server {
	started, tree := time.Now(), exposition.NewTree(os.Getpid())
	return func() exposition.Server {
		s := exposition.Server{
			Row: cfg.mode.Row(cfg.config.Variant), Protocol: string(cfg.config.Protocol), Work: cfg.config.Work.String(),
			Concurrency: cfg.config.Concurrency, Totals: c.Total(), Process: tree.Read(),
		}
		s.Uptime = max(0, s.At.Sub(started))
		if s.Processes == 1 { // of several, every thread would have to be read
			s.Switches = known(usage.Switches(os.Getpid()))
		}
		s.Kernel = known(usage.Kernel())
		return s
	}
}

// known returns a number, nil if it could not be read.
func known(n int64, err error) *int64 {
	if err != nil {
		return nil
	}
	return &n
}
