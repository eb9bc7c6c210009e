//go:build linux

package engine

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What a process wrote before it ended is read, however long that takes, and one that it
// leaves behind with its output is not waited for.
func TestOutputOfAnEndedProcess(t *testing.T) {
	const lines = 1000
	spawn := newSpawner()
	defer spawn.close()
	var got []string
	begun, pid := make(chan struct{}), make(chan int, 1)
	p, err := startProcess(spawn, processSpec{
		path: "/bin/sh", stdin: true,
		args: []string{"-c", `setsid cat <&0 & i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done; printf end`},
		line: func(line string) {
			if len(got) == 0 { // a busy harness: it goes on after the process has ended
				close(begun)
				for id := <-pid; unix.Kill(id, 0) == nil; {
					time.Sleep(time.Millisecond)
				}
			}
			got = append(got, line)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.stdin.Close() // ends the process that was left behind
	<-begun
	pid <- p.cmd.Process.Pid
	<-p.ended
	if len(got) != lines+1 || got[lines-1] != "line 999" || got[lines] != "end" {
		t.Errorf("%d lines, the last: %s", len(got), strings.Join(got[max(0, len(got)-2):], ", "))
	}
	if p.err != nil {
		t.Error(p.err)
	}
}
