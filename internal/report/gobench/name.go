package gobench

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
)

// name is the benchmark's name of a cell:
//
//	Echo/mode=ROW[/DIMENSION=VALUE…]/conns=N
//
// A dimension is there if the cell is not at its default, so that a cell has
// one name in every run. Values are escaped as in the path of a URL: a space
// is %20, a slash %2F. conns stands last, because a name that ends in - and
// digits would be read as one with a number of processors.
func name(h result.Header, c result.Cell) string {
	parts := []string{"Echo", "mode=" + url.PathEscape(c.Row)}
	fields := c.Fields()
	for _, field := range aside() {
		delete(fields, field)
	}
	for field, usual := range defaults(h, c) {
		if fields[field] == usual {
			delete(fields, field)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, dimension(field)+"="+url.PathEscape(fields[field]))
	}
	return strings.Join(append(parts, "conns="+strconv.Itoa(c.Conns)), "/")
}

// aside are the fields that are in a name anyway, that cannot matter to it, or
// that are configuration.
func aside() []string {
	return append([]string{"kind", "row", "command", "library", "version", "conns"}, configured()...)
}

// configured are the fields of a cell that all cells of a run have in common,
// and that two runs must have in common to be compared.
func configured() []string {
	return []string{"warmup", "window", "timeout", "server_cpus", "client_cpus"}
}

// defaults are the words of the fields of a cell that nothing was said about.
func defaults(h result.Header, c result.Cell) map[string]string {
	usable := func(set []int) int {
		most := h.Environment.CPUs
		if place := h.Environment.Place; place != nil {
			most = place.Loops()
		}
		if len(set) > 0 {
			most = min(most, len(set))
		}
		return most
	}
	loops := min(usable(c.ClientCPUs), c.Conns/max(1, c.Replicas))
	if c.Busy > 0 {
		loops = min(loops, c.Busy/max(1, c.Replicas))
	}
	return map[string]string{
		"proto":    "echo",
		"work":     "none",
		"replicas": "1",
		"size":     "8",
		"arrivals": "uniform",
		"c":        strconv.Itoa(min(usable(c.ServerCPUs), c.Conns)),
		"loops":    strconv.Itoa(loops),
	}
}

// dimension is a field by the name of its flag.
func dimension(field string) string {
	if field == "loops" {
		return "client-c"
	}
	return strings.ReplaceAll(field, "_", "-")
}

// config are the facts that decide whether two runs can be compared: benchstat
// makes a table for each of their combinations. What differs from run to run
// by nature, such as the commit, is a comment.
func config(h result.Header, row table.Row) []benchfmt.Config {
	c := row.Cell
	e, fields := h.Environment, c.Fields()
	facts := [][2]string{
		{"goos", e.OS}, {"goarch", e.Arch}, {"cpu", e.CPU}, {"cpus", strconv.Itoa(e.CPUs)}, {"kernel", e.Kernel}, {"engine", h.Engine},
	}
	if place := e.Place; place != nil && place.Quota > 0 {
		facts = append(facts, [2]string{"quota", strconv.FormatFloat(place.Quota, 'g', 3, 64) + " CPUs"})
	}
	if place := e.Place; place != nil && place.Memory > 0 {
		facts = append(facts, [2]string{"memory-limit", format.Size(float64(place.Memory))})
	}
	facts = append(facts, [2]string{"server-place", report.Elsewhere(row.ServerPlaces, e)}, [2]string{"client-place", report.Elsewhere(row.ClientPlaces, e)})
	for _, field := range configured() {
		facts = append(facts, [2]string{dimension(field), fields[field]})
	}
	var list []benchfmt.Config
	for _, fact := range facts {
		if value := plain.Line(fact[1]); value != "" {
			list = append(list, benchfmt.Config{Key: fact[0], Value: []byte(value), File: true})
		}
	}
	return list
}
