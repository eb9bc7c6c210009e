package metric

import (
	"math"
	"strings"

	"c1m/internal/format"
)

// Entries of more than one metric.

// growing stands for a latency that has no value.
const growing = "grows"

// due writes a latency from when requests were due.
func due(key Key) func(Row) Entry {
	return func(r Row) Entry {
		switch v := r.Values[key]; {
		case r.Grows:
			return EntryOf(growing, math.Inf(1))
		case v == nil:
			return Entry{Text: format.Absent}
		default:
			return v.marked(v.Median, format.Latency)
		}
	}
}

// offeredRate is what the trials were offered, or are to be.
func offeredRate(r Row) Entry {
	switch v := r.Values[Offered]; {
	case v != nil:
		return EntryOf(format.Number(v.Median), v.Median)
	case r.Cell.Rate > 0:
		return EntryOf(strings.TrimSuffix(format.Rate(r.Cell.Rate), "/s"), r.Cell.Rate)
	}
	return Entry{Text: format.Absent}
}

// medians writes the medians of several metrics, what is between them between.
func medians(between string, keys ...Key) func(Row) Entry {
	return func(r Row) Entry {
		var parts []string
		for _, key := range keys {
			v := r.Values[key]
			if v == nil {
				return Entry{Text: format.Absent}
			}
			parts = append(parts, format.Count(v.Median))
		}
		return EntryOf(strings.Join(parts, between), r.Values[keys[0]].Median)
	}
}

// perLoop is the fewest and the most connections of a loop.
func perLoop(r Row) Entry {
	least, most := r.Values[loopLeast], r.Values[loopMost]
	if least == nil || most == nil {
		return Entry{Text: format.Absent}
	}
	text := whole(least.Least)
	if least.Least != most.Most {
		text += "–" + whole(most.Most)
	}
	return EntryOf(text, least.Least)
}

// outOf writes the fewest connections, and of how many.
func outOf(key Key, asked func(Row) int) func(Row) Entry {
	return func(r Row) Entry {
		of := "/" + format.Exact(asked(r))
		if v := r.Values[key]; v != nil {
			return EntryOf(whole(v.Least)+of, v.Least)
		}
		return Entry{Text: format.Absent + of}
	}
}

// conns and busy are how many connections a row was to have up, and busy.
func conns(r Row) int { return r.Cell.Conns }

func busy(r Row) int {
	if r.Cell.Busy > 0 {
		return r.Cell.Busy
	}
	return r.Cell.Conns
}

// whole writes a count.
func whole(v float64) string { return format.Exact(int64(v)) }
