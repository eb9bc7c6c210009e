//go:build linux

package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"c1m/internal/engine"
	"c1m/internal/load"
	"c1m/internal/result"
	"c1m/internal/wait"
)

// CheckBarrier validates Barrier.Where.
func CheckBarrier(where string) error {
	addr, tcp := strings.CutPrefix(where, "tcp:")
	if where == "" || where == "stdin" {
		return nil
	}
	if _, _, err := net.SplitHostPort(addr); !tcp || err != nil {
		return errors.New("want stdin or tcp:HOST:PORT")
	}
	return nil
}

// Barrier is where a replica receives its start signals.
type Barrier struct {
	Where string    // stdin, or tcp:HOST:PORT of the harness; empty: no harness
	Stdin io.Reader // for stdin
	Start time.Time // without a harness: when the load starts; zero: once it is connected

	Run, ID string    // the run and sender's name of lines to the harness
	Out     *Reporter // for a harness that reads stdout
}

// Lead is a replica's connection to its harness, if there is one.
type Lead struct {
	load.Barrier
	Reporter *Reporter // reports progress: Out, or one for the connection
	close    func() error
}

// Close closes the connection.
func (l *Lead) Close() error { return l.close() }

// Open connects to the harness. lost is called if that connection ends early.
func (b Barrier) Open(ctx context.Context, lost func(error)) (*Lead, error) {
	silent := func() error { return nil }
	addr, tcp := strings.CutPrefix(b.Where, "tcp:")
	switch {
	case tcp:
		token, err := engine.TakeToken()
		if err != nil {
			return nil, err
		}
		conn, err := dialHarness(ctx, addr)
		if err != nil {
			return nil, fmt.Errorf("cannot reach the harness at %s: %w", addr, err)
		}
		to := NewReporter(conn, b.Run, b.ID)
		to.report(result.Line{Hello: &result.Hello{PID: pid(), Token: token}})
		return &Lead{newHarness(conn, "the connection to "+addr, to, lost), to, conn.Close}, nil
	case b.Where == "stdin":
		return &Lead{newHarness(b.Stdin, "standard input", b.Out, lost), b.Out, silent}, nil
	case !b.Start.IsZero():
		return &Lead{load.At(b.Start), b.Out, silent}, nil
	}
	return &Lead{load.Alone{}, b.Out, silent}, nil
}

// dialLimit is how long a replica tries to reach its harness: a container's network may
// start later than the container.
const dialLimit = 10 * time.Second

// dialHarness connects to a harness, and retries until dialLimit.
func dialHarness(ctx context.Context, addr string) (net.Conn, error) {
	limit := time.Now().Add(dialLimit)
	pause := 100 * time.Millisecond
	dialer := net.Dialer{Deadline: limit}
	for {
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil || time.Until(limit) < pause || wait.For(ctx, pause) != nil {
			return nil, err
		}
		pause = min(2*pause, 2*time.Second)
	}
}
