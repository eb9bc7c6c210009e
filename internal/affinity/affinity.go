//go:build linux

// Package affinity tells and sets the processors that the calling thread may
// run on. It locks no goroutine to its thread: the caller does, or what is set
// holds for whatever runs there next.
package affinity

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Get returns the calling thread's processors in ascending order. It fails
// where the kernel knows more than a CPUSet can say (1024).
func Get() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	var cpus []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// Set restricts the calling thread to cpus. Threads and processes that it
// starts from then on inherit them.
func Set(cpus ...int) error {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("sched_setaffinity to CPU %s: %w", List(cpus), err)
	}
	return nil
}

// CPUs is Get; where that fails, as many as the runtime knows of, from 0 on.
func CPUs() []int {
	cpus, err := Get()
	if err == nil && len(cpus) > 0 {
		return cpus
	}
	cpus = make([]int, runtime.NumCPU())
	for i := range cpus {
		cpus[i] = i
	}
	return cpus
}

// List writes processors as taskset and the flags of engines take them: 0,1,6.
func List(cpus []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(cpus), "[]"), " ", ",")
}
