//go:build linux

package agent

import (
	"context"
	"time"

	"c1m/internal/load"
	"c1m/internal/result"
)

// progressEvery is how often a replica reports how far connecting is.
const progressEvery = 500 * time.Millisecond

// Progress reports how far connecting is until ctx is done.
func (r *Reporter) Progress(ctx context.Context, state *load.Live) {
	Each(ctx, progressEvery, func() {
		if now := state.Snapshot(); now.Phase == load.Connecting && now.Asked > 0 {
			r.report(result.Line{Progress: &result.Progress{Connected: now.Connected, Asked: now.Asked}})
		}
	})
}
