//go:build linux

package load

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Servers read the end of the stream when connections close, in the end and
// under churn, and no reset, which some die of.
func TestServersReadTheEnd(t *testing.T) {
	for name, churn := range map[string]float64{"at the end": 0, "churn": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ends, resets, others atomic.Int64
			cfg := quick(50, serve(t, "tcp", func(_ int, c *net.TCPConn) {
				b := make([]byte, 64)
				for {
					n, err := c.Read(b)
					if err == nil {
						_, err = c.Write(b[:n])
					}
					switch {
					case err == nil:
						continue
					case errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
						resets.Add(1)
					case err.Error() == "EOF":
						ends.Add(1)
					default: // the test has ended
						others.Add(1)
					}
					return
				}
			}))
			cfg.Churn = churn
			if churn > 0 {
				cfg.Window = 500 * time.Millisecond
			}
			r := run(t, cfg, Alone{}, nil)
			want := int64(cfg.Conns)
			for deadline := time.Now().Add(time.Minute); ends.Load()+resets.Load()+others.Load() < want+r.Reopened; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%d connections ended, want %d", ends.Load(), want+r.Reopened)
				}
			}
			if resets.Load() > 0 || churn > 0 && r.Reopened == 0 {
				t.Errorf("%d connections ended and %d were reset, %d reopened; want no reset", ends.Load(), resets.Load(), r.Reopened)
			}
		})
	}
}
