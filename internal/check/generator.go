package check

import (
	"slices"
	"strconv"

	"c1m/internal/format"
	"c1m/internal/result"
)

const generatorLimit = 0.90 // of the processor time the generator can use

// generator: the generator has processor time to spare, so that the measurement
// shows the server. It cannot be judged if both ends share CPUs.
func generator(cell result.Cell, load result.Replica, seen Seen) result.Check {
	c := result.Check{Name: "generator", Limit: "at most 90% of the CPUs that its loops can use"}
	measured := load.CPUWall > 0 && load.CPU >= 0
	used := "not measured"
	var cpus float64
	if measured {
		cpus = float64(load.CPU) / float64(load.CPUWall)
		used = processors(format.Unscaled(cpus)) + " used"
	}
	room := usable(cell, load)
	if shared(cell, load, seen.Server) || room <= 0 {
		c.Verdict = result.Shared
		c.Value = used
		c.Limit += ", if the server uses other CPUs"
		return c
	}
	share := cpus / room
	c.Verdict = verdict(measured && share <= generatorLimit+rounding)
	c.Value = used
	if measured {
		c.Value = format.FinePercent(share) + " of " + processors(format.Unscaled(room))
		if c.Verdict != result.OK {
			c.Fix = "use more -client-cpus or -replicas (bench run), or more loops (client -c)"
			if cpus := hostCPUs(load.Hosts); cpus > 0 && load.Usable >= float64(cpus) {
				c.Fix = "give the generator more processors (bench run -client-cpus), or a machine with more" // more loops would share the same
			}
		}
	}
	return c
}

// fullMachine returns a sentence if both ends share processors and use about all of
// them; empty if not, or if it is unknown. Then neither more replicas nor a share of the
// processors for each end lets them do more.
func fullMachine(cell result.Cell, load result.Replica, server *result.Server) string {
	if server == nil || server.Wall <= 0 || load.CPUWall <= 0 || load.CPU < 0 || server.Host == nil || len(load.Hosts) != 1 ||
		!shared(cell, load, server) {
		return ""
	}
	cpus := hostCPUs([]result.Host{*server.Host, load.Hosts[0]})
	used := float64(server.CPU)/float64(server.Wall) + float64(load.CPU)/float64(load.CPUWall)
	if cpus == 0 || used < generatorLimit*float64(cpus) {
		return ""
	}
	return "the server and the generator together use " + format.Unscaled(used) + " of " + processors(strconv.Itoa(cpus))
}

// hostCPUs returns how many different processors hosts name, each machine's for itself.
func hostCPUs(hosts []result.Host) int {
	type processor struct {
		boot string
		cpu  int
	}
	all := make(map[processor]bool)
	for _, h := range hosts {
		for _, cpu := range h.CPUs {
			all[processor{h.Boot, cpu}] = true
		}
	}
	return len(all)
}

// shared reports whether both ends may have used the same processors: whether
// those of their processes overlap or, if the server does not report its
// processors, whether it may run on a machine of the generator's.
func shared(cell result.Cell, load result.Replica, server *result.Server) bool {
	switch {
	case apart(set(cell.ServerCPUs), set(cell.ClientCPUs)):
		return false
	case server != nil && server.Host != nil && len(load.Hosts) > 0:
		return slices.ContainsFunc(load.Hosts, server.Host.Overlaps)
	}
	return !load.Elsewhere
}

// usable returns how many processors' time the generator can use; 0 if
// unknown.
func usable(cell result.Cell, load result.Replica) float64 {
	given := float64(len(set(cell.ClientCPUs)))
	if known := load.Allowed(); known > 0 {
		if given > 0 {
			return min(known, given)
		}
		return known
	}
	if loops := float64(cell.Loops * max(1, cell.Replicas)); loops > 0 { // an older file
		return min(given, loops)
	}
	return given
}

func processors(n string) string {
	if n == "1" {
		return "1 CPU"
	}
	return n + " CPUs"
}

func set(cpus []int) map[int]bool {
	s := make(map[int]bool, len(cpus))
	for _, cpu := range cpus {
		s[cpu] = true
	}
	return s
}

// apart reports whether both sets are given and have no CPU in common.
func apart(a, b map[int]bool) bool {
	for cpu := range a {
		if b[cpu] {
			return false
		}
	}
	return len(a) > 0 && len(b) > 0
}
