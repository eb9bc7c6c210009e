//go:build linux

package usage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Halted reports which of a set of processes are stopped by a signal or a debugger, or
// frozen by a control group. It keeps a file of each process open. It looks for
// freezers below /sys/fs/cgroup, for the control groups of the processes at the time
// of Watch.
type Halted struct {
	processes []watched
	freezers  []freezer
	buf       [512]byte
}

type watched struct {
	pid, stat int
	freezers  []int // indexes
}

// freezer is a file that says whether a control group is frozen.
type freezer struct {
	name   string
	fd     int
	frozen string // its content then
}

// Watch opens the files of processes. Those that have exited are ignored.
func Watch(pids ...int) *Halted {
	h := &Halted{}
	for _, pid := range pids {
		// The file of the first thread, because that of the process sums over all.
		fd, err := unix.Open(fmt.Sprintf("/proc/%d/task/%d/stat", pid, pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		h.processes = append(h.processes, watched{pid, fd, h.freezersOf(pid)})
	}
	return h
}

// freezersOf opens the files of the control groups that a process is in.
func (h *Halted) freezersOf(pid int) []int {
	const root = "/sys/fs/cgroup"
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return nil
	}
	var list []int
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		switch controllers, path := fields[1], fields[2]; {
		case controllers == "":
			list = h.open(list, "frozen 1", filepath.Join(root, path, "cgroup.events"))
			list = h.open(list, "frozen 1", filepath.Join(root, "unified", path, "cgroup.events"))
		case slices.Contains(strings.Split(controllers, ","), "freezer"):
			list = h.open(list, "FROZEN", filepath.Join(root, "freezer", path, "freezer.state"))
		}
	}
	return list
}

// open appends the index of a freezer to a list, if it exists. Processes of one group
// share it.
func (h *Halted) open(list []int, frozen, name string) []int {
	if i := slices.IndexFunc(h.freezers, func(f freezer) bool { return f.name == name }); i >= 0 {
		return append(list, i)
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return list
	}
	h.freezers = append(h.freezers, freezer{name, fd, frozen})
	return append(list, len(h.freezers)-1)
}

// Read appends the processes that are halted now to list.
func (h *Halted) Read(list []int) []int {
	frozen := make([]bool, len(h.freezers))
	for i, f := range h.freezers {
		frozen[i] = bytes.Contains(h.read(f.fd), []byte(f.frozen))
	}
	for _, p := range h.processes {
		if stopped(h.read(p.stat)) || slices.ContainsFunc(p.freezers, func(i int) bool { return frozen[i] }) {
			list = append(list, p.pid)
		}
	}
	return list
}

func (h *Halted) read(fd int) []byte {
	n, err := unix.Pread(fd, h.buf[:], 0)
	if err != nil { // the process has exited, or the group was removed
		return nil
	}
	return h.buf[:n]
}

// Close closes the files.
func (h *Halted) Close() {
	for _, p := range h.processes {
		unix.Close(p.stat)
	}
	for _, f := range h.freezers {
		unix.Close(f.fd)
	}
	h.processes, h.freezers = nil, nil
}

// stopped reads the state, which follows the name in brackets: T is stopped by a
// signal, t by a debugger.
func stopped(stat []byte) bool {
	i := bytes.LastIndexByte(stat, ')')
	return i >= 0 && i+2 < len(stat) && (stat[i+2] == 'T' || stat[i+2] == 't')
}
