//go:build linux

package agent

import (
	"c1m/internal/result"
	"c1m/internal/usage"
)

// findings is the result of a look; values that could not be read are nil.
type findings struct {
	processes []usage.Process // nil if they could not be listed
	memory    map[int]int64   // of each process
	user      *int64          // sum of memory
	kernel    *int64
	switches  *int64 // of several processes
	place     *result.Place
	host      *result.Host
}

// find reads the costly figures.
func find() findings {
	list, err := usage.List(pid())
	if err != nil { // such as no free descriptor
		return findings{}
	}
	f := findings{processes: list, memory: make(map[int]int64)}
	var sum int64
	var pids []int
	for _, p := range list {
		if p.Ended {
			continue
		}
		pids = append(pids, p.PID)
		if bytes, err := usage.User(p.PID); err == nil {
			f.memory[p.PID] = bytes
			sum += bytes
		}
	}
	if len(f.memory) == len(pids) { // otherwise the sum would be too small
		f.user = &sum
	}
	if bytes, err := usage.Kernel(); err == nil {
		f.kernel = &bytes
	}
	if len(pids) > 1 { // for a single process, step reads them
		if n, err := usage.Switches(pids...); err == nil {
			f.switches = &n
		}
	}
	place := usage.Place()
	f.place = &place
	host := usage.Host(pids...)
	f.host = &host
	return f
}
