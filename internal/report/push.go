package report

import (
	"strings"

	"c1m/internal/result"
)

// pushed is what subscribers are notified of; the zero value is nothing.
type pushed struct {
	rate  float64
	every int
	slow  string
}

func pushedOf(c result.Cell) pushed { return pushed{c.PushRate, c.PushEvery, c.PushSlow} }

// words are the notifications, as a heading has them.
func (p pushed) words() []string {
	if p.rate == 0 {
		return nil
	}
	share := "all"
	if p.every > 1 {
		share = percent(1 / float64(p.every))
	}
	text := "pushed " + number(p.rate) + "/s to " + share
	if p.slow != "" && p.slow != "drop" {
		text += ", the slow " + clean(p.slow) + "ed"
	}
	return []string{text}
}

// short is what tells them from others.
func (p pushed) short() []string {
	return strings.Fields(strings.Join(p.words(), " "))
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
	kept := list[:0]
	for _, c := range list {
		if c.unit != "ceiling" { // a ceiling of round trips
			kept = append(kept, c)
		}
	}
	return kept
}
