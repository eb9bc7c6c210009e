//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"c1m/internal/result"
)

// containerLoad is a load of replicas in containers, controlled over the
// connections that they open to a coordinator.
type containerLoad struct {
	load
	engine      *Containers
	job         job
	coordinator *coordinator
	hello       time.Duration // how long the replicas may take to reach it

	follow context.CancelFunc // ends the goroutines that watch the replicas
	group  sync.WaitGroup     // of these goroutines
	gone   chan struct{}      // closed when every container has exited
	tail   tail               // their untagged output
	stop   sync.Once
}

// Load starts the replicas of the cell.
func (c *Containers) Load(ctx context.Context, spec Spec, addr string) (Load, error) {
	if c.cfg.Coordinator == CoordinatorNone {
		return c.clockLoad(ctx, spec, addr)
	}
	l, args, err := c.planLoad(spec, addr)
	if err != nil {
		return nil, err
	}
	listen := c.cfg.Coordinator
	if listen == "" {
		if listen, err = c.platform.harness(ctx, addr); err != nil {
			return nil, err
		}
	}
	l.coordinator, err = newCoordinator(ctx, listen, spec.Run, &l.load)
	if err != nil {
		return nil, err
	}
	l.job.token = l.coordinator.token
	args = append(args, "--barrier=tcp:"+l.coordinator.address(listen))
	l.hello = spec.Cell.Timeout + time.Duration(len(l.replicas))*time.Second
	if err := l.start(ctx, args); err != nil {
		return nil, err
	}
	return l, nil
}

// planLoad returns the load of a cell, not yet started, and the arguments common
// to its replicas.
func (c *Containers) planLoad(spec Spec, addr string) (*containerLoad, []string, error) {
	args, err := clientArgs(spec, addr)
	if err != nil {
		return nil, nil, err
	}
	n := replicas(spec.Cell)
	l := &containerLoad{load: newLoad(spec), engine: c, gone: make(chan struct{})}
	for i := range n {
		r := &replica{name: Part{i, n}.ID()}
		r.ended = func() error { return l.reason(r) }
		l.replicas = append(l.replicas, r)
	}
	l.job = c.job("client", spec, nil, n)
	return l, append(args, partFromEnv(n)), nil
}

// start starts the containers, and watches them.
func (l *containerLoad) start(ctx context.Context, args []string) error {
	l.job.args = args
	life, follow := context.WithCancel(context.Background())
	l.follow = follow
	l.group.Go(func() {
		err := l.engine.platform.watch(life, l.job, func(index int, how string) { l.end(life, index, how) })
		if err != nil && life.Err() == nil {
			l.fail(l.replicas[0], fmt.Errorf("cannot watch the replicas: %w", err))
			return
		}
		close(l.gone)
	})
	// Start no more replicas once one has failed.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-l.failed:
			cancel(l.Err())
		case <-ctx.Done():
		}
	}()
	err := l.engine.platform.start(ctx, l.job)
	if err == nil {
		return nil
	}
	l.Stop()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("the replicas: %w", err)
}

// end records that a replica's container has exited. If it exited early, its log
// says why.
func (l *containerLoad) end(ctx context.Context, index int, how string) {
	r := l.replicas[index]
	l.mu.Lock()
	known := r.failure != nil
	early := how != "" || !l.released && !l.fixed
	l.mu.Unlock()
	if known || !early {
		return
	}
	l.read(ctx, index)
	if how == "" {
		how = "ended"
	}
	if last := l.tail.String(); last != "" {
		how += "; output: " + last
	}
	l.fail(r, fmt.Errorf("%s died: %s", r.name, how))
}

// read reads the log of a replica, or of all.
func (l *containerLoad) read(ctx context.Context, index int) error {
	var lines result.Lines
	err := l.engine.platform.logs(ctx, l.job, index, false, func(text string) {
		line, ours, err := lines.Scan(text)
		switch {
		case err != nil:
			l.tail.add(err.Error())
		case !ours:
			l.tail.add(text)
		default:
			l.takeLog(line)
		}
	})
	for _, rest := range lines.Unfinished() {
		l.tail.add("truncated: " + rest.String())
	}
	return err
}

// reason waits for the cause of a broken connection to a replica, which the watch
// on its container reports.
func (l *containerLoad) reason(r *replica) error {
	known := func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		return r.failure
	}
	for limit := time.Now().Add(lostGrace); known() == nil && time.Now().Before(limit); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := known(); err != nil {
		return err
	}
	return errors.New("it no longer reads from its connection")
}

// takeLog handles a line from a log: a result, or why there is none. Replicas report
// everything else to the coordinator.
func (l *containerLoad) takeLog(line result.Line) {
	if line.Run != l.engine.cfg.Run || line.Replica == nil && line.Failed == nil {
		return
	}
	for _, r := range l.replicas {
		if r.name == line.From {
			l.take(r, line)
			return
		}
	}
}

// Connected waits for the replicas to reach the coordinator, then for their
// connections.
func (l *containerLoad) Connected(ctx context.Context) error {
	reach, cancel := context.WithTimeoutCause(ctx, l.hello,
		fmt.Errorf("not every replica reached the coordinator at %v within %v", l.coordinator.listener.Addr(), l.hello))
	defer cancel()
	if err := l.await(reach, connecting); err != nil {
		if refused := l.coordinator.refusal(); refused != nil && ctx.Err() == nil && reach.Err() != nil {
			err = fmt.Errorf("%w (%w)", err, refused)
		}
		if why := waiting(l.engine.platform, l.job); why != "" && ctx.Err() == nil && reach.Err() != nil {
			err = fmt.Errorf("%w: %s", err, why)
		}
		return err
	}
	return l.await(ctx, ready)
}

// Release lets the replicas exit, and reads their results from their logs.
func (l *containerLoad) Release(ctx context.Context) (result.Replica, error) {
	if _, err := l.send(WordRelease); err != nil {
		return result.Replica{}, err
	}
	return l.collect(ctx)
}

// collect waits until the containers have exited, and reads their logs.
func (l *containerLoad) collect(ctx context.Context) (result.Replica, error) {
	select {
	case <-l.gone:
	case <-ctx.Done():
		return result.Replica{}, context.Cause(ctx)
	}
	if err := l.read(ctx, every); err != nil {
		return result.Replica{}, fmt.Errorf("the replicas' logs: %w", err)
	}
	missing, err := l.behind(finished)
	switch {
	case err != nil:
		return result.Replica{}, err
	case len(missing) > 0 && l.tail.String() != "":
		return result.Replica{}, fmt.Errorf("no result in the logs of %s; their last lines: %s", some(missing), l.tail.String())
	case len(missing) > 0:
		return result.Replica{}, fmt.Errorf("no result in the logs of %s", some(missing))
	}
	return l.merged()
}

func (l *containerLoad) Stop() {
	l.stop.Do(func() {
		l.engine.remove(l.job)
		l.follow()
		if l.coordinator != nil {
			l.coordinator.close()
		}
		l.group.Wait()
	})
}
