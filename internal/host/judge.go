//go:build linux

package host

import "c1m/internal/usage"

// Finding is what the doctor says about one limit.
type Finding struct {
	Name    string
	OK      bool
	Warning bool   // not ok, and it would slow the run or put it at risk rather than fail it
	Seen    string // what the machine has
	Need    string // what the ask takes
	Cure    string // a command that mends it, or flags to use instead; empty if ok
	Tune    bool   // scripts/tune.sh on mends it as well
}

// Fails says that the run asked for cannot be had here.
func (f Finding) Fails() bool { return !f.OK && !f.Warning }

// Doctor reads this machine and judges whether it can do what is asked.
func Doctor(ask Ask) []Finding {
	facts, err := ReadFacts("/")
	if err != nil {
		return []Finding{{
			Name: "limits", Seen: err.Error(), Need: "a readable /proc",
			Cure: "mount -t proc proc /proc",
		}}
	}
	return append([]Finding{processors(usage.Place())}, Judge(facts, ask)...)
}

// Judge says, one limit a finding, whether a machine with these facts can do
// what is asked. What the facts do not tell has no finding.
func Judge(f Facts, ask Ask) []Finding {
	ask = ask.filled(f)
	var all []Finding
	for _, judge := range []func(Facts, Ask) (Finding, bool){
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
		if finding, known := judge(f, ask); known {
			if finding.OK {
				finding.Cure = ""
			} else {
				tuned, _ := judge(f.Tuned(), ask)
				finding.Tune = tuned.OK
			}
			all = append(all, finding)
		}
	}
	return all
}
