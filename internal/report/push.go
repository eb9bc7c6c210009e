package report

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// pushed is what subscribers are notified of; the zero value is nothing.
type pushed struct {
	rate  float64
	every int
	slow  string
}

func pushedOf(c result.Cell) pushed { return pushed{c.PushRate, c.PushEvery, string(c.PushSlow)} }

// words are the notifications, as a heading has them.
func (p pushed) words() []string {
	if p.rate == 0 {
		return nil
	}
	share := "all"
	if p.every > 1 {
		share = format.Percent(1 / float64(p.every))
	}
	text := "pushed " + format.Rate(p.rate) + " to " + share
	if p.slow != "" && p.slow != "drop" {
		text += ", the slow " + plain.Line(p.slow) + "ed"
	}
	return []string{text}
}

// short is what tells them from others.
func (p pushed) short() []string {
	return strings.Fields(strings.Join(p.words(), " "))
}

// slowRounds is in how many trials of a row subscribers were too slow for what
// they were sent, and the first such round.
func slowRounds(r Row) (rounds, first int) {
	for _, s := range r.Samples {
		if amount(s.Dropped)+amount(s.Disconnected) == 0 {
			continue
		}
		if rounds == 0 {
			first = s.Round
		}
		rounds++
	}
	return rounds, first
}

// slowNote says what subscribers that were too slow lost; empty if none was.
func slowNote(where string, r Row) string {
	rounds, first := slowRounds(r)
	if rounds == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s: slow subscribers in %s: at most %s dropped and %s disconnected in a round",
		warningMark, where, often(rounds, r.Trials, first), format.Plural(int(amount(r.Dropped)), "notification"), format.Plural(int(amount(r.Disconnected)), "subscriber"))
}

// pushColumns are the columns of subscribers: an operation is a delivery.
func pushColumns(wide bool) []column {
	list := closedColumns(wide)
	list[0].head = "deliveries"
	for i := range list {
		list[i].unit = strings.Replace(list[i].unit, "/round trip", "/delivery", 1)
	}
	if !wide {
		return list
	}
	list = slices.DeleteFunc(list, func(c column) bool { return c.unit == "ceiling" }) // one of round trips
	return slices.Insert(list, len(list)-1,
		column{"dropped", "", func(r Row) Entry { return counted(r.Dropped) }},
		column{"disconnected", "", func(r Row) Entry { return counted(r.Disconnected) }},
	)
}

// amount is a count, 0 where it is not known.
func amount(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
