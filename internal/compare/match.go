package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// pair is a cell of the old side and the one of the new that is named alike.
type pair struct{ old, new cell }

// differences names what two machines differ in that decides what they can
// do. The kernel is among it: it does most of the work of a server that only
// echoes. Host name, memory, the Go version, sysctls and variables are not:
// they are of no weight here, or what one compares.
func differences(old, new result.Header) []string {
	var list []string
	a, b := old.Environment, new.Environment
	for _, fact := range []struct{ name, old, new string }{
		{"engine", old.Engine, new.Engine},
		{"CPU", a.CPU, b.CPU},
		{"number of CPUs", strconv.Itoa(a.CPUs), strconv.Itoa(b.CPUs)},
		{"architecture", a.Arch, b.Arch},
		{"system", a.OS, b.OS},
		{"kernel", a.Kernel, b.Kernel},
	} {
		if fact.old != fact.new {
			list = append(list, fmt.Sprintf("%s differs: %s and %s", fact.name, word(fact.old), word(fact.new)))
		}
	}
	return append(list, apartAt("harness", ownPlace(a), ownPlace(b))...)
}

// word is a value to read; one that is absent is said to be.
func word(s string) string {
	if s = plain.Line(s); s == "" {
		return "none"
	}
	return s
}

// match pairs cells whose every dimension is equal. What remains is told in
// reasons: the difference from the nearest cell of the same row, or that there
// is none.
func match(old, new side, name func(cell) string, why *reasons) []pair {
	var pairs []pair
	taken := make([]bool, len(new.cells))
	same := make(map[string]int)   // by key, the first cell
	rows := make(map[string][]int) // by row, the first cells
	for i, b := range new.cells {
		row := b.dimensions["row"]
		if _, known := same[b.key]; !known {
			same[b.key] = i
		}
		if len(rows[row]) < mostAlike {
			rows[row] = append(rows[row], i)
		}
	}
	var left []cell
	for _, a := range old.cells {
		i, known := same[a.key]
		if !known || taken[i] {
			left = append(left, a)
			continue
		}
		taken[i] = true
		pairs = append(pairs, pair{a, new.cells[i]})
	}
	for _, a := range left {
		nearest, apart := -1, []string(nil)
		for _, i := range rows[a.dimensions["row"]] {
			if taken[i] {
				continue
			}
			if d := apartIn(a.dimensions, new.cells[i].dimensions); nearest < 0 || len(d) < len(apart) {
				nearest, apart = i, d
			}
		}
		if nearest < 0 {
			why.add("only in "+old.Name, name(a))
			continue
		}
		taken[nearest] = true
		for _, d := range apart {
			why.add(d, name(a))
		}
	}
	for i, b := range new.cells {
		if !taken[i] {
			why.add("only in "+new.Name, name(b))
		}
	}
	return pairs
}

// mostAlike is how many cells of a row are looked at for the nearest: more
// differ in so many ways that the nearest says little, and all with all of them
// would take long.
const mostAlike = 100

// apartIn names the dimensions in which two cells differ.
func apartIn(old, new map[string]string) []string {
	var list []string
	for _, name := range names(old, new) {
		if old[name] != new[name] {
			list = append(list, fmt.Sprintf("%s differs: %s and %s", name, word(old[name]), word(new[name])))
		}
	}
	return list
}

// names are the dimensions that either has, sorted.
func names(maps ...map[string]string) []string {
	var all []string
	for _, m := range maps {
		for name := range m {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// derived are the dimensions that usually follow from the others: a cell is not
// called by them unless they alone tell it from another.
func derived() []string { return []string{"loops", "warmup", "window"} }

// naming says how cells are called: row and connections, and whatever else is
// not the same in all cells of a side.
func naming(old, new side) func(cell) string {
	var varying []string
	for _, s := range []side{old, new} {
		var all []map[string]string
		for _, c := range s.cells {
			all = append(all, c.dimensions)
		}
		for _, name := range names(all...) {
			differs := slices.ContainsFunc(all, func(m map[string]string) bool { return m[name] != all[0][name] })
			if differs && name != "row" && name != "conns" && !slices.Contains(varying, name) {
				varying = append(varying, name)
			}
		}
	}
	slices.Sort(varying)
	for _, name := range derived() {
		fewer := slices.DeleteFunc(slices.Clone(varying), func(other string) bool { return other == name })
		if old.told(fewer) == old.told(varying) && new.told(fewer) == new.told(varying) {
			varying = fewer
		}
	}
	return func(c cell) string {
		parts := []string{format.Plural(c.Conns, "connection")}
		if row, named := c.dimensions["row"]; named {
			parts = append([]string{plain.Line(row)}, parts...)
		}
		for _, name := range varying {
			if v := c.dimensions[name]; v != "" {
				parts = append(parts, name+" "+plain.Line(v))
			}
		}
		return strings.Join(parts, ", ")
	}
}

// told is how many cells these dimensions tell apart, with row and connections.
func (s side) told(by []string) int {
	seen := make(map[string]bool)
	for _, c := range s.cells {
		key := fmt.Sprintf("%q %d", c.dimensions["row"], c.Conns)
		for _, name := range by {
			key += fmt.Sprintf(" %q", c.dimensions[name])
		}
		seen[key] = true
	}
	return len(seen)
}

// reasons are sentences, each with the cells it is true of, in the order they
// came up.
type reasons struct {
	texts []string
	cells map[string][]string
}

// add notes a reason, for a cell or, with an empty name, for the whole.
func (r *reasons) add(text, cell string) {
	if r.cells == nil {
		r.cells = make(map[string][]string)
	}
	if _, known := r.cells[text]; !known {
		r.texts = append(r.texts, text)
		r.cells[text] = nil
	}
	if cell != "" && !slices.Contains(r.cells[text], cell) {
		r.cells[text] = append(r.cells[text], cell)
	}
}

// list is one line for each reason.
func (r *reasons) list() []string {
	list := []string{}
	for _, text := range r.texts {
		switch cells := r.cells[text]; len(cells) {
		case 0:
			list = append(list, text)
		case 1, 2, 3:
			list = append(list, strings.Join(cells, "; ")+": "+text)
		default:
			list = append(list, fmt.Sprintf("%s and %d more cells: %s", cells[0], len(cells)-1, text))
		}
	}
	return list
}
