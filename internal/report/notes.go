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
		if row.Search != nil {
			notes = append(notes, searchNote(where, row)...)
		}
		if row.Search != nil {
			for _, f := range row.Failures {
				notes = append(notes, fmt.Sprintf("%s %s: no measurement in step %d: %s", failedMark, where, f.First, plain.Line(f.Message)))
			}
		}
		for _, p := range row.Problems {
			switch {
			case p.Verdict == result.NotJudged: // told once for all rows
			case row.Search != nil:
				if row.Search.Holds != nil {
					notes = append(notes, problemNote(where+", at "+format.Rate(*row.Search.Holds), fmt.Sprintf("%d of %s", p.Rounds, format.Plural(row.Complete, "step")), p))
				}
			default:
				notes = append(notes, problemNote(where, often(p.Rounds, row.Trials, p.First), p))
			}
		}
		if note := slowNote(where, row); note != "" {
			notes = append(notes, note)
		}
		if row.Printed >= muchPrinted {
			notes = append(notes, fmt.Sprintf("%s: the server printed up to %s in a trial; writing that is part of its cost", where, format.Size(float64(row.Printed))))
		}
	}
	notes = append(notes, unjudgedNotes(t.Rows, differ)...)
	for _, f := range t.CeilingFailures {
		notes = append(notes, fmt.Sprintf("%s ceiling: no measurement in %s: %s", warningMark, format.Plural(f.Rounds, "round"), plain.Line(f.Message)))
	}
	if t.Disturbed != nil {
		notes = append(notes, disturbedNote(*t.Disturbed, t.Rounds))
	}
	if t.Truncated {
		notes = append(notes, warningMark+" The run file ends in the middle of a line, as after a crash: that trial is lost.")
	}
	return notes
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
	note := fmt.Sprintf("%s %s: %s %s in %s: %s", mark, where, plain.Line(p.Check), verb, often, plain.Line(p.Value))
	if p.Limit != "" {
		note += " (limit: " + plain.Line(p.Limit) + ")"
	}
	if p.Cure != "" {
		note += "; fix: " + plain.Line(p.Cure)
	}
	if text := consequences(p); text != "" {
		note += "; " + text
	}
	return note
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

// conditions are the machine, and how the run was made.
func conditions(t table.Table) []string {
	return nonEmpty(
		strings.Join(machine(t.Environment), " · "),
		strings.Join(ends(t), " · "),
		strings.Join(procedure(t), " · "),
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
	if table.Families(t.Rows)[workload.Searched] {
		rounds = "a fresh server each step"
	}
	ceiling := ""
	if t.Ceiling != nil {
		ceiling = "ceiling " + format.Number(t.Ceiling.Median) + " round trips/s"
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
		ceiling,
		works(t.Work),
		addresses(t.Rows),
	)
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
