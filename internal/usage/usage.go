//go:build linux

// Package usage reads the processor time, context switches and memory of a process
// tree and the kernel, while processes and threads start and exit; and their limits:
// CPUs and control groups. It reads on request: it has no timers and does not
// depend on trials.
package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"
)

// ErrGone means that none of the given processes is alive.
var ErrGone = errors.New("usage: none of the processes is alive")

// Tree returns root, its living descendants, and the members of the process group that
// it leads, in ascending order; none if root is not alive. A process whose parent died
// gets another parent, but is still in the group.
func Tree(root int) []int {
	list, err := descendants(root)
	if err != nil {
		return nil
	}
	pids := alive(list)
	slices.Sort(pids)
	return pids
}

// dead reports whether a process state is that of a zombie.
func dead(state string) bool { return state == "Z" || state == "X" }

// sum adds the results of read. It ignores processes that have exited, which may happen
// between listing and reading.
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

// gone reports whether err means that a process has exited, before or after its file
// was opened.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH)
}
