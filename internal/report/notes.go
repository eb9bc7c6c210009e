package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// notes are those of the options: in full, or as briefly as they can be read.
func (o Options) notes(t table.Table) []string {
	if o.Notes {
		return troubleNotes(t)
	}
	return briefNotes(t, o.Wide)
}

// troubleNotes spells out what the marks mean: one note for a reason why trials
// gave no measurement, and one for a row and a check.
func troubleNotes(t table.Table) []string {
	var notes []string
	differ := several(t.Rows)
	for _, f := range gatherFailures(t.Rows, differ) {
		notes = append(notes, f.note(t.Rounds))
	}
	for _, row := range t.Rows {
		where := whichRow(row, differ)
		notes = append(notes, searchNotes(where, row)...)
		for _, p := range row.Problems {
			switch {
			case p.Verdict == result.NotJudged: // told once for all rows
			case row.Search == nil:
				notes = append(notes, problemNote(where, often(p.Rounds, row.Trials, p.First), p))
			case row.Search.Holds != nil:
				notes = append(notes, triedNote(where, row, p))
			}
		}
		if note := slowNote(where, row); note != "" {
			notes = append(notes, note)
		}
		if note := printedNote(where, row); note != "" {
			notes = append(notes, note)
		}
	}
	notes = append(notes, unjudgedNotes(t.Rows, differ)...)
	return append(notes, runNotes(t, Options{Notes: true})...)
}

// runNotes are about the run and not about a row. The ceiling matters where shares
// of it are shown.
func runNotes(t table.Table, o Options) []string {
	var notes []string
	for _, f := range t.CeilingFailures {
		if o.Wide || o.Notes {
			notes = append(notes, fmt.Sprintf("%s ceiling: no measurement in %s: %s", warningMark, format.Plural(f.Rounds, "round"), plain.Line(f.Message)))
		}
	}
	switch {
	case t.Disturbed == nil:
	case o.Notes:
		notes = append(notes, disturbedNote(*t.Disturbed, t.Rounds))
	case o.Wide:
		notes = append(notes, fmt.Sprintf("%s ceiling disturbed (%s): its share is left out there", warningMark, times(t.Disturbed.Rounds, t.Rounds, "round")))
	}
	if note := workNote(t); note != "" {
		notes = append(notes, note)
	}
	if t.Until != nil && t.Until.Verdicts && t.LastLook == 0 && t.Rounds >= intervalFrom {
		notes = append(notes, unknownMark+" The run ended at a verdict, and its file does not say at which looks. Intervals are those of a number of rounds chosen in advance, and too narrow.")
	}
	if t.Truncated {
		notes = append(notes, warningMark+" The run file ends in the middle of a line, as after a crash: that trial is lost.")
	}
	return notes
}

// workNote says which rows have no ratio to the modes because -work applies to modes alone;
// empty if there are none. If the modes ran without work as well, there is a ratio.
func workNote(t table.Table) string {
	worked, idle := make(map[load]bool), make(map[load]bool) // loads of modes with work, which is left out, and without
	for _, row := range t.Rows {
		l := loadOf(row.Cell)
		of := idle
		if !l.Work.IsZero() {
			of = worked
		}
		if l.Work = (workload.Workload{}.Work); row.Cell.Kind == result.KindMode {
			of[l] = true
		}
	}
	var names []string
	for _, row := range t.Rows {
		l, name := loadOf(row.Cell), plain.Line(row.Cell.Row)
		if row.Cell.Kind != result.KindMode && worked[l] && !idle[l] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return ""
	}
	have := "have"
	if len(names) == 1 {
		have = "has"
	}
	return fmt.Sprintf("%s %s no ratio to the modes: -work applies to modes only, so the loads differ. Add none to -work to compare them.", strings.Join(names, ", "), have)
}

// printedNote says that a server printed much; empty if it did not.
func printedNote(where string, row table.Row) string {
	if row.Printed < muchPrinted {
		return ""
	}
	return fmt.Sprintf("%s: the server printed up to %s in a trial; writing that is part of its cost", where, format.Size(float64(row.Printed)))
}

