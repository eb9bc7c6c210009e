//go:build linux

package engine

import (
	"context"
	"time"

	"c1m/internal/result"
)

// clockLoad is a load of replicas in containers that cannot reach the harness.
// They start at a time of day, and report nothing until they have exited.
type clockLoad struct {
	*containerLoad
	at time.Time
}

// startLayout is the client command's format of a time of day.
const startLayout = "2006-01-02T15:04:05.000 -0700"

func (c *Containers) clockLoad(ctx context.Context, spec Spec, addr string) (Load, error) {
	spec.Counts = nil // a log would fill with reports that nobody reads
	within, args, err := c.planLoad(spec, addr)
	if err != nil {
		return nil, err
	}
	within.fixed = true
	after := c.cfg.StartAfter
	if after == 0 {
		after = startEstimate(spec.Cell)
	}
	l := &clockLoad{containerLoad: within, at: time.Now().Add(after).Truncate(time.Millisecond)}
	if err := l.start(ctx, append(args, "--sm="+l.at.Format(startLayout))); err != nil {
		return nil, err
	}
	return l, nil
}

// startEstimate estimates the time to start the replicas and to connect: a
// quarter of a second per container if many are started, and 10,000 connections
// per second on a slow host.
func startEstimate(cell result.Cell) time.Duration {
	connect := time.Duration(cell.Conns) * 100 * time.Microsecond
	return 10*time.Second + time.Duration(replicas(cell))*250*time.Millisecond + max(connect, cell.Connecting())
}

// Connected returns at once: a replica that is late reports that in its result.
func (l *clockLoad) Connected(context.Context) error { return nil }

// Go does nothing: the replicas start by their clocks.
func (l *clockLoad) Go(context.Context) error { return nil }

// Window returns the time at which the replicas start, however far ahead: the
// phase limits do not apply to a start time chosen by the user, or to connecting.
func (l *clockLoad) Window() (time.Time, error) { return l.at, l.Err() }

// Closed waits until the replicas have exited, which they do by themselves.
func (l *clockLoad) Closed(ctx context.Context) error {
	select {
	case <-l.gone:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return l.Err()
}

func (l *clockLoad) Release(ctx context.Context) (result.Replica, error) { return l.collect(ctx) }
