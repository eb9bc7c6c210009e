package html

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/report"
	"c1m/internal/result"
)

// grid is a table that sorts.
type grid struct {
	Head []string
	Rows []gridRow
}

type gridRow struct {
	Cells          []cell
	Failed, Warned bool
}

// cell is a text and what it sorts by; empty, it sorts last.
type cell struct{ Text, Key string }

func grids(t report.Table) []grid {
	var all []grid
	for _, from := range report.Grids(t) {
		g := grid{Head: from.Head}
		for _, r := range from.Rows {
			row := gridRow{Failed: r.Failed, Warned: r.Warned}
			for i, text := range r.Cells {
				key := text
				if i > 0 && i < len(r.Cells)-1 {
					key = magnitude(text)
				}
				row.Cells = append(row.Cells, cell{text, key})
			}
			g.Rows = append(g.Rows, row)
		}
		all = append(all, g)
	}
	return all
}

// magnitude is the number a cell begins with, in the smallest unit of its kind:
// 161k ±1.9% is 161000, 4.60ms is 4600000. It is empty where there is none.
func magnitude(text string) string {
	if text == "grows" {
		return "1e300"
	}
	text = strings.TrimLeft(text, "≥~<")
	end := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("-.0123456789", r) })
	if end < 0 {
		end = len(text)
	}
	v, err := strconv.ParseFloat(text[:end], 64)
	if err != nil {
		return ""
	}
	unit := strings.TrimSpace(text[end:])
	if at := strings.IndexAny(unit, " /·±–→"); at >= 0 {
		unit = unit[:at]
	}
	scale := map[string]float64{
		"k": 1e3, "M": 1e6, "G": 1e9, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "µs": 1e3, "ms": 1e6, "s": 1e9,
	}[unit]
	if scale == 0 {
		scale = 1
	}
	return strconv.FormatFloat(v*scale, 'g', -1, 64)
}

// fact is one thing to know in order to make the run again.
type fact struct{ Name, Value string }

// rounds is how many there were of those that were to be. A search has as many
// steps as it needs.
func rounds(t report.Table) string {
	if slices.ContainsFunc(t.Rows, func(r report.Row) bool { return r.Search != nil }) {
		return fmt.Sprintf("a step of each search that is not over, at most %d", t.Rounds)
	}
	return fmt.Sprintf("%d of %d", t.Tried, t.Rounds)
}

func facts(t report.Table) []fact {
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
		{"Memory", report.Size(float64(e.Memory))},
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
		if f = (fact{report.Clean(f.Name), report.Clean(f.Value)}); f.Value != "" && !slices.Contains(known, f) { // a limit may be a sysctl as well
			known = append(known, f)
		}
	}
	return known
}
