//go:build linux

package contract

import (
	"context"
	"testing"
	"time"

	"c1m/internal/proto"
)

// A server may take longer to end where its replies may take longer, and never less
// than stopLimit.
func TestStopLimitFollowsPatience(t *testing.T) {
	for _, c := range []struct{ patience, want time.Duration }{
		{0, stopLimit},
		{DefaultPatience / 10, stopLimit},
		{DefaultPatience, stopLimit},
		{3 * DefaultPatience, 3 * stopLimit},
	} {
		t.Run(c.patience.String(), func(t *testing.T) {
			t.Parallel()
			var given time.Duration
			start := startFault(t, string(proto.Echo)+"/correct")
			target := Target{
				Protocol: proto.Echo, Facts: All, Patience: c.patience,
				Start: func(ctx context.Context, o Options) (Server, error) {
					server, err := start(ctx, o)
					return &stopTimer{server, &given}, err
				},
			}
			for _, clause := range stop() {
				if r := clause.Run(t.Context(), target); r.Verdict != Kept {
					t.Errorf("%s: %s; findings: %v %s", clause.ID, r.Verdict, Findings(r.Findings), r.Reason)
				}
			}
			if given > c.want || given < c.want-time.Second {
				t.Errorf("the server is given %v to end; want %v", given, c.want)
			}
		})
	}
}

// stopTimer is a server that notes how long it is given to end.
type stopTimer struct {
	Server
	given *time.Duration
}

func (s *stopTimer) Stop(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		*s.given = time.Until(deadline)
	}
	return s.Server.Stop(ctx)
}
