package report

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
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
func slowRounds(r table.Row) (rounds, first int) {
	for _, s := range r.Samples {
		if s.Readings[metric.Dropped].Value+s.Readings[metric.Disconnected].Value == 0 {
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
func slowNote(where string, r table.Row) string {
	rounds, first := slowRounds(r)
	if rounds == 0 {
		return ""
	}
	most := func(key metric.Key, noun string) string {
		var n float64
		if v := r.Values[key]; v != nil {
			n = v.Most
		}
		return format.Plural(int(n), noun)
	}
	return fmt.Sprintf("%s %s: slow subscribers in %s: at most %s dropped and %s disconnected in a round",
		warningMark, where, often(rounds, r.Trials, first), most(metric.Dropped, "notification"), most(metric.Disconnected, "subscriber"))
}
