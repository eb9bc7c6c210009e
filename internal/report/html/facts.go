package html

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
)

// fact is one thing to know in order to make the run again.
type fact struct{ Name, Value string }

// rounds is how many there were of those that were to be. A search has as many
// steps as it needs.
func rounds(t table.Table) string {
	if t.Searched() {
		return fmt.Sprintf("a step of each search that is not over, at most %d", t.Rounds)
	}
	rounds := fmt.Sprintf("%d of %d", t.Tried, t.Rounds)
	if t.Until != nil {
		rounds += ", " + report.UntilWords(*t.Until)
	}
	return rounds
}

func facts(t table.Table) []fact {
	e := t.Environment
	all := []fact{
		{"Command", strings.Join(t.Command, " ")},
		{"Run", t.Run},
		{"Started", t.Started.UTC().Format("2006-01-02 15:04:05 UTC")},
		{"Seed", strconv.FormatUint(t.Seed, 10)},
		{"Rounds", rounds(t)},
		{"Engine", t.Engine},
		{"Host", e.Hostname},
		{"System", strings.TrimSpace(e.OS + " " + e.Kernel + " " + e.Arch)},
		{"Processors", strings.TrimSpace(report.Processors(e) + " × " + e.CPU)},
		{"Memory", format.Size(float64(e.Memory))},
		{"Server's place", report.Places(t.ServerPlaces)},
		{"Clients' place", report.Places(t.ClientPlaces)},
		{"Hypervisor", strings.Replace(e.Virtual, result.UnnamedVirtual, "one that does not say its name", 1)},
		{"Go", e.Go},
		{"Version", strings.TrimSpace(e.Version + " " + e.Commit)},
	}
	for _, name := range slices.Sorted(maps.Keys(e.Limits)) {
		all = append(all, fact{name, strconv.FormatUint(e.Limits[name], 10)})
	}
	for _, from := range []map[string]string{e.Sysctls, e.Variables} {
		for _, name := range slices.Sorted(maps.Keys(from)) {
			all = append(all, fact{name, from[name]})
		}
	}
	var known []fact
	for _, f := range all {
		if f = (fact{plain.Line(f.Name), plain.Line(f.Value)}); f.Value != "" && !slices.Contains(known, f) { // a limit may be a sysctl as well
			known = append(known, f)
		}
	}
	return known
}
