//go:build linux

package engine

import (
	"errors"
	"os/exec"
	"runtime"

	"c1m/internal/affinity"
)

// spawner starts processes from one thread that lives as long as the engine.
// PR_SET_PDEATHSIG fires when the thread that forked ends, not the process, so a
// child must not depend on a thread that the runtime may end. The child also
// inherits the thread's CPU affinity, so it applies from the first instruction,
// and the child's Go runtime sizes GOMAXPROCS by it.
type spawner struct {
	requests chan request
	closing  chan struct{}
	ended    chan struct{}
}

type request struct {
	cmd  *exec.Cmd
	cpus []int
	done chan error
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan request), closing: make(chan struct{}), ended: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
	defer close(s.ended)
	// Never unlocked: the thread ends with the goroutine, when no child is left,
	// so its affinity affects nothing else.
	runtime.LockOSThread()
	for {
		select {
		case r := <-s.requests:
			r.done <- startOn(r.cmd, r.cpus)
		case <-s.closing:
			return
		}
	}
}

// start starts cmd on the given CPUs; none means the CPUs of this process.
func (s *spawner) start(cmd *exec.Cmd, cpus []int) error {
	done := make(chan error, 1)
	select {
	case s.requests <- request{cmd, cpus, done}:
		return <-done
	case <-s.ended:
		return errors.New("the engine is closed")
	}
}

func (s *spawner) close() {
	close(s.closing)
	<-s.ended
}

func startOn(cmd *exec.Cmd, cpus []int) error {
	if len(cpus) == 0 {
		return cmd.Start()
	}
	before, err := affinity.Get()
	if err != nil {
		return err
	}
	if err := affinity.Set(cpus...); err != nil {
		return err
	}
	err = cmd.Start()
	if e := affinity.Set(before...); err == nil {
		err = e
	}
	return err
}
