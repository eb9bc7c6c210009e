// Package wait waits for a time, or until a context is done. It must not depend on what
// is waited for.
package wait

import (
	"context"
	"time"
)

// For waits for d, or returns the cause when ctx is done.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Until waits until t, or returns the cause when ctx is done.
func Until(ctx context.Context, t time.Time) error { return For(ctx, time.Until(t)) }
