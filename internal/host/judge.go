//go:build linux

package host

import (
	"c1m/internal/ring"
	"c1m/internal/usage"
)

// Finding is the doctor's verdict on one limit.
type Finding struct {
	Name    string
	OK      bool
	Warning bool   // not ok, but it slows or endangers the run instead of preventing it
	Seen    string // what the machine has
	Need    string // what the load requires
	Fix     string // the fix: a command, or flags to use instead; empty if ok
	Tune    bool   // scripts/tune.sh on fixes it too
}

// Fails reports whether the limit prevents the run.
func (f Finding) Fails() bool { return !f.OK && !f.Warning }

// Doctor reads this machine's limits and judges whether it can carry the load.
func Doctor(load Load) []Finding {
	facts, err := ReadFacts("/")
	if err != nil {
		return []Finding{{
			Name: "limits", Seen: err.Error(), Need: "a readable /proc",
			Fix: "mount -t proc proc /proc",
		}}
	}
	return append([]Finding{processors(usage.Place()), rings(ring.Check(), load)}, Judge(facts, load)...)
}

// Judge returns one finding per limit: whether a machine with these facts can
// carry the load. Unknown facts have no finding.
func Judge(f Facts, load Load) []Finding {
	load = load.filled(f)
	var all []Finding
	for _, judge := range []func(Facts, Load) (Finding, bool){
		clientDescriptors,
		serverDescriptors,
		openFiles,
		sourcePorts,
		acceptQueue,
		hashTable,
		tcpMemory,
		tracking,
		memory,
	} {
		if finding, known := judge(f, load); known {
			if finding.OK {
				finding.Fix = ""
			} else {
				tuned, _ := judge(f.Tuned(), load)
				finding.Tune = tuned.OK
			}
			all = append(all, finding)
		}
	}
	return all
}
