package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
)

// headline is the verdict in one line.
func headline(c Comparison) string {
	words, n := c.words(), c.Count()
	var counts []string
	for _, v := range []Verdict{Worse, Better, Unchanged, NotWorse, CannotTell} {
		if n[v] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[v], v.in(words)))
		}
	}
	text := strings.ToUpper(c.Verdict.in(words))
	if len(c.Increases) > 0 {
		text = "FAILED: errors or lost connections increased"
		if len(counts) > 0 {
			text += "; " + strings.Join(counts, ", ")
		}
		return text
	}
	if len(counts) > 0 {
		text += ": " + strings.Join(counts, ", ")
	}
	return text
}

// neutral are the words where units have different ones.
var neutral = metric.Words{Worse: string(Worse), Better: string(Better)}

// words are those of all that is judged.
func (c Comparison) words() metric.Words {
	var words []metric.Words
	for _, name := range c.Gate {
		if u, known := unitOf(name); known && !slices.Contains(words, u.Gate.Words) {
			words = append(words, u.Gate.Words)
		}
	}
	if len(words) != 1 {
		return neutral
	}
	return words[0]
}

// in is a verdict in the words of a metric.
func (v Verdict) in(w metric.Words) string {
	switch v {
	case Worse:
		return w.Worse
	case Better:
		return w.Better
	case NotWorse:
		return "not " + w.Worse
	}
	return string(v)
}

// word is the verdict of a unit as it is shown: the one that fails cannot be
// overlooked.
func (u Unit) word() string {
	of, _ := unitOf(u.Unit)
	switch text := u.Verdict.in(of.Gate.Words); u.Verdict {
	case Worse:
		return strings.ToUpper(text)
	case Shown:
		return format.Absent
	case CannotTell:
		if u.Needed != nil {
			return text + " (" + about(*u.Needed) + ")"
		}
		return text
	default:
		return text
	}
}

// about is a number of blocks with two digits, rounded up: that is as well as it
// is known.
func about(n int) string {
	unit := 1
	for n > 99*unit {
		unit *= 10
	}
	return format.Grouped((n + unit - 1) / unit * unit)
}

// trouble is what the reader must know before the numbers.
func (c Comparison) trouble() []string {
	var list []string
	for _, text := range c.Increases {
		list = append(list, "! more than before: "+text)
	}
	for _, text := range c.Reasons {
		list = append(list, "? cannot tell: "+text)
	}
	return list
}

// notes say what was compared and how.
func (c Comparison) notes() []string {
	list := []string{c.Old.describe("old"), c.New.describe("new"), c.judged()}
	if c.needs() {
		list = append(list, "Cannot tell (N): about N blocks would probably do.")
	}
	if slices.Contains(c.Gate, held) {
		list = append(list, fmt.Sprintf("Held: one search on each side has no probability. The interval is between the rates that held and failed, each twice; a change counts if one side failed %s below what the other held.", format.ExactPercent(metric.HeldLeast)))
	}
	switch {
	case c.LastLook > 0:
		list = append(list, "Interleaved: a ratio is of two trials that are neighbours in time. Each load was measured until it had its verdict or -for was over, at looks planned in advance, which share the 5%.")
	case c.Interleaved:
		list = append(list, "Interleaved: a ratio is of two trials that are neighbours in time.")
	case c.Ref != "":
		ref := plain.Line(c.Ref)
		list = append(list, fmt.Sprintf("ops/s and p50 of each round are divided by those of %s in it (×). Assumed: what slowed %s between the runs slowed the other rows as much. A change of %s itself cannot be seen.", ref, ref, ref))
	default:
		list = append(list, "Not interleaved: two runs at two times. Assumed: the machine did not change more between the runs than within them. bench ab measures both in one run; -ref ROW divides by a row that both have.")
	}
	return list
}

// judged says how verdicts are made.
func (c Comparison) judged() string {
	var margins []string
	for _, u := range units() {
		if slices.Contains(c.Gate, u.Gate.Name) && u.Gate.Name != held {
			margins = append(margins, fmt.Sprintf("%s (margin %s)", u.Gate.Name, format.ExactPercent(u.Gate.Least)))
		}
	}
	if len(margins) == 0 {
		return "Judged: " + strings.Join(c.Gate, ", ") + "."
	}
	w := c.words()
	return fmt.Sprintf("Judged: %s, by the 95%% interval of new/old, simultaneous over %s. %s: the interval excludes 1, and the estimate is %s by the margin or more. Not %s: the interval excludes the margin. Unchanged: not %s either.",
		strings.Join(margins, ", "), format.Plural(c.Tests, "ratio"), capital(w.Worse), w.Worse, w.Worse, w.Better)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// needs reports whether a number of blocks is shown.
func (c Comparison) needs() bool {
	return slices.ContainsFunc(c.Rows, func(r Row) bool {
		return slices.ContainsFunc(r.Units, func(u Unit) bool { return u.Needed != nil })
	})
}

func (s Side) describe(which string) string {
	parts := []string{s.Name}
	for _, part := range []string{s.Run, s.Started, s.Command} {
		if part != "" && part != s.Name {
			parts = append(parts, part)
		}
	}
	if s.Commit != "" {
		parts = append(parts, "commit "+s.Commit)
	}
	if s.Truncated {
		parts = append(parts, "the file's last line was cut off")
	}
	return which + ": " + strings.Join(parts, " · ")
}

// value is a median, with its interval where it decides.
func (u Unit) value(v *metric.Value) string {
	if v == nil {
		return format.Absent
	}
	text := ""
	switch of, _ := unitOf(u.Unit); {
	case u.Divided:
		text = strconv.FormatFloat(v.Median, 'f', 3, 64) + "×"
	case of.Write != nil:
		text = metric.Marks(v.AtLeast, v.Few) + of.Write(v.Median)
	}
	if u.Gated && u.Unit != held { // a search is one value
		text += " " + v.PlusMinus()
	}
	return text
}

// estimate is a ratio without its interval.
func (r *Ratio) estimate() string {
	if r == nil {
		return format.Absent
	}
	return format.FineRatio(r.Estimate)
}

// interval is what a ratio lies between.
func (r *Ratio) interval() string {
	if r == nil {
		return format.Absent
	}
	return format.FineInterval(r.Low, r.High)
}

// Progress says how near the verdict is on each row, briefly: b/a at 1,000:
// 0.93–1.04 after 20 blocks. Those that have it come last.
func (c Comparison) Progress() string {
	var open, done []string
	for _, row := range c.Rows {
		for _, u := range row.Units {
			if !u.Gated || u.Ratio == nil {
				continue
			}
			name := format.Grouped(row.Cell.Conns)
			if slices.ContainsFunc(c.Rows, func(other Row) bool { return other.Name != row.Name && other.Cell.Conns == row.Cell.Conns }) {
				name = row.Name
			}
			if len(c.Gate) > 1 {
				name = u.Unit + " at " + name
			} else {
				name = "at " + name
			}
			of, _ := unitOf(u.Unit)
			switch {
			case u.Verdict != CannotTell:
				done = append(done, name+": "+u.Verdict.in(of.Gate.Words))
			case u.Ratio.Low != nil:
				open = append(open, fmt.Sprintf("%s: %s after %s", name, format.Interval(*u.Ratio.Low, *u.Ratio.High), format.Plural(u.Ratio.N, neighbours{}.noun())))
			}
		}
	}
	if len(open) > 0 {
		open[0] = c.New.Name + "/" + c.Old.Name + " " + open[0]
	}
	return strings.Join(append(open, done...), "; ")
}
