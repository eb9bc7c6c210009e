//go:build linux

package host

import "c1m/internal/result"

// processors can only warn: under a quota the numbers are correct, but for less
// than the CPUs that the machine shows, and both ends stop for the rest of each
// period.
func processors(p result.Place) Finding {
	finding := Finding{Name: "CPUs", OK: p.Quota == 0, Warning: p.Quota > 0, Seen: p.String(), Need: "no quota"}
	if p.Governor != "" {
		finding.Seen += ", governor " + p.Governor
	}
	if finding.Warning {
		finding.Need = "no quota: both ends stop when it is used up"
		finding.Fix = "raise or remove it: docker run --cpus, limits.cpu of a pod, cpu.max of the control group"
	}
	return finding
}