// muchPrinted is how many bytes of output in a trial are worth a note.
const muchPrinted = 1 << 20

// problemNote spells out a problem that was seen so often.
func problemNote(where, often string, p table.Problem) string {
	mark, verb := failedMark, "failed"
	switch p.Verdict {
	case result.Warning:
		mark, verb = warningMark, "warned"
	}
	return fmt.Sprintf("%s %s: %s %s in %s: %s", mark, where, plain.Line(p.Check), verb, often, cause(p, true))
}

// cause is what was seen, and the fix; in full with the limit.
func cause(p table.Problem, full bool) string {
	text := plain.Line(p.Value)
	if full && p.Limit != "" {
		text += " (limit: " + plain.Line(p.Limit) + ")"
	}
	if p.Fix != "" {
		text += "; fix: " + plain.Line(p.Fix)
	}
	if more := consequences(p); more != "" {
		text += "; " + more
	}
	return text
}

// often is "2 of 6 rounds, first in round 3".
func often(n, of, first int) string {
	if n == of {
		if n == 1 {
			return fmt.Sprintf("round %d", first)
		}
		return fmt.Sprintf("all %d rounds", of)
	}
	return fmt.Sprintf("%d of %s, first in round %d", n, format.Plural(of, "round"), first)
}

// conditions are the machine, and how the run was made: briefly, in one
// paragraph and without what only a wide table refers to.
func (o Options) conditions(t table.Table) []string {
	const between = " · "
	if !o.Notes && !o.Wide {
		return nonEmpty(strings.Join(slices.Concat(machine(t.Environment), ends(t), procedure(t)), between))
	}
	ceiling := ""
	if t.Ceiling != nil {
		ceiling = "ceiling " + format.Number(t.Ceiling.Median) + " round trips/s"
	}
	return nonEmpty(
		strings.Join(machine(t.Environment), between),
		strings.Join(ends(t), between),
		strings.Join(nonEmpty(append(procedure(t), ceiling)...), between),
	)
}

func machine(e result.Environment) []string {
	if e.CPUs == 0 { // merged logs do not say where they come from
		return nil
	}
	cpus := Processors(e)
	if e.CPU != "" {
		cpus += " (" + plain.Line(e.CPU) + ")"
	}
	return nonEmpty(cpus, plain.Line(e.OS+" "+e.Kernel), plain.Line(e.Go+" "+e.Arch), limits(e), hypervisor(e))
}

// Processors are the CPUs there really are on a machine: 0.5 of 2 CPUs (quota).
func Processors(e result.Environment) string {
	if e.Place != nil {
		return e.Place.String()
	}
	return format.Plural(e.CPUs, "CPU")
}

// limits is what else bounds the harness, and what it starts as processes.
func limits(e result.Environment) string {
	var words []string
	if e.Place != nil && e.Place.Memory > 0 && e.Place.Memory < e.Memory {
		words = append(words, "at most "+format.Size(float64(e.Place.Memory))+" of memory")
	}
	if e.Place != nil && e.Place.Governor != "" {
		words = append(words, "governor "+plain.Line(e.Place.Governor))
	}
	return strings.Join(words, ", ")
}

// hypervisor is named because a virtual machine's neighbours are in the
// figures; the name alone would not say what it names.
func hypervisor(e result.Environment) string {
	switch e.Virtual {
	case "":
		return ""
	case result.UnnamedVirtual:
		return "a virtual machine"
	}
	return "hypervisor " + plain.Line(e.Virtual)
}

