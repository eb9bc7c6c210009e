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
)

// CheckBarrier refuses what is not a place where start signals arrive.
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

// Barrier says where a replica's start signals arrive.
type Barrier struct {
	Where string    // stdin, or tcp:HOST:PORT of the harness; empty: there is no harness
	Stdin io.Reader // for stdin
	Start time.Time // without a harness the load starts then; zero: once it is connected

	Run, ID string    // what a line to the harness says that it is from
	Out     *Reporter // whose lines a harness at stdin reads
}

// Lead is what leads a replica through its trial.
type Lead struct {
	load.Barrier
	Reporter *Reporter // hears how far the replica is: Out, or one of its own
	close    func() error
}

// Close ends the conversation.
func (l *Lead) Close() error { return l.close() }

// Open reaches what says when to go on. lost is called if that is gone.
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
			return nil, fmt.Errorf("the harness at %s cannot be reached: %w", addr, err)
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

// dialLimit is how long a replica tries to reach its harness: a container's
// network may come up after the container.
const dialLimit = 10 * time.Second

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
