package result

import (
	"cmp"
	"slices"
)

// Host is a machine and the processors that processes may use on it.
type Host struct {
	// Boot identifies the machine: the kernel's boot id, which is random at each
	// start and the same in containers. Empty if it cannot be read.
	Boot string `json:"boot"`
	CPUs []int  `json:"cpus"` // numbers, ascending
}

// Overlaps reports whether processes of both may share a processor. It is true if
// one of the machines is unknown.
func (h Host) Overlaps(other Host) bool {
	switch {
	case h.Boot == "" || other.Boot == "":
		return true
	case h.Boot != other.Boot:
		return false
	}
	return slices.ContainsFunc(h.CPUs, func(cpu int) bool { return slices.Contains(other.CPUs, cpu) })
}

// mostHosts limits how many machines a merge keeps.
const mostHosts = 1024

// addHosts adds the hosts of another replica, each machine once.
func (sum *Replica) addHosts(r Replica) {
	sum.Usable += r.Usable
	for _, h := range r.Hosts {
		i, known := slices.BinarySearchFunc(sum.Hosts, h.Boot, func(a Host, boot string) int { return cmp.Compare(a.Boot, boot) })
		switch {
		case known:
			cpus := slices.Concat(sum.Hosts[i].CPUs, h.CPUs)
			slices.Sort(cpus)
			sum.Hosts[i].CPUs = slices.Compact(cpus)
		case len(sum.Hosts) < mostHosts:
			sum.Hosts = slices.Insert(sum.Hosts, i, Host{h.Boot, slices.Clone(h.CPUs)})
		}
	}
}

// Allowed returns how many processors the generator could use: one for each loop,
// at most the quotas and the number of processors; 0 if unknown.
func (r Replica) Allowed() float64 {
	cpus := 0
	for _, h := range r.Hosts {
		cpus += len(h.CPUs)
	}
	return min(r.Usable, float64(cpus))
}
