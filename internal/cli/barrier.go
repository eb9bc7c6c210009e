//go:build linux

package cli

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"c1m/internal/engine"
	"c1m/internal/load"
	"c1m/internal/result"
)

// dialLimit is how long a replica tries to reach its harness: a container's
// network may come up after the container.
const dialLimit = 10 * time.Second

// checkBarrier refuses what is not a way to be led.
func checkBarrier(where string) error {
	addr, tcp := strings.CutPrefix(where, "tcp:")
	if where == "" || where == "stdin" {
		return nil
	}
	if _, _, err := net.SplitHostPort(addr); !tcp || err != nil {
		return usagef("-barrier %q: want stdin or tcp:HOST:PORT", where)
	}
	return nil
}

// newBarrier is what says when this replica goes on, and the teller by which
// it hears how far the replica is: out, or one of its own. lost is called if
// it is gone. The func returned ends the conversation.
func (cfg clientConfig) newBarrier(ctx context.Context, s streams, out *teller, lost func(error)) (load.Barrier, *teller, func(), error) {
	addr, tcp := strings.CutPrefix(cfg.barrier, "tcp:")
	switch {
	case tcp:
		token, err := engine.TakeToken()
		if err != nil {
			return nil, nil, nil, err
		}
		conn, err := dialHarness(ctx, addr)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("the harness at %s cannot be reached: %w", addr, err)
		}
		to := &teller{w: conn, run: cfg.run, from: cfg.id}
		to.tell(result.Line{Hello: &result.Hello{PID: pid(), Token: token}})
		return newHarness(conn, "the connection to "+addr, to, lost), to, func() { conn.Close() }, nil
	case cfg.barrier == "stdin":
		return newHarness(s.in, "standard input", out, lost), out, func() {}, nil
	case !cfg.start.IsZero():
		return load.At(cfg.start), out, func() {}, nil
	}
	return load.Alone{}, out, func() {}, nil
}

// dialHarness connects to a harness, which may take some tries.
func dialHarness(ctx context.Context, addr string) (net.Conn, error) {
	limit := time.Now().Add(dialLimit)
	pause := 100 * time.Millisecond
	dialer := net.Dialer{Deadline: limit}
	for {
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil || time.Until(limit) < pause {
			return nil, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
		pause = min(2*pause, 2*time.Second)
	}
}
