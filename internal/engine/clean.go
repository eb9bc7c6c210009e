//go:build linux

package engine

import (
	"context"
	"io"
)

// AbsentError says why a platform does not answer, and the cure.
type AbsentError struct{ err error }

func (e *AbsentError) Error() string { return e.err.Error() }
func (e *AbsentError) Unwrap() error { return e.err }

// Clean removes what runs have left on a platform: what carries a run's label,
// or for an empty run all that carries ours, that of runs in progress
// included. It returns the names of what it removed. With dry it prints its
// commands there and runs none.
func Clean(ctx context.Context, platform, run string, dry io.Writer) ([]string, error) {
	p, t := newPlatform(platform, ContainerConfig{Dry: dry})
	defer t.spawn.close()
	if err := answers(ctx, p, t); err != nil {
		return nil, &AbsentError{err}
	}
	err := p.clean(ctx, run)
	return t.removed, err
}
