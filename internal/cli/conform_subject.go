//go:build linux

package cli

import (
	"context"
	"time"

	"c1m/internal/conform"
	"c1m/internal/contract"
	"c1m/internal/engine"
	"c1m/internal/result"
)

// subjectOf is the server of a cell, as the contract wants to start it. patience
// is contract.Target.Patience.
func subjectOf(local *engine.Local, cell result.Cell, patience time.Duration) conform.Subject {
	subject := conform.Subject{Name: cell.Row, Command: cell.Command, Library: cell.Library, Version: cell.Version}
	subject.Target = contract.Target{
		Protocol: cell.Protocol, Facts: contract.All, Patience: patience,
		Start: func(ctx context.Context, o contract.Options) (contract.Server, error) {
			server, err := local.Single(ctx, cell, engine.SingleOptions{Addr: o.Addr, Descriptors: o.Descriptors})
			if err != nil {
				return nil, err
			}
			return server, nil
		},
	}
	if cell.Kind == result.KindTarget {
		subject.Target.Facts = 0
		subject.Target.Start = func(context.Context, contract.Options) (contract.Server, error) { return running(cell.Command), nil }
	}
	return subject
}

// running is the address of a server that was running before and keeps running.
type running string

func (r running) Addr() string             { return string(r) }
func (running) PID() int                   { return 0 }
func (running) Done() <-chan struct{}      { return nil }
func (running) Err() error                 { return nil }
func (running) Stop(context.Context) error { return nil }
func (running) End()                       {}
