package wait

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestFor(t *testing.T) {
	start := time.Now()
	if err := For(t.Context(), time.Millisecond); err != nil || time.Since(start) < time.Millisecond {
		t.Errorf("%v after %v; want nil after at least 1ms", err, time.Since(start))
	}
	if err := Until(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Errorf("a time that has passed: %v", err)
	}
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := For(ctx, time.Hour); err != cause {
		t.Errorf("%v, want the cause", err)
	}
}
