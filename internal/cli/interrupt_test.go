//go:build linux

package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// endsInterrupted runs a command, interrupts it once something has happened, and
// wants it to end although what it waits for never comes.
func endsInterrupted(t *testing.T, stdin io.Reader, begun <-chan struct{}, args ...string) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout, stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, "bench", args, streams{stdin, &stdout, &stderr}) }()
	select {
	case <-begun:
	case code := <-ended:
		t.Fatalf("%q: ended before it was interrupted, exit code %d: %s", args, code, &stderr)
	case <-time.After(time.Minute):
		t.Fatalf("%q: did not begin", args)
	}
	interrupt()
	select {
	case code := <-ended:
		if code != exitNoAnswer || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("%q: exit code %d: %s", args, code, &stderr)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%q: does not end", args)
	}
}

// endless is input that goes on forever, and tells that it was read.
type endless struct {
	begun chan struct{}
	text  string
}

func (e *endless) Read(b []byte) (int, error) {
	select {
	case <-e.begun:
	default:
		close(e.begun)
	}
	return copy(b, e.text), nil
}

func TestInterruptedMerge(t *testing.T) {
	long := &endless{make(chan struct{}), "c1m {\"v\":1,\"from\":\"a\",\"message\":1,\"part\":\"1/2\",\"text\":\"x\"}\n"}
	endsInterrupted(t, long, long.begun, "merge", "-")

	r, w := io.Pipe() // a read of it that returns nothing
	defer w.Close()
	begun := make(chan struct{})
	go func() {
		_, _ = io.WriteString(w, "hello\n")
		close(begun)
	}()
	endsInterrupted(t, r, begun, "merge", "-")
}

// A named pipe that nobody writes to blocks where it is opened.
func TestInterruptedReaders(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	t.Cleanup(func() { // lets those go that were left behind
		if w, err := os.OpenFile(pipe, os.O_RDWR|unix.O_NONBLOCK, 0); err == nil {
			w.Close()
		}
	})
	now := make(chan struct{})
	close(now)
	for _, args := range [][]string{{"merge", pipe}, {"report", pipe}, {"compare", pipe, pipe}} {
		endsInterrupted(t, nil, now, args...)
	}
}

// A platform's tool that hangs, and does not end when it is asked to.
func TestInterruptedClean(t *testing.T) {
	dir := t.TempDir()
	begun := filepath.Join(dir, "begun")
	script := "#!/bin/sh\ntrap '' TERM\necho >" + begun + "\nwhile :; do sleep 0.1; done\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	endsInterrupted(t, nil, exists(t, begun), "clean", "-engine", "docker")
}

// A server that does not end when it is asked to, in a trial that would last
// for an hour.
func TestInterruptedRun(t *testing.T) {
	dir := t.TempDir()
	begun := filepath.Join(dir, "begun")
	for _, args := range [][]string{
		{"run", "-modes", "none", "-exec", "x=trap '' TERM; echo >" + begun + "; while :; do sleep 0.1; done; {addr}", "-conns", "1", "-o", filepath.Join(dir, "a.jsonl")},
		{"run", "-modes", "epoll", "-conns", "10", "-d", "1h", "-o", begun},
	} {
		os.Remove(begun)
		endsInterrupted(t, nil, exists(t, begun), args...)
	}
}

// exists is closed once a file is there.
func exists(t *testing.T, name string) <-chan struct{} {
	there := make(chan struct{})
	go func() {
		for t.Context().Err() == nil {
			if _, err := os.Stat(name); err == nil {
				close(there)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return there
}
