//go:build linux

package cli

import (
	"context"
	"errors"
	"slices"

	"c1m/internal/engine"
	"c1m/internal/resolve"
	"c1m/internal/result"
)

// pinnable reports whether names of targets resolve to the same address for replicas as here.
// Otherwise each replica resolves them.
func pinnable(ctx context.Context, cfg runConfig, cells []result.Cell) bool {
	if cfg.header.Engine == engineLocal {
		return true
	}
	targets := slices.ContainsFunc(cells, func(c result.Cell) bool { return c.Kind == result.KindTarget })
	return targets && engine.SharesHost(ctx, cfg.header.Engine, cfg.containers.network)
}

// unresolved converts an error of a name: an unknown one means that there is no answer, any
// other is wrong usage.
func unresolved(err error) error {
	var unknown *resolve.UnknownError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		return noAnswerf("%w", err)
	}
	return usagef("%w", err)
}
