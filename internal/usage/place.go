//go:build linux

package usage

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"c1m/internal/result"
)

// Place returns the limits of processes that work together; no pids means this process.
// Quota and memory are the lowest limits of their control groups and the parents of
// those, up to the root. The set is the processors that any of their threads may run
// on: a server that pins its threads has all of them.
func Place(pids ...int) result.Place {
	pids = orSelf(pids)
	return placeIn("/", setOf(pids), pids)
}

// orSelf returns pids, or this process if there are none.
func orSelf(pids []int) []int {
	if len(pids) == 0 {
		return []int{os.Getpid()}
	}
	return pids
}

// setOf returns the processors that any thread of the processes may run on; if
// unknown, as many as runtime.NumCPU.
func setOf(pids []int) []int {
	cpus := threadCPUs(pids)
	if len(cpus) == 0 { // no /proc, or more processors than a CPUSet can hold
		for cpu := range runtime.NumCPU() {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// CPUs returns the usable processor time of this process, in CPUs: its set, or less by
// a quota.
func CPUs() float64 { return Place().CPUs() }

// placeIn returns the place of processes that may run on cpus.
func placeIn(root string, cpus []int, pids []int) result.Place {
	p := result.Place{Set: list(cpus), Width: len(cpus), Governor: governor(root, cpus)}
	for _, g := range Groups(root, "cpu", pids...) {
		p.Quota = least(p.Quota, g.quota())
	}
	for _, g := range Groups(root, "memory", pids...) {
		p.Memory = least(p.Memory, g.memory())
	}
	if p.Quota >= float64(p.Width) {
		p.Quota = 0 // has no effect
	}
	return p
}

// least returns the lower of two limits; 0 means no limit.
func least[T cmp.Ordered](a, b T) T {
	var none T
	if a == none || b != none && b < a {
		return b
	}
	return a
}

// threadCPUs returns the processors that any thread of the processes may run on, in
// ascending order.
func threadCPUs(pids []int) []int {
	var all unix.CPUSet
	for _, pid := range pids {
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			continue
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			var set unix.CPUSet
			if err != nil || unix.SchedGetaffinity(id, &set) != nil {
				continue // it has exited
			}
			for i := range all {
				all[i] |= set[i]
			}
		}
	}
	var cpus []int
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// list formats processors like the kernel: 0-3,8.
func list(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		j := i
		for j+1 < len(cpus) && cpus[j+1] == cpus[j]+1 {
			j++
		}
		part := strconv.Itoa(cpus[i])
		if j > i {
			part += "-" + strconv.Itoa(cpus[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// governor returns the names of the frequency governors of processors.
func governor(root string, cpus []int) string {
	var names []string
	for _, cpu := range cpus {
		text, err := os.ReadFile(filepath.Join(root, fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu)))
		if name := strings.TrimSpace(string(text)); err == nil && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}
