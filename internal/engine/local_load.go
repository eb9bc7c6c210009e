//go:build linux

package engine

import (
	"context"
	"fmt"

	"c1m/internal/result"
)

// localLoad is a load of replicas that are processes on this machine. They receive
// their words on standard input.
type localLoad struct {
	load
	processes []*process
}

// Load starts the replicas of the cell.
func (l *Local) Load(ctx context.Context, spec Spec, addr string) (Load, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	args, err := clientArgs(spec, addr)
	if err != nil {
		return nil, err
	}
	args = append(args, "--barrier=stdin")
	n := replicas(spec.Cell)
	load := &localLoad{load: newLoad(spec)}
	for i := range n {
		part := Part{i, n}
		if err := load.start(l, append(args[:len(args):len(args)], "--replica="+part.String()), part.ID(), spec.Cell); err != nil {
			load.Stop()
			return nil, err
		}
	}
	return load, nil
}

func (l *localLoad) start(engine *Local, args []string, name string, cell result.Cell) error {
	r := &replica{name: name, stage: connecting}
	// Held until the replica is whole: its first line may come before start
	// returns.
	l.mu.Lock()
	defer l.mu.Unlock()
	p, err := engine.start(processSpec{
		path: engine.program, args: args, cpus: cell.ClientCPUs, stdin: true,
		line: func(text string) { l.print(r, text) },
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.words, r.tail = p.stdin, p.tail
	r.ended = func() error {
		<-p.ended
		return p.failure()
	}
	l.replicas = append(l.replicas, r)
	l.processes = append(l.processes, p)
	go func() { // an exit before the result is a failure
		l.fail(r, fmt.Errorf("%s died: %w", name, r.ended()))
	}()
	return nil
}

func (l *localLoad) Stop() { stopAll(l.processes) }
