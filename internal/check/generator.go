package check

import (
	"strconv"

	"c1m/internal/result"
)

const generatorLimit = 0.90 // of the generator's own CPUs

// generator: the generator had processor time to spare, so that it is the
// server that was measured. With CPUs in common that cannot be told.
func generator(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{Name: "generator", Limit: "at most 90% of its CPUs"}
	server, client := set(cell.ServerCPUs), set(cell.ClientCPUs)
	measured := load.CPUWall > 0 && load.CPU >= 0
	used := "not measured"
	var cpus float64
	if measured {
		cpus = float64(load.CPU) / float64(load.CPUWall)
		used = processors(number(cpus)) + " used"
	}
	if !apart(server, client) {
		c.Verdict = result.Shared
		c.Value = used
		c.Limit += ", if they are apart from the server's"
		return c
	}
	share := cpus / float64(len(client))
	c.Verdict = verdict(measured && share <= generatorLimit+rounding)
	c.Value = used
	if measured {
		c.Value = percent(share) + " of " + processors(strconv.Itoa(len(client)))
		if c.Verdict != result.OK {
			c.Cure = "more -client-cpus of bench run"
		}
	}
	return c
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

// apart says that both sets are given and have no CPU in common.
func apart(a, b map[int]bool) bool {
	for cpu := range a {
		if b[cpu] {
			return false
		}
	}
	return len(a) > 0 && len(b) > 0
}
