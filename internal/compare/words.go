package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
)

// headline is the verdict in one line.
func headline(c Comparison) string {
	n := c.Count()
	text := fmt.Sprintf("%s, %s, %d unchanged",
		format.Plural(n[Regression], "regression"), format.Plural(n[Improvement], "improvement"), n[Unchanged])
	if n[Noisy] > 0 {
		text += fmt.Sprintf(", %d noisy", n[Noisy])
	}
	if n[Undecided] > 0 {
		text += fmt.Sprintf(", %d undecided", n[Undecided])
	}
	switch c.Verdict {
	case Undecided:
		text = "NO VERDICT: " + text
	case Regression:
		if len(c.Increases) > 0 {
			text = "FAILED: errors or lost connections increased; " + text
		}
	}
	return text
}

// trouble is what the reader must know before the numbers.
func (c Comparison) trouble() []string {
	var list []string
	for _, text := range c.Increases {
		list = append(list, "! more than before: "+text)
	}
	for _, text := range c.Reasons {
		list = append(list, "? no verdict: "+text)
	}
	return list
}

// notes say what was compared and how.
func (c Comparison) notes() []string {
	var least []string
	for _, u := range units() {
		for _, name := range c.Gate {
			if u.Gate.Name == name && name != held {
				least = append(least, fmt.Sprintf("%s %v%%", name, 100*u.Gate.Least))
			}
		}
	}
	list := []string{c.Old.describe("old"), c.New.describe("new")}
	gated := fmt.Sprintf("Gated: %s.", strings.Join(c.Gate, ", "))
	if len(least) > 0 {
		gated += fmt.Sprintf(" A change counts with p < %v after Holm's correction over %s, Mann-Whitney on the rounds' values, and at least %s.",
			c.Alpha, format.Plural(c.Tests, "test"), strings.Join(least, ", "))
	}
	if slices.Contains(c.Gate, held) {
		gated += fmt.Sprintf(" Held: one search on each side has no probability. A change counts if one side failed, twice, at a rate %v%% below what the other held, twice.", 100*metric.HeldLeast)
	}
	list = append(list, gated)
	if low, high, any := c.detectable(); any {
		text := fmt.Sprintf("The smallest change for the worse that this scatter could have shown: %s", format.Effect(low))
		if format.Effect(low) != format.Effect(high) {
			text += " to " + format.Effect(high)
		}
		list = append(list, text+" (column could show).")
	}
	switch {
	case c.Interleaved:
		list = append(list, "Interleaved: both sides were measured in the same rounds.")
	case c.Ref != "":
		list = append(list, fmt.Sprintf("ops/s and p50 of each round are divided by those of %s in it (×): a change of %s itself cannot be seen.", plain.Line(c.Ref), plain.Line(c.Ref)))
	default:
		list = append(list, "Not interleaved: two runs at two times, so a change may be the machine's. bench ab measures both in one run; -ref ROW divides by a row that both have.")
	}
	return list
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

// detectable is the least and the greatest of what the tests could show.
func (c Comparison) detectable() (low, high float64, any bool) {
	low = math.Inf(1)
	for _, row := range c.Rows {
		for _, u := range row.Units {
			if u.Detectable != nil {
				low, high, any = min(low, *u.Detectable), max(high, *u.Detectable), true
			}
		}
	}
	return low, high, any
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
		text = of.Write(v.Median)
	}
	if u.Gated && u.Unit != held { // a search is one value
		text += " " + v.PlusMinus()
	}
	return text
}

func (u Unit) change() string {
	if u.Change == nil {
		return format.Absent
	}
	return format.Change(*u.Change)
}

// p is the corrected probability.
func (u Unit) p() string {
	switch {
	case u.Holm == nil:
		return format.Absent
	case *u.Holm < 0.001:
		return "<0.001"
	}
	return strconv.FormatFloat(*u.Holm, 'f', 3, 64)
}

func (u Unit) could() string {
	if u.Detectable == nil {
		return format.Absent
	}
	return format.Effect(*u.Detectable)
}

// word is the verdict as it is shown: the one that fails cannot be overlooked.
func (v Verdict) word() string {
	switch v {
	case Regression:
		return "REGRESSION"
	case Shown:
		return format.Absent
	}
	return string(v)
}
