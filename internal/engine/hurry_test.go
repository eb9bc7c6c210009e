//go:build linux

package engine

import (
	"testing"
	"time"
)

// A process that does not end when it is asked to is killed soon once the run
// is interrupted, also where it was asked before that: the grace is no longer
// waited for.
func TestInterruptedGrace(t *testing.T) {
	spawn := newSpawner()
	defer spawn.close()
	interrupted := make(chan struct{})
	trapped := make(chan struct{})
	p, err := startProcess(spawn, processSpec{
		path: "/bin/sh", args: []string{"-c", "trap 'echo asked' TERM; echo begun; while :; do sleep 0.01; done"},
		hurry: interrupted,
		line: func(line string) {
			switch line {
			case "begun":
				close(trapped)
			case "asked":
				close(interrupted)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	<-trapped
	began := time.Now()
	p.terminate()
	// The kill needs the machine's attention, but not the whole grace of it.
	if took := time.Since(began); took < hurried || took >= grace {
		t.Errorf("ended after %v, want %v to %v", took, hurried, grace)
	}
}
