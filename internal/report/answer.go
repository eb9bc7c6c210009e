package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/search"
	"c1m/internal/table"
)

// answer says in words which rows under a load are best, and by how much. It is
// empty where there is only one row, unless that is a search.
func answer(t table.Table, l table.Load) string {
	r := l.Ranking
	switch {
	case r == nil:
		return ""
	case r.By == metric.Holds:
		return searchAnswer(t, *r)
	case len(l.Rows) < 2:
		return ""
	}
	a := answering{t, *r}
	return strings.Join(nonEmpty(a.best(), a.beaten(), a.unranked()), " ")
}

// answering is a ranking that is put into words.
type answering struct {
	t table.Table
	table.Ranking
}

// best names the best rows.
func (a answering) best() string {
	lead := metric.Find(a.By).Best + ": "
	switch n := len(a.Best); {
	case n == 0 && slices.ContainsFunc(a.Unranked, tooFew):
		return lead + fmt.Sprintf("unknown; rows can be told apart from %d rounds on.", intervalFrom)
	case n == 0:
		return ""
	case n == 1 && len(a.Beaten) == 0:
		return "There is nothing to compare " + a.names(a.Best) + " with."
	case n == 1:
		return lead + a.names(a.Best) + "."
	case n > 2 && len(a.Beaten) == 0:
		return lead + fmt.Sprintf("none of the %d rows is told apart from another%s.", n, a.between())
	default:
		return lead + a.names(a.Best) + ", not told apart" + a.between() + "."
	}
}

func tooFew(u table.Unranked) bool { return u.Why == table.TooFewRounds }

// between is how far apart the best rows may be: the ends of the intervals of
// each one's ratio to those named after it.
func (a answering) between() string {
	var low, high float64
	for i, row := range a.Best {
		for _, to := range a.Best[i+1:] {
			ratio, _ := a.Ratio(row, to)
			if !ratio.Interval {
				continue
			}
			if high == 0 {
				low, high = ratio.Low, ratio.High
			}
			low, high = min(low, ratio.Low), max(high, ratio.High)
		}
	}
	if high == 0 {
		return ""
	}
	return " (" + format.Interval(low, high) + ")"
}

// beaten says which of the best rows are better than which others, by how much
// at least: a sentence, whose first part is about as many of the best as can be.
func (a answering) beaten() string {
	var parts []string
	groups := a.groups()
	for i, g := range groups {
		if i > 0 && len(groups) > 2 { // a list of all would say less
			parts = append(parts, "some of them also beat "+a.others(rest(groups[i:])))
			break
		}
		verb := "beat"
		if i > 0 {
			verb = "also beat"
		}
		if len(g.by) == 1 {
			verb += "s"
		}
		parts = append(parts, fmt.Sprintf("%s %s %s by a factor of %s or more", a.subject(g.by), verb, a.others(g.rows), format.Apart(g.factor)))
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// subject is some of the best rows, which were just named, as the subject of a
// sentence.
func (a answering) subject(by []int) string {
	var left []int
	for _, row := range a.Best {
		if !slices.Contains(by, row) {
			left = append(left, row)
		}
	}
	switch n := len(a.Best); {
	case len(by) == n && left == nil && n == 1:
		return "It"
	case len(by) == n && left == nil && n == 2:
		return "Both"
	case len(by) == n && left == nil:
		return fmt.Sprintf("All %d", n)
	case len(by) > 2 && len(by)+len(left) == n && len(left) <= 2:
		return "All but " + a.names(left)
	}
	return a.names(by)
}

// rest are the rows of groups.
func rest(groups []group) []int {
	var rows []int
	for _, g := range groups {
		rows = append(rows, g.rows...)
	}
	return rows
}

// group is rows that the same rows are better than.
type group struct {
	by, rows []int
	factor   float64
}

// groups are the beaten rows: first those that all the best are better than.
func (a answering) groups() []group {
	var list []group
	for _, b := range a.Beaten {
		i := slices.IndexFunc(list, func(g group) bool { return slices.Equal(g.by, b.By) })
		if i < 0 {
			i = len(list)
			list = append(list, group{by: b.By, factor: b.Factor})
		}
		list[i].rows = append(list[i].rows, b.Row)
		list[i].factor = min(list[i].factor, b.Factor)
	}
	slices.SortStableFunc(list, func(x, y group) int { return len(y.by) - len(x.by) })
	return list
}

// others names beaten rows, or counts them if there is no other ranked row and
// they are many.
func (a answering) others(rows []int) string {
	const most = 3
	if len(rows) > most && len(rows) == len(a.Beaten) {
		return fmt.Sprintf("the other %d", len(rows))
	}
	return a.names(rows)
}

// unranked names the rows that are not ranked, with the reasons.
func (a answering) unranked() string {
	var reasons []string
	rows := make(map[string][]int)
	for _, u := range a.Unranked {
		if tooFew(u) && len(a.Best) == 0 { // said of all
			continue
		}
		if rows[u.Why] == nil {
			reasons = append(reasons, u.Why)
		}
		rows[u.Why] = append(rows[u.Why], u.Row)
	}
	switch {
	case reasons == nil:
		return ""
	case len(reasons) == 1 && len(a.Best) == 0 && !slices.ContainsFunc(a.Unranked, tooFew):
		return fmt.Sprintf("No ranking by %s: %s.", metric.Find(a.By).Gate.Name, reasons[0])
	}
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s (%s)", a.names(rows[why]), why)
	}
	return "Not ranked: " + list(reasons) + "."
}

// names are those of rows.
func (a answering) names(rows []int) string { return list(rowNames(a.t, rows)) }

func rowNames(t table.Table, rows []int) []string {
	var names []string
	for _, i := range rows {
		names = append(names, plain.Line(t.Rows[i].Cell.Row))
	}
	return names
}

// list is a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// searchAnswer says which rates were found to hold, the highest first, and in
// how many of the tries.
func searchAnswer(t table.Table, r table.Ranking) string {
	ranked := slices.Clone(r.Best)
	for _, b := range r.Beaten {
		ranked = append(ranked, b.Row)
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return cmp.Compare(*t.Rows[b].Search.Holds, *t.Rows[a].Search.Holds) })
	var parts []string
	for i, of := range ranked {
		row := t.Rows[of]
		text := plain.Line(row.Cell.Row) + ": " + format.Rate(*row.Search.Holds)
		if row.Search.State != search.Converged {
			text += " or more"
		}
		if i == 0 {
			text += " within " + objective(row.Cell.SLO)
		}
		parts = append(parts, text+fmt.Sprintf(", %d of %s", row.Held, tries(row.Tries)))
	}
	text := ""
	if parts != nil {
		text = strings.Join(parts, "; ") + "."
	}
	if len(parts) > 1 {
		text += fmt.Sprintf(" Differences below %s are not told apart.", format.Percent(metric.HeldLeast))
	}
	return strings.Join(nonEmpty(text, answering{t, r}.unranked()), " ")
}
