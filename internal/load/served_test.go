//go:build linux

package load

import (
	"math"
	"net"
	"testing"
	"time"

	"c1m/internal/result"
)

// Some of the connections of a server are starved: throughput and percentiles
// are those of the others, and only the shares show it.
func TestStarved(t *testing.T) {
	const conns, starved = 20, 8
	starve := func(n int, c *net.TCPConn) {
		if n < starved {
			delayed(func() time.Duration { return 300 * time.Millisecond }, nil)(n, c)
			return
		}
		echo(n, c)
	}
	cfg := quick(conns, serve(t, "tcp", starve))
	cfg.Window = time.Second
	r := run(t, cfg, Alone{}, nil)
	if n := r.Shares.Below(r.Shares.Mean() / 10); n != starved || r.Shares.Parts() != conns {
		t.Errorf("%d of %d starved, want %d of %d", n, r.Shares.Parts(), starved, conns)
	}
	if r.Shares.Quantile(0) > 4 || r.Shares.Total() != r.Operations {
		t.Errorf("least %d, total %d of %d operations", r.Shares.Quantile(0), r.Shares.Total(), r.Operations)
	}
}

// Whoever is to carry requests is counted, operations or not; the idle are not.
func TestSharesAreOfTheBusy(t *testing.T) {
	cfg := quick(50, serve(t, "tcp", echo))
	cfg.Busy = 3
	for _, rate := range []float64{0, 300} {
		cfg.Rate = rate
		r, err := Run(t.Context(), cfg, Alone{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Shares.Parts() != 3 || r.Shares.Total() != r.Operations || int(r.Shares.Parts()-r.Shares.Below(1)) != r.Active {
			t.Errorf("rate %v: %d parts with %d of %d operations, %d with any, %d active", rate,
				r.Shares.Parts(), r.Shares.Total(), r.Operations, r.Shares.Parts()-r.Shares.Below(1), r.Active)
		}
	}
	cfg.Rate, cfg.Busy, cfg.Idle = 0, 0, true
	if r := run(t, cfg, Alone{}, nil); r.Shares != nil {
		t.Errorf("idle connections share %d operations", r.Shares.Total())
	}
}

// A count that is full stays full.
func TestServeSaturates(t *testing.T) {
	l, _, _ := pair(t, 8)
	l.served[0] = math.MaxUint32 - 1
	l.serve(0)
	l.serve(0)
	var r result.Replica
	if err := l.traffic.addTo(&r); err != nil {
		t.Fatal(err)
	}
	s := r.Shares
	if s.Quantile(1) != math.MaxUint32 || l.tally.active != 0 {
		t.Errorf("%d, %d active", s.Quantile(1), l.tally.active)
	}
}
