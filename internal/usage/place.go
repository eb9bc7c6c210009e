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

// Place is what bounds processes that work together; none is this one. The
// quota and the memory are the least that any of their control groups allows,
// or a parent of one, up to the root. The set is what any of their threads may
// run on: a server that pins threads to processors has all of them.
func Place(pids ...int) result.Place {
	pids = orSelf(pids)
	return placeIn("/", setOf(pids), pids)
}

// orSelf is the processes; this one, if there are none.
func orSelf(pids []int) []int {
	if len(pids) == 0 {
		return []int{os.Getpid()}
	}
	return pids
}

// setOf are the processors that any thread of the processes may run on; those
// the runtime knows of, if the kernel does not tell.
func setOf(pids []int) []int {
	cpus := threadCPUs(pids)
	if len(cpus) == 0 { // no /proc, or more processors than a set can say
		for cpu := range runtime.NumCPU() {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// CPUs is how many processors' time this process may use: those of its set, or
// less where a control group has a quota, 0.5 for half of one.
func CPUs() float64 { return Place().CPUs() }

// placeIn is the place of processes that may run on cpus.
func placeIn(root string, cpus []int, pids []int) result.Place {
	p := result.Place{Set: list(cpus), Width: len(cpus), Governor: governor(root, cpus)}
	for _, g := range Groups(root, "cpu", pids...) {
		p.Quota = least(p.Quota, g.quota())
	}
	for _, g := range Groups(root, "memory", pids...) {
		p.Memory = least(p.Memory, g.memory())
	}
	if p.Quota >= float64(p.Width) {
		p.Quota = 0 // which bounds nothing
	}
	return p
}

// least is the lower of two limits, of which 0 is none.
func least[T cmp.Ordered](a, b T) T {
	var none T
	if a == none || b != none && b < a {
		return b
	}
	return a
}

// threadCPUs are the processors that any thread of the processes may run on, in
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
				continue // it has ended
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

// list writes processors as the kernel does: 0-3,8.
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

// governor names what governs the frequency of processors, each that there is.
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
