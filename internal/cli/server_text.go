//go:build linux

package cli

import (
	"fmt"
	"strings"

	"c1m/internal/live"
	"c1m/internal/push"
	"c1m/servers"
)

// describe is the server in words.
func (cfg serverConfig) describe() string {
	parts := []string{cfg.mode.Name + ":" + cfg.config.Variant}
	if cfg.mode.Unit != "" {
		parts = append(parts, fmt.Sprintf("%d %s", cfg.config.Concurrency, cfg.mode.Unit))
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

// messages are what the live line counts: what a server that pushes is asked
// is next to nothing.
func (cfg serverConfig) messages() string {
	if cfg.config.Push.Rate > 0 {
		return "notifications"
	}
	return "messages"
}

// reading is what the live line shows of the counters.
func (cfg serverConfig) reading(c *servers.Counters) live.Reading {
	t := c.Total()
	r := live.Reading{Open: t.Open, Messages: t.Messages, Queued: t.Queued, Errors: t.Errors}
	if cfg.config.Push.Rate > 0 {
		r.Messages = t.Pushed
	}
	return r
}
