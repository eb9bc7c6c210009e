package trend

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/compare"
	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/stat"
)

// Headline is the verdict in one line.
func (t Trend) Headline() string {
	n := t.Count()
	var parts []string
	for _, v := range []struct {
		Verdict
		word string
	}{{Worse, "worse"}, {Better, "better"}, {Steady, "without a change"}, {CannotTell, "that cannot be judged"}} {
		if n[v.Verdict] > 0 || v.Verdict == Worse {
			parts = append(parts, fmt.Sprintf("%d %s", n[v.Verdict], v.word))
		}
	}
	text := strings.Join(parts, ", ") + fmt.Sprintf(", of %d series", len(t.Series)-n[Shown])
	if t.Verdict == CannotTell {
		text = "CANNOT TELL: " + text
	}
	return text
}

// Heading names a series and its unit.
func (t Trend) Heading(s Series) string {
	text := s.Name + " · " + s.Unit
	if s.Divided {
		text += " ÷ " + plain.Line(t.Ref)
	}
	return text
}

// Word is the verdict as it is shown: the one that fails cannot be overlooked.
func (v Verdict) Word() string {
	if v == Worse {
		return "WORSE"
	}
	return string(v)
}

// Value is a value of a series in words.
func (s Series) Value(v float64) string {
	if s.Divided {
		return strconv.FormatFloat(v, 'f', 3, 64) + "×"
	}
	if of, known := compare.MetricOf(s.Unit); known && of.Write != nil {
		return of.Write(v)
	}
	return format.Unscaled(v)
}

// Sentence says what changed and since when.
func (t Trend) Sentence(c Change) string {
	since, before := t.Runs[c.Since], t.Runs[c.Before]
	text := fmt.Sprintf("%s since %s, %s", format.Change(c.Change), since.when(), since.Name)
	switch {
	case since.Commit != "" && before.Commit != "" && since.Commit != before.Commit:
		text += fmt.Sprintf(", commit %s, before it %s", short(since.Commit), short(before.Commit))
	case since.Commit != "":
		text += ", commit " + short(since.Commit)
	}
	text += " (" + format.Probability(c.P) + ")"
	if len(c.Apart) > 0 {
		text += "; " + strings.Join(c.Apart, "; ")
	}
	return text
}

func (r Run) when() string { return r.Started.Format("2006-01-02 15:04") }

// short is the beginning of a commit that is enough to find it.
func short(commit string) string { return format.First(commit, 12) }

// Reading says what was looked at and how to read it.
func (t Trend) Reading() []string {
	first, last := t.Runs[0], t.Runs[len(t.Runs)-1]
	span := first.when()
	if len(t.Runs) > 1 {
		span += " to " + last.when()
	}
	list := []string{fmt.Sprintf("%s, %s UTC.", format.Plural(len(t.Runs), "run"), span)}
	if len(t.Runs) > stat.LongestSeries {
		list = append(list, fmt.Sprintf("Changes are looked for among the last %s runs of a series.", format.Grouped(stat.LongestSeries)))
	}
	list = append(list, folded(t.Notes, "notes")...)
	var cut []string
	for _, r := range t.Runs {
		if r.Truncated {
			cut = append(cut, r.Name)
		}
	}
	if len(cut) > 0 {
		list = append(list, "The last line was cut off: "+strings.Join(folded(cut, "files"), ", ")+".")
	}
	var least []string
	divided, absolute := false, false
	for _, s := range t.Series {
		if s.Verdict == Shown {
			continue
		}
		divided, absolute = divided || s.Divided, absolute || !s.Divided
		if text := format.ExactPercent(s.Least) + " of " + s.Unit; !slices.Contains(least, text) {
			least = append(least, text)
		}
	}
	if len(least) > 0 {
		list = append(list, fmt.Sprintf("A change counts if it is at least %s, and would be found by chance in at most %s of histories of independent runs without any: t-test on logarithms, corrected for the choice of the run, for %d series, and for how much neighbouring runs resemble each other. It takes %d runs, and %d since the change.",
			strings.Join(least, ", "), format.ExactPercent(t.Alpha), max(1, t.Tests), stat.ShortestSeries, stat.ShortestLevel))
	}
	list = append(list, fmt.Sprintf("level: geometric mean since the last change. spread: standard deviation of runs around it. could show: the smallest change that would probably be found after %d more runs.", Ahead))
	switch {
	case divided:
		list = append(list, fmt.Sprintf("÷ %s: the ratio within each run, round by round (×): a change of %s itself changes all others.", plain.Line(t.Ref), plain.Line(t.Ref)))
	case absolute:
		list = append(list, "Absolute values contain the drift of the machine: -ref ROW divides by a row that all runs have.")
	}
	return list
}

// folded is a list with at most mostNotes entries of it, and how many more there
// are.
func folded(list []string, noun string) []string {
	if len(list) <= mostNotes {
		return list
	}
	return append(slices.Clone(list[:mostNotes-1]), fmt.Sprintf("and %d more %s", len(list)-mostNotes+1, noun))
}

const mostNotes = 5
