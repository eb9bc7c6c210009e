//go:build linux

package loop

import (
	"testing"

	"c1m/internal/push"
	"c1m/servers"
)

// What is due is told from outside alone: a loop that comes back to it would
// else put an older number in the place of one told meanwhile, and send that
// broadcast a gap late.
func TestNotifyIsNotOverwritten(t *testing.T) {
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	l, err := New(Config{
		Protocol: servers.WebSocket, Counter: counters.Writer(0), Listener: -1, Push: push.Config{Rate: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const last = 50_000
	told := make(chan struct{})
	go func() {
		defer close(told)
		for k := uint64(1); k <= last; k++ {
			l.Notify(k)
			if at := l.pusher.latest.Load(); at != k {
				t.Errorf("the latest broadcast is %d, and was told to be %d", at, k)
				return
			}
		}
	}()
	for done := false; !done; {
		select {
		case <-told:
			done = true
		default:
		}
		l.runPosted()
	}
}