func procedure(t table.Table) []string {
	rounds := format.Plural(t.Rounds, "round")
	if t.Tried != t.Rounds {
		rounds = fmt.Sprintf("%d of %s", t.Tried, rounds)
	}
	if t.Until != nil {
		rounds += " " + UntilWords(*t.Until)
	}
	if t.Searched() {
		rounds = "a fresh server each step"
	}
	seed := ""
	if t.Engine != "logs" { // those were not made by rounds in an order
		seed = fmt.Sprintf("seed %d", t.Seed)
	}
	return nonEmpty(
		rounds,
		"warm-up "+settings(t.Rows, func(c result.Cell) time.Duration { return c.Warmup }),
		"window "+settings(t.Rows, func(c result.Cell) time.Duration { return c.Window })+lengthened(t.Rows),
		seed,
		works(t.Work),
		addresses(t.Rows),
		libraries(t.Rows),
	)
}

// UntilWords says what ended a run whose number of rounds was open.
func UntilWords(u result.Until) string {
	limit := "at most " + format.Setting(u.For)
	switch {
	case u.Width > 0:
		return "until ±" + format.ExactPercent(u.Width) + ", " + limit
	case u.Verdicts:
		return "until a verdict, " + limit
	}
	return "in " + limit
}

// addresses are what the names of targets were found to mean.
func addresses(rows []table.Row) string {
	var list []string
	for _, row := range rows {
		if c := row.Cell; c.Address != "" {
			if text := plain.Line(c.Command) + " = " + plain.Line(c.Address); !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return strings.Join(list, ", ")
}

// libraries are the versions of the libraries that rows are written with, rows of the same
// one together: gnet/gnet-reuseport v2.9.7.
func libraries(rows []table.Row) string {
	type library struct{ name, version string }
	var order []library
	names := make(map[library][]string)
	for _, row := range rows {
		c := row.Cell
		l := library{c.Library, c.Version}
		if c.Version == "" || slices.Contains(names[l], plain.Line(c.Row)) {
			continue
		}
		if names[l] == nil {
			order = append(order, l)
		}
		names[l] = append(names[l], plain.Line(c.Row))
	}
	list := make([]string, len(order))
	for i, l := range order {
		list[i] = strings.Join(names[l], "/") + " " + plain.Line(l.version)
	}
	return strings.Join(list, ", ")
}

// works is what the works take here: cpu:100 = 24.1µs.
func works(times []result.WorkTime) string {
	var parts []string
	several := slices.ContainsFunc(times, func(w result.WorkTime) bool { return w.Size != times[0].Size })
	for _, w := range times {
		text := plain.Line(w.Work)
		if several {
			text += " of " + format.Plural(w.Size, "byte")
		}
		parts = append(parts, text+" = "+format.Latency(float64(w.Time)))
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, ", ") + " here"
}

// settings writes the values that a setting has in the rows: one, usually.
func settings(rows []table.Row, get func(result.Cell) time.Duration) string {
	var all []string
	for _, row := range rows {
		if text := format.Setting(get(row.Cell)); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if all == nil {
		return format.Absent
	}
	return strings.Join(all, "/")
}

// lengthened is to how much windows were lengthened, and of how many rows.
func lengthened(rows []table.Row) string {
	n, least, most := 0, time.Duration(0), time.Duration(0)
	for _, row := range rows {
		if w := row.Lengthened; w > 0 {
			if n++; n == 1 || w < least {
				least = w
			}
			most = max(most, w)
		}
	}
	switch {
	case n == 0:
		return ""
	case least == most:
		return fmt.Sprintf(", lengthened to %s in %s", format.Setting(most), format.Plural(n, "row"))
	}
	return fmt.Sprintf(", lengthened to %s to %s in %s", format.Setting(least), format.Setting(most), format.Plural(n, "row"))
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

// consequences is what follows from a problem, in words.
func consequences(p table.Problem) string {
	if len(p.Consequences) == 0 {
		return ""
	}
	names := make([]string, len(p.Consequences))
	for i, name := range p.Consequences {
		names[i] = plain.Line(name)
	}
	verb := "follow"
	if len(names) == 1 {
		verb = "follows"
	}
	return strings.Join(names, ", ") + " " + verb + " from it"
}
