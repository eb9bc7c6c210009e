//go:build linux

package agent

import (
	"context"
	"sync"
	"time"
)

// Background is a group of goroutines that report while something runs.
type Background struct {
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// NewBackground returns a group whose goroutines run until End is called or ctx is done.
func NewBackground(ctx context.Context) *Background {
	b := new(Background)
	b.ctx, b.cancel = context.WithCancel(ctx)
	return b
}

// Start runs f in a goroutine until its ctx is done.
func (b *Background) Start(f func(ctx context.Context)) {
	b.group.Go(func() { f(b.ctx) })
}

// End stops the goroutines and waits for them. It may be called again.
func (b *Background) End() {
	b.cancel()
	b.group.Wait()
}

// Each calls f every interval until ctx is done.
func Each(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}
