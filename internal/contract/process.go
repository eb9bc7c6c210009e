//go:build linux

package contract

import (
	"bytes"
	"context"
	"errors"
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

// Process is a server seen from outside, by the root of its process tree.
type Process int

// Tree is its living processes, the root first.
func (p Process) Tree() []int {
	tree := []int{int(p)}
	for _, pid := range usage.Tree(int(p)) {
		if pid != int(p) {
			tree = append(tree, pid)
		}
	}
	return tree
}

// Descriptors is how many each of its processes has open.
func (p Process) Descriptors() map[int]int {
	n := make(map[int]int)
	for _, pid := range p.Tree() {
		n[pid] = len(DescriptorsOf(pid))
	}
	return n
}

func (p Process) descriptors() int {
	sum := 0
	for _, n := range p.Descriptors() {
		sum += n
	}
	return sum
}

// DescriptorsOf lists the open descriptors of a process; none if it is gone.
func DescriptorsOf(pid int) []string {
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

// memory is what its processes hold for themselves, in bytes.
func (p Process) memory() (int64, error) { return usage.User(p.Tree()...) }

// Rest waits until the server uses about no processor time and its descriptors
// stay the same in number, which it returns. It fails if the server is not at
// rest within a time.
func (p Process) Rest(ctx context.Context, within time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		n := p.descriptors()
		used, busy, err := p.watch(interval)
		if errors.Is(err, usage.ErrGone) {
			return 0, errGone
		}
		if err != nil {
			return 0, err
		}
		now := p.descriptors()
		if used < idleShare && !busy && now == n {
			return n, nil
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("after %v it still uses %.0f%% of a processor%s, and has %d descriptors, %d a moment ago",
				within, 100*used, map[bool]string{true: " or wants to"}[busy], now, n)
		}
	}
}

// rest waits until the server is at rest, and returns how many descriptors it has
// then. did is what was done to it.
func (s *scene) rest(did string) (int, error) {
	n, err := Process(s.server().PID()).Rest(s.ctx, s.target.patience())
	if err != nil {
		return 0, found(did, "the server at rest", err)
	}
	return n, nil
}

// errGone is that none of a server's processes lives.
var errGone = errors.New("it has ended")

// watch looks at the server for a while. It returns the share of one processor that was
// used, and whether a thread could run at all of three moments: one that spins where many
// share the processors may get little, and always wants more. One that only wakes up now and
// then may be seen waiting for a processor too, but not each time.
func (p Process) watch(d time.Duration) (used float64, busy bool, err error) {
	tree := p.Tree()
	busy = runnable(tree)
	before, err := usage.CPU(tree...)
	if err != nil {
		return 0, false, err
	}
	start := time.Now()
	for range 2 {
		time.Sleep(d / 2)
		busy = busy && runnable(tree)
	}
	after, err := usage.CPU(tree...)
	if err != nil {
		return 0, false, err
	}
	return float64(after-before) / float64(time.Since(start)), busy, nil
}

// demand watches the server for a while, and returns the share of one processor that
// it used or, if more, the share of looks at which a thread could run: where many
// share the processors, a server may get little of what it wants.
func (p Process) demand(d time.Duration) (float64, error) {
	const looks = 10
	var used float64
	wanted := 0
	for range looks {
		share, busy, err := p.watch(d / looks)
		if err != nil {
			return 0, err
		}
		used += share / looks
		if busy {
			wanted++
		}
	}
	return max(used, float64(wanted)/looks), nil
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
