//go:build linux

// Package workerpool is the mode with one event loop that accepts and waits, and
// workers that do the rest: a worker reads, handles and writes, or the loop reads and a
// worker handles and writes. A slow message does not stall other connections while a
// worker is free.
package workerpool

import (
	"context"
	"sync"

	"c1m/internal/loop"
	"c1m/internal/poll"
	"c1m/internal/push"
	"c1m/servers"
)

// Serve implements servers.Serve, with the variants worker, loop and
// unthrottled, which is worker but accepts even if no worker is free.
func Serve(ctx context.Context, cfg servers.Config) error {
	listener, addr, err := loop.Listen(cfg.Addr)
	if err != nil {
		return err
	}
	defer poll.Close(listener)
	config, err := loop.NewConfig(cfg)
	if err != nil {
		return err
	}
	defer config.Table.CloseAll()
	q := newQueue(cfg.Concurrency, cfg.Counters.Writer(0))
	config.Counter, config.Listener = cfg.Counters.Writer(0), listener
	config.Dispatch, config.Reads = q.put, cfg.Variant == "loop"
	if cfg.Variant != "unthrottled" {
		config.Admit = q.free // many new connections wait in the backlog, not in the queue
	}
	l, err := loop.New(config)
	if err != nil {
		return err
	}
	defer l.Close()
	endPushing, err := push.Start(cfg.Push, l.Notify)
	if err != nil {
		return err
	}
	defer endPushing()

	var workers sync.WaitGroup
	for i := range cfg.Concurrency {
		w := &worker{
			queue:   q,
			loop:    l,
			handler: l.NewHandler(cfg.Counters.Writer(1 + i)),
			replies: cfg.Variant == "loop",
		}
		workers.Go(w.run)
	}
	// The queue closes as soon as ctx is done, because the loop may be
	// waiting for room in it.
	stop := context.AfterFunc(ctx, q.close)
	defer stop()
	cfg.Announce(addr)
	err = l.Run(ctx)
	q.close()
	workers.Wait()
	return err
}

// worker serves the tasks it takes from the queue.
type worker struct {
	queue   *queue
	loop    *loop.Loop
	handler *loop.Handler
	replies bool // the loop reads
}

func (w *worker) run() {
	var tasks []loop.Task
	for {
		if tasks = w.queue.take(tasks[:0]); len(tasks) == 0 {
			return
		}
		if w.replies {
			w.reply(tasks)
		} else {
			w.serve(tasks)
		}
		w.handler.Publish()
		clear(tasks)
	}
}

func (w *worker) serve(tasks []loop.Task) {
	for _, t := range tasks {
		if w.queue.stopping.Load() { // work may make the tasks take long
			return
		}
		switch w.handler.Serve(t) {
		case loop.Ended:
			w.loop.Retire(t.Conn)
		case loop.More:
			w.loop.Requeue(t.Conn)
		}
	}
}

func (w *worker) reply(tasks []loop.Task) {
	var again []*loop.Conn
	for _, t := range tasks {
		if w.queue.stopping.Load() {
			return
		}
		switch w.handler.Reply(t) {
		case loop.Ended:
			w.loop.Retire(t.Conn)
		case loop.More:
			again = append(again, t.Conn)
		}
	}
	if again != nil {
		w.loop.Reread(again)
	}
}
