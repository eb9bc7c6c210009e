//go:build linux

package engine

import (
	"context"
	"io"
)

// AbsentError says why a platform does not answer, with the fix.
type AbsentError struct{ err error }

func (e *AbsentError) Error() string { return e.err.Error() }
func (e *AbsentError) Unwrap() error { return e.err }

// Clean removes what runs left on a platform: everything with a run's label or,
// for an empty run, with the label of this program, including runs in progress.
// It returns the names of the removed objects. If dry is not nil it prints the
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
