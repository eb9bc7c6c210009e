//go:build linux

package servertest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"c1m/internal/usage"
)

const (
	// interval is over how long processor time is watched.
	interval = 150 * time.Millisecond

	// idleShare of one processor, over an interval, is about nothing: a
	// server at rest uses none, one that spins uses all it is given.
	idleShare = 0.1
)

// descriptorsOf lists the open descriptors of a process; none if it is gone.
func descriptorsOf(pid int) []string {
	dir, err := os.Open("/proc/" + strconv.Itoa(pid) + "/fd") // which is among them, if pid is this process
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(names, func(name string) bool {
		to, err := os.Readlink(dir.Name() + "/" + name)
		return err != nil || to == dir.Name() || to == processors
	})
}

// processors is what Go's runtime opens for a moment, about once a second, to
// see whether GOMAXPROCS should change.
const processors = "/sys/devices/system/cpu/online"

// descriptors is the number open in all of the server's processes.
func (p *process) descriptors() int {
	sum := 0
	for _, n := range p.descriptorsByProcess() {
		sum += n
	}
	return sum
}

func (p *process) descriptorsByProcess() map[int]int {
	n := make(map[int]int)
	for _, pid := range p.tree() {
		n[pid] = len(descriptorsOf(pid))
	}
	return n
}

// rest waits until the server uses about no processor time and its
// descriptors stay the same in number, which it returns. It fails if the
// server is not at rest within a time.
func (p *process) rest(within time.Duration) (int, error) {
	deadline := time.Now().Add(within)
	for {
		n := p.descriptors()
		used, busy, err := p.watch()
		if err != nil {
			return 0, err
		}
		now := p.descriptors()
		if used < idleShare && !busy && now == n {
			return n, nil
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the server is not at rest after %v: it uses %.0f%% of a processor (runnable: %t), and its descriptors went from %d to %d; want under %.0f%% and no change",
				within, 100*used, busy, n, now, 100*idleShare)
		}
	}
}

// watch looks at the server for an interval. It returns the share of one
// processor that was used, and whether at either end a thread could run: one
// that spins where many share the processors may get little, and wants more.
func (p *process) watch() (used float64, busy bool, err error) {
	tree := p.tree()
	busy = runnable(tree)
	before, err := usage.CPU(tree...)
	if err != nil {
		return 0, false, err
	}
	start := time.Now()
	time.Sleep(interval)
	after, err := usage.CPU(tree...)
	if err != nil {
		return 0, false, err
	}
	used = float64(after-before) / float64(time.Since(start))
	return used, busy || runnable(tree), nil
}

// runnable reports whether a thread of the processes runs or waits to.
func runnable(pids []int) bool {
	for _, pid := range pids {
		// The pattern is well formed, and a process that is gone has no match.
		files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
		for _, file := range files {
			if state(file) == 'R' {
				return true
			}
		}
	}
	return false
}

// state is the third field of a stat file of proc(5), X if there is none. The
// second is a name in brackets that may hold anything.
func state(file string) byte {
	text, err := os.ReadFile(file)
	if err != nil {
		return 'X'
	}
	i := bytes.LastIndexByte(text, ')')
	if i < 0 || i+2 >= len(text) {
		return 'X'
	}
	return text[i+2]
}

// mustRest is rest at a point where only the test's own doing can disturb it.
func (p *process) mustRest() int {
	p.t.Helper()
	n, err := p.rest(patience)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// eventually asks until the answer is nil or the time is up; it returns the
// last answer.
func eventually(within time.Duration, ask func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := ask()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
