//go:build linux

package workerpool

import (
	"sync"
	"sync/atomic"

	"c1m/internal/loop"
	"c1m/servers"
)

// queue is the bounded queue between the loop and the workers. Tasks enter and leave
// it several at a time, because a lock and a wake-up per task would cost more than an
// echo.
type queue struct {
	counter *servers.Counter // its Queued is the depth

	mu      sync.Mutex
	filled  sync.Cond // signals workers that there are tasks
	drained sync.Cond // signals the loop that there is room
	ring    []loop.Task
	first   int // index of the oldest
	length  int
	workers int
	idle    int
	closed  bool

	stopping atomic.Bool // closed, readable without the lock
}

func newQueue(workers int, counter *servers.Counter) *queue {
	q := &queue{
		counter: counter,
		ring:    make([]loop.Task, max(1024, depthPerWorker*workers)),
		workers: workers,
	}
	q.filled.L, q.drained.L = &q.mu, &q.mu
	return q
}

// depthPerWorker is the queue's limit per worker: when it is reached, the workers are
// far behind, and the loop stops reading.
const depthPerWorker = 256

// put adds tasks in order. While the queue is full it waits: the loop then reads no
// connections, which throttles the senders.
func (q *queue) put(tasks []loop.Task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(tasks) > 0 {
		for q.length == len(q.ring) && !q.closed {
			q.drained.Wait()
		}
		if q.closed {
			return
		}
		n := min(len(tasks), len(q.ring)-q.length)
		for _, t := range tasks[:n] {
			q.ring[(q.first+q.length)%len(q.ring)] = t
			q.length++
		}
		tasks = tasks[n:]
		q.counter.Queued.Store(int64(q.length))
		for range min(n, q.idle) {
			q.filled.Signal()
		}
	}
}

// take appends a worker's next tasks to tasks: half its even share of the queue, so
// that long tasks spread over the workers and short ones need few calls (guided
// self-scheduling). If the queue is empty it waits; it returns no tasks only when the
// queue is closed.
func (q *queue) take(tasks []loop.Task) []loop.Task {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle++
	for q.length == 0 && !q.closed {
		q.filled.Wait()
	}
	q.idle--
	if q.closed {
		return tasks
	}
	if q.length == len(q.ring) {
		q.drained.Signal()
	}
	for range max(1, min(q.length/(2*q.workers), mostTaken)) {
		tasks = append(tasks, q.ring[q.first])
		q.ring[q.first] = loop.Task{}
		q.first = (q.first + 1) % len(q.ring)
		q.length--
	}
	q.counter.Queued.Store(int64(q.length))
	return tasks
}

const mostTaken = 64

// free reports whether a worker is idle.
func (q *queue) free() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.idle > 0
}

// close makes every take return, and discards queued tasks.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed { // the counter may already be unmapped
		return
	}
	q.closed = true
	q.stopping.Store(true)
	q.counter.Queued.Store(0)
	q.filled.Broadcast()
	q.drained.Broadcast()
}
