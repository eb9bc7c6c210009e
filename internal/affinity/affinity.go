//go:build linux

// Package affinity gets and sets the processors that the calling thread may run on.
// It does not lock the goroutine to its thread: without that, Set also affects the
// goroutines that run on the thread later.
package affinity

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Get returns the calling thread's processors in ascending order. It fails if the
// kernel supports more than a CPUSet can hold (1024).
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

// Set restricts the calling thread to cpus. Threads and processes that it starts later
// inherit them.
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

// CPUs returns the result of Get, or if that fails, runtime.NumCPU processors from 0.
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

// List formats processors for taskset and the flags of engines: 0,1,6.
func List(cpus []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(cpus), "[]"), " ", ",")
}
