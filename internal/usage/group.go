//go:build linux

package usage

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// Group is one control group: its directory, and the version of its files.
type Group struct {
	Dir     string
	Version int // 1 or 2
}

// Groups returns the control groups that may limit processes by a controller, such as
// cpu or memory, each once and before its parents up to the root: a parent's limit is
// shared by all groups in it. root is "/", or a directory that has proc and sys. A
// container usually does not see the parents of its own group, so their limits are
// unknown. Not every directory need exist.
func Groups(root, controller string, pids ...int) []Group {
	proc, err := procfs.NewFS(filepath.Join(root, "proc"))
	if err != nil {
		return nil
	}
	mounts, _ := proc.GetMounts() // without them, the usual mount points
	var all []Group
	known := make(map[Group]bool)
	for _, pid := range pids {
		process, err := proc.Proc(pid)
		if err != nil {
			continue // it has exited
		}
		memberships, err := process.Cgroups()
		if err != nil {
			continue
		}
		for _, of := range memberships {
			for _, g := range groupsOf(root, controller, of, mounts) {
				if !known[g] {
					known[g] = true
					all = append(all, g)
				}
			}
		}
	}
	return all
}

// groupsOf returns a group of a process and its parents; none if its hierarchy does
// not have the controller.
func groupsOf(root, controller string, of procfs.Cgroup, mounts []*procfs.MountInfo) []Group {
	// Version 2 has a single hierarchy, number 0.
	version, mount := 2, procfs.MountInfo{Root: "/", MountPoint: "/sys/fs/cgroup"}
	if of.HierarchyID != 0 {
		if !slices.Contains(of.Controllers, controller) {
			return nil
		}
		version, mount.MountPoint = 1, "/sys/fs/cgroup/"+controller
	}
	for _, m := range mounts {
		_, has := m.SuperOptions[controller]
		if version == 2 && m.FSType == "cgroup2" || version == 1 && m.FSType == "cgroup" && has {
			mount = *m
		}
	}
	var all []Group
	for _, dir := range upwards(within(of.Path, mount.Root)) {
		all = append(all, Group{filepath.Join(root, mount.MountPoint, dir), version})
	}
	return all
}

// within returns the path of a group below the mount point. In a container the group
// itself may be mounted as the root, while path is the host's.
func within(path, mounted string) string {
	if rest, below := strings.CutPrefix(path, strings.TrimSuffix(mounted, "/")); below && (rest == "" || rest[0] == '/') {
		return rest
	}
	return path
}

// upwards returns a path and its parents, the root last.
func upwards(path string) []string {
	var all []string
	for path = filepath.Clean("/" + path); ; path = filepath.Dir(path) {
		all = append(all, path)
		if path == "/" {
			return all
		}
	}
}

// Number reads a file of the group that holds one number. It is not ok if the file is
// missing or contains "max".
func (g Group) Number(name string) (n int64, ok bool) {
	text, err := os.ReadFile(filepath.Join(g.Dir, name))
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// Stat reads a file of the group with a name and a number on each line.
func (g Group) Stat(name string) map[string]int64 {
	text, err := os.ReadFile(filepath.Join(g.Dir, name))
	if err != nil {
		return nil
	}
	values := make(map[string]int64)
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 {
			if n, err := strconv.ParseInt(words[1], 10, 64); err == nil {
				values[words[0]] = n
			}
		}
	}
	return values
}

// quota returns the group's CPU quota, in CPUs; 0 means no limit.
func (g Group) quota() float64 {
	var quota, period float64
	if g.Version == 1 {
		q, _ := g.Number("cpu.cfs_quota_us") // -1 is no limit
		p, _ := g.Number("cpu.cfs_period_us")
		quota, period = float64(q), float64(p)
	} else if text, err := os.ReadFile(filepath.Join(g.Dir, "cpu.max")); err == nil {
		if words := strings.Fields(string(text)); len(words) == 2 { // "max 100000" is no limit
			quota, _ = strconv.ParseFloat(words[0], 64)
			period, _ = strconv.ParseFloat(words[1], 64)
		}
	}
	if quota <= 0 || period <= 0 {
		return 0
	}
	return quota / period
}

// unlimited is the least memory limit that means no limit: version 1 reports the
// largest number of pages.
const unlimited = 1 << 60

// memory returns the group's memory limit in bytes; 0 means no limit.
func (g Group) memory() int64 {
	file := "memory.max"
	if g.Version == 1 {
		file = "memory.limit_in_bytes"
	}
	if n, ok := g.Number(file); ok && n < unlimited {
		return n
	}
	return 0
}
