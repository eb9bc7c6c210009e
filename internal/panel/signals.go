//go:build linux

package panel

import (
	"os"
	"os/signal"
	"syscall"
)

// signals are those that end a process which does not handle them: held back while a panel has
// the terminal, because a process that they end restores nothing.
type signals struct {
	came   chan os.Signal
	done   chan struct{}
	abort  bool // SIGQUIT came
	joined chan struct{}
}

// holdSignals holds signals back until release is called. Others that are notified of them are
// so as before. quit is called on SIGQUIT, which nobody else handles.
func holdSignals(quit func()) *signals {
	s := &signals{came: make(chan os.Signal, 1), done: make(chan struct{}), joined: make(chan struct{})}
	list := []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) { // as by nohup
		list = append(list, syscall.SIGHUP)
	}
	signal.Notify(s.came, list...)
	go func() {
		defer close(s.joined)
		for {
			select {
			case came := <-s.came:
				if came == syscall.SIGQUIT && !s.abort {
					s.abort = true
					quit()
				}
			case <-s.done:
				return
			}
		}
	}()
	return s
}

// release lets signals have their effect again, that of SIGQUIT at once.
func (s *signals) release() {
	signal.Stop(s.came)
	close(s.done)
	<-s.joined
	if s.abort {
		_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
	}
}
