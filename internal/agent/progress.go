//go:build linux

package agent

import (
	"context"
	"time"

	"c1m/internal/load"
	"c1m/internal/result"
)

// progressEvery is how often a replica reports its progress.
const progressEvery = 500 * time.Millisecond

// Progress reports the number of connections, while connecting, until ctx is done; with
// counts, which a harness shows and does not judge, throughout.
func (r *Reporter) Progress(ctx context.Context, state *load.Live, counts bool) {
	Each(ctx, progressEvery, func() {
		now := state.Snapshot()
		p := result.Progress{Connected: now.Connected, Asked: now.Asked}
		switch {
		case now.Asked == 0:
			return
		case counts:
			p.Counts = &result.Loaded{
				Replies: now.Replies, InFlight: int64(now.InFlight), Waiting: int64(now.Waiting), Errors: now.Errors,
			}
		case now.Phase != load.Connecting:
			return
		}
		r.report(result.Line{Progress: &p})
	})
}
