//go:build linux

// Package usage reads what a process tree and the kernel use: processor time,
// context switches and memory; and what bounds it: its CPUs and control groups.
// It reads once when asked; it samples nothing, takes no differences and knows
// no trial.
package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// ErrGone says that not one of the processes asked about is alive.
var ErrGone = errors.New("usage: none of the processes is alive")

// Tree returns root and all its living descendants, in ascending order; none
// if root is not alive. A child whose parent died is no longer a descendant:
// the kernel gave it to another process.
//
// It asks every process for its parent. /proc/PID/task/*/children would be
// shorter, but proc(5) calls it unreliable while children come and go, and not
// every kernel has it.
func Tree(root int) []int {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil
	}
	children := make(map[int][]int)
	var tree []int
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil || dead(stat.State) {
			continue // ended since the listing
		}
		children[stat.PPID] = append(children[stat.PPID], p.PID)
		if p.PID == root {
			tree = []int{root}
		}
	}
	for i := 0; i < len(tree); i++ {
		for _, child := range children[tree[i]] {
			// A number given to a new process during the scan could close
			// a circle.
			if !slices.Contains(tree, child) {
				tree = append(tree, child)
			}
		}
	}
	slices.Sort(tree)
	return tree
}

// dead says that a process has ended, and only waits to be reaped.
func dead(state string) bool { return state == "Z" || state == "X" }

// sum adds what read returns for each process, without those that are gone:
// a process may end between listing and reading.
func sum(pids []int, read func(pid int) (int64, error)) (int64, error) {
	var total int64
	var alive int
	for _, pid := range pids {
		n, err := read(pid)
		if gone(err) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("process %d: %w", pid, err)
		}
		total += n
		alive++
	}
	if alive == 0 {
		return 0, ErrGone
	}
	return total, nil
}

// gone recognises a process that ended: its directory is missing, or it was
// opened in time and has nothing left to say.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH)
}
