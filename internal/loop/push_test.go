//go:build linux

package loop

import (
	"testing"

	"c1m/internal/proto"
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
		Protocol: proto.WebSocket, Counter: counters.Writer(0), Listener: -1, Push: push.Config{Rate: 1},
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

// Where a worker has the connection, what comes meanwhile is bounded, and what
// is over the bound is lost for all to see: counted, or the subscriber is
// disconnected. One notification may wait whatever its size.
func TestOwnedSubscriberIsBounded(t *testing.T) {
	for _, test := range []struct {
		slow                  push.Slow
		size                  int
		pushed, dropped, gone int64
	}{
		{push.Drop, 64, 3, 7, 0},
		{push.Drop, 1000, 1, 9, 0},
		{push.Disconnect, 64, 0, 0, 1},
		{push.Disconnect, 1000, 0, 0, 1},
	} {
		_, c, _ := upgraded(t)
		counters, err := servers.NewCounters(2)
		if err != nil {
			t.Fatal(err)
		}
		defer counters.Close()
		l, err := New(Config{
			Protocol: proto.WebSocket, Counter: counters.Writer(0), Listener: -1, Dispatch: func([]Task) {},
			Push: push.Config{Rate: 1, Queue: 200, Slow: test.slow},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c.state.Store(owned)
		l.pusher.frame = make([]byte, test.size)
		for range 10 {
			l.pushByWorker(c)
		}
		task, ok := l.pushed(c)
		if !ok {
			t.Fatalf("%+v: nothing waits", test)
		}
		worker := l.NewHandler(counters.Writer(1))
		outcome := worker.Serve(task)
		got, by := l.handler.Totals, worker.Totals
		if (outcome == Ended) != (test.gone > 0) || by.Pushed != test.pushed || got.Dropped+by.Dropped != test.dropped || by.Disconnected != test.gone {
			t.Errorf("%+v: the loop counts %+v, the worker %+v, and finds %d", test, got, by, outcome)
		}
	}
}
