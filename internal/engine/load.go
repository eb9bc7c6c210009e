//go:build linux

package engine

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"c1m/internal/result"
)

// stage is how far a replica has come.
type stage int

const (
	connecting stage = iota
	ready            // its connections are up
	primed           // it has had every first reply
	closed           // its window is over
	finished         // it has given its result
)

// localLoad is the replicas of one trial, processes of this machine.
type localLoad struct {
	progress func(connected, asked int)
	asked    int
	warmup   time.Duration

	mu       sync.Mutex
	replicas []*replica
	changed  chan struct{} // holds one token when a replica moved on
}

type replica struct {
	name      string
	process   *process
	lines     result.Lines
	stage     stage
	connected int
	result    *result.Replica
	failure   error
}

// Load starts the replicas of the cell.
func (l *Local) Load(ctx context.Context, spec Spec, addr string) (Load, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	load := &localLoad{progress: spec.Progress, asked: spec.Cell.Conns, warmup: spec.Cell.Warmup, changed: make(chan struct{}, 1)}
	n := max(1, spec.Cell.Replicas)
	for i := range n {
		args, err := clientArgs(spec, addr, i, n)
		if err != nil {
			load.Stop()
			return nil, err
		}
		if err := load.start(l, args, fmt.Sprintf("replica-%d", i+1), spec.Cell.ClientCPUs); err != nil {
			load.Stop()
			return nil, err
		}
	}
	return load, nil
}

// clientArgs is the command line of replica i, from 0, of n.
func clientArgs(spec Spec, addr string, i, n int) ([]string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	cell := spec.Cell
	args := []string{
		"client",
		"--conn=" + strconv.Itoa(share(cell.Conns, i, n)),
		"--ip=" + host,
		"--port=" + port,
		"-c", strconv.Itoa(cell.Loops),
		"-d", cell.Window.String(),
		"--warmup=" + cell.Warmup.String(),
		"--size=" + strconv.Itoa(cell.Size),
		"--connect-rate=" + strconv.FormatFloat(cell.ConnectRate/float64(n), 'g', -1, 64),
		"--timeout=" + cell.Timeout.String(),
		"--interval=0s",
		"--format=lines",
		"--barrier=stdin",
		"--run=" + spec.Run,
		"--id=replica-" + strconv.Itoa(i+1),
	}
	if cell.Rate > 0 {
		args = append(args, "--rate="+strconv.FormatFloat(cell.Rate/float64(n), 'g', -1, 64))
		if cell.Arrivals != "" {
			args = append(args, "--arrivals="+cell.Arrivals)
		}
		if spec.Drain > 0 {
			args = append(args, "--drain="+spec.Drain.String())
		}
	}
	args = append(args, trafficArgs(cell, i, n)...)
	if local := sources(host, cell.Conns, i, n); local != nil {
		args = append(args, "--local="+strings.Join(local, ","))
	}
	return args, nil
}

// share is the i-th of n even parts of total; the first parts take the rest.
func share(total, i, n int) int {
	part := total / n
	if i < total%n {
		part++
	}
	return part
}

// SourceAddresses is how many source addresses each replica uses on loopback,
// where they cost nothing. The kernel looks for a free port in one half of its
// range before the other, and takes ten times as long when the first half
// (14,000 ports by default) is full.
func SourceAddresses(conns, replicas int) int {
	const half = 14000
	return (share(conns, 0, replicas) + half - 1) / half
}

// sources are the addresses replica i of n connects from, from 127.0.0.2 on.
// None leaves the choice to the kernel, which is enough for a few connections
// of one replica.
func sources(host string, conns, i, n int) []string {
	to, err := netip.ParseAddr(host)
	each := SourceAddresses(conns, n)
	if n*each == 1 || err != nil || !to.Is4() || !to.IsLoopback() {
		return nil
	}
	var list []string
	for k := 2 + i*each; k < 2+(i+1)*each; k++ {
		list = append(list, netip.AddrFrom4([4]byte{127, byte(k >> 16), byte(k >> 8), byte(k)}).String())
	}
	return list
}

