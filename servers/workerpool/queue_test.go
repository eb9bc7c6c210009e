//go:build linux

package workerpool

import (
	"sync"
	"testing"

	"c1m/internal/loop"
	"c1m/servers"
)

func newTestQueue(t *testing.T, workers int) *queue {
	t.Helper()
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { counters.Close() })
	return newQueue(workers, counters.Writer(0))
}

func tasks(n int) []loop.Task {
	list := make([]loop.Task, n)
	for i := range list {
		list[i] = loop.Task{Message: []byte{byte(i), byte(i >> 8)}}
	}
	return list
}

func number(t loop.Task) int { return int(t.Message[0]) | int(t.Message[1])<<8 }

func TestQueueKeepsOrder(t *testing.T) {
	q := newTestQueue(t, 2)
	q.put(tasks(300))
	next := 0
	for next < 300 {
		got := q.take(nil)
		if len(got) > mostTaken {
			t.Fatalf("took %d tasks at once, most is %d", len(got), mostTaken)
		}
		for _, task := range got {
			if number(task) != next {
				t.Fatalf("task %d came where %d was due", number(task), next)
			}
			next++
		}
	}
	if depth := q.counter.Queued.Load(); depth != 0 {
		t.Errorf("depth of an empty queue is %d", depth)
	}
}

func TestQueueShares(t *testing.T) {
	for _, c := range []struct{ workers, waiting, taken int }{
		{2, 1, 1},
		{2, 8, 2},
		{2, 1000, mostTaken},
		{64, 100, 1}, // long tasks spread over the workers
	} {
		q := newTestQueue(t, c.workers)
		q.put(tasks(c.waiting))
		if depth := q.counter.Queued.Load(); depth != int64(c.waiting) {
			t.Errorf("depth of a queue of %d is %d", c.waiting, depth)
		}
		if got := len(q.take(nil)); got != c.taken {
			t.Errorf("one of %d workers took %d of %d, want %d", c.workers, got, c.waiting, c.taken)
		}
	}
}

// A put of more than the queue holds ends when workers have made room, and
// nothing is lost or doubled on the way.
func TestQueueIsBounded(t *testing.T) {
	q := newTestQueue(t, 1)
	total := 3 * len(q.ring)
	var group sync.WaitGroup
	group.Go(func() { q.put(tasks(total)) })
	for next := 0; next < total; {
		got := q.take(nil)
		q.mu.Lock()
		if q.length > len(q.ring) {
			t.Errorf("%d tasks in a queue of %d", q.length, len(q.ring))
		}
		q.mu.Unlock()
		for _, task := range got {
			if number(task) != next {
				t.Fatalf("task %d came where %d was due", number(task), next)
			}
			next++
		}
	}
	group.Wait()
}

func TestQueueClose(t *testing.T) {
	q := newTestQueue(t, 1)
	var group sync.WaitGroup
	group.Go(func() { q.put(tasks(2 * len(q.ring))) }) // more than will ever fit
	group.Go(func() {
		for len(q.take(nil)) > 0 {
		}
	})
	q.close()
	group.Wait() // neither side waits any longer

	// The counters may be unmapped once it is closed.
	q.counter.Queued.Store(7)
	q.close()
	if n := q.counter.Queued.Load(); n != 7 {
		t.Errorf("a second close wrote %d to the counter", n)
	}
}
