package report

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/table"
)

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

// slowSubscribers is what a row is marked with whose subscribers lost something.
const slowSubscribers = "slow subscribers"

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
	return fmt.Sprintf("%s %s: "+slowSubscribers+" in %s: at most %s dropped and %s disconnected in a round",
		warningMark, where, often(rounds, r.Trials, first), most(metric.Dropped, "notification"), most(metric.Disconnected, "subscriber"))
}