func (l *localLoad) start(engine *Local, args []string, name string, cpus []int) error {
	r := &replica{name: name}
	l.mu.Lock()
	defer l.mu.Unlock()
	p, err := engine.start(processSpec{
		path: engine.program, args: args, cpus: cpus, stdin: true,
		line: func(text string) { l.line(r, text) },
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.process = p
	l.replicas = append(l.replicas, r)
	go l.awaitEnd(r)
	return nil
}

// awaitEnd waits for a replica's process to end. Before its result that is a
// failure.
func (l *localLoad) awaitEnd(r *replica) {
	<-r.process.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.stage != finished && r.failure == nil {
		r.failure = fmt.Errorf("%s died: %w", r.name, r.process.failure())
	}
	l.moved()
}

// moved wakes whoever awaits a stage. l.mu is held.
func (l *localLoad) moved() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// line takes what a replica printed on standard output.
func (l *localLoad) line(r *replica, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line, ours, err := r.lines.Scan(text)
	switch {
	case err != nil:
		r.failure = fmt.Errorf("%s: %w", r.name, err)
	case !ours:
		r.process.tail.add(text)
		return
	case line.Progress != nil:
		r.connected = line.Progress.Connected
		l.report()
		return
	case line.Ready != nil:
		r.stage, r.connected = ready, line.Ready.Connected
		l.report()
	case line.Primed != nil:
		r.stage = primed
	case line.Closed != nil:
		r.stage = closed
	case line.Replica != nil:
		r.stage, r.result = finished, line.Replica
	case line.Failed != nil:
		r.failure = fmt.Errorf("%s: %s", r.name, line.Failed.Message)
	}
	l.moved()
}

func (l *localLoad) report() {
	if l.progress == nil {
		return
	}
	connected := 0
	for _, r := range l.replicas {
		connected += r.connected
	}
	l.progress(connected, l.asked)
}

// await waits until every replica has reached the stage.
func (l *localLoad) await(ctx context.Context, want stage) error {
	for {
		done, err := l.reached(want)
		if done || err != nil {
			return err
		}
		select {
		case <-l.changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (l *localLoad) reached(want stage) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := true
	for _, r := range l.replicas {
		if r.failure != nil {
			return false, r.failure
		}
		all = all && r.stage >= want
	}
	return all, nil
}

func (l *localLoad) say(word string) error {
	for _, r := range l.replicas {
		if _, err := io.WriteString(r.process.stdin, word+"\n"); err != nil {
			l.awaitEnd(r) // which says more than the broken pipe
			if _, failure := l.reached(finished); failure != nil {
				return failure
			}
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

func (l *localLoad) Connected(ctx context.Context) error { return l.await(ctx, ready) }

func (l *localLoad) Go(ctx context.Context) error {
	if err := l.say(WordGo); err != nil {
		return err
	}
	return l.await(ctx, primed)
}

func (l *localLoad) Window() error { return l.say(WordWindow) }

func (l *localLoad) Closed(ctx context.Context) error { return l.await(ctx, closed) }

func (l *localLoad) Release(ctx context.Context) (result.Replica, error) {
	if err := l.say(WordRelease); err != nil {
		return result.Replica{}, err
	}
	if err := l.await(ctx, finished); err != nil {
		return result.Replica{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := make([]result.Replica, len(l.replicas))
	for i, r := range l.replicas {
		parts[i] = fromWindow(*r.result, l.warmup)
	}
	return result.Merge(parts)
}

// fromWindow counts a replica's offsets from the word that opened the window,
// which all replicas were given together and which it follows at the same
// distance in each. A replica by itself counts from the word go, and how long
// the first replies took differs.
func fromWindow(r result.Replica, warmup time.Duration) result.Replica {
	shift := r.Opened - warmup
	r.Opened -= shift
	r.First -= shift
	r.Last -= shift
	return r
}

func (l *localLoad) Stop() {
	l.mu.Lock()
	processes := make([]*process, len(l.replicas))
	for i, r := range l.replicas {
		processes[i] = r.process
	}
	l.mu.Unlock()
	stopAll(processes)
}
