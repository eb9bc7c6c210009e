//go:build linux

package servertest

import (
	"context"
	"strings"
	"testing"

	"c1m/internal/contract"
	"c1m/servers"
)

// runClauses holds a mode to every clause of its protocol, one subtest each.
func runClauses(t *testing.T, cfg servers.Config) {
	t.Helper()
	t.Run(string(cfg.Protocol), func(t *testing.T) {
		for _, clause := range contract.For(cfg.Protocol) {
			t.Run(clause.ID, func(t *testing.T) {
				t.Parallel()
				keeps(t, cfg, clause)
			})
		}
	})
}

// keeps wants a mode to keep a clause.
func keeps(t *testing.T, cfg servers.Config, clause contract.Clause) {
	r := clause.Run(t.Context(), target(t, withAddress(cfg), clause))
	for _, finding := range r.Findings {
		t.Errorf("%s: %v", clause.Title, finding)
	}
	// What a foreign server may do, ours does not, but for its limit of a message.
	for _, note := range r.Notes {
		if strings.HasPrefix(clause.ID, "ws.9.") {
			continue
		}
		t.Errorf("%s: %s; want no more than the clause asks for", clause.Title, note)
	}
	switch r.Verdict {
	case contract.Skipped:
		t.Skip(r.Reason)
	case contract.Unknown:
		t.Errorf("%s: %s", clause.Title, r.Reason)
	}
}

// target is a mode as the contract wants it.
func target(t *testing.T, cfg servers.Config, clause contract.Clause) contract.Target {
	return contract.Target{
		Protocol: cfg.Protocol, Facts: contract.All, Patience: 3 * contract.DefaultPatience,
		Start: func(_ context.Context, o contract.Options) (contract.Server, error) {
			cfg := cfg
			if o.Addr != "" {
				cfg.Addr = o.Addr
			}
			p := launch(t, cfg, o.Descriptors)
			return held{p, clause}, p.awaitReady()
		},
	}
}

// held is a server process as the contract sees it.
type held struct {
	p      *process
	clause contract.Clause
}

func (h held) Addr() string          { return h.p.addr.String() }
func (h held) PID() int              { return h.p.PID() }
func (h held) Done() <-chan struct{} { return nil } // finish reports that it ended
func (h held) Err() error            { return nil }

func (h held) Stop(context.Context) error {
	h.p.stop()
	return nil
}

func (h held) End() {
	if theme, _, _ := strings.Cut(h.clause.ID, "."); !h.p.ended && (theme == "leave" || theme == "rest") {
		if totals, err := h.p.counters(); err != nil || totals.Errors != 0 {
			h.p.t.Errorf("%d errors were counted, %v; want none: a peer that goes away is no error", totals.Errors, err)
		}
	}
	h.p.finish()
}
