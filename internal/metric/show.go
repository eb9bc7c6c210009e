package metric

import (
	"math"
	"strings"

	"c1m/internal/format"
)

// Entries of more than one metric.

// growing stands for a latency without a value.
const growing = "grows"

// due shows a latency from when requests were due.
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

// offeredRate shows the rate of requests of the trials, or of the cell.
func offeredRate(r Row) Entry {
	switch v := r.Values[Offered]; {
	case v != nil:
		return EntryOf(format.Number(v.Median), v.Median)
	case r.Cell.Rate > 0:
		return EntryOf(strings.TrimSuffix(format.Rate(r.Cell.Rate), "/s"), r.Cell.Rate)
	}
	return Entry{Text: format.Absent}
}

// shareOffered reports whether the rate is a share of a closed loop's, and so differs
// between rows.
func shareOffered(r Row) bool { return r.Cell.RateShare > 0 }

// medians shows the medians of several metrics, separated by between.
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

// perLoop shows the fewest and the most connections of a loop.
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

// outOf shows the fewest connections, and the number requested.
func outOf(key Key, asked func(Row) int) func(Row) Entry {
	return func(r Row) Entry {
		of := "/" + format.Exact(asked(r))
		if v := r.Values[key]; v != nil {
			return EntryOf(whole(v.Least)+of, v.Least)
		}
		return Entry{Text: format.Absent + of}
	}
}

// fewer reports whether a row had fewer connections than requested.
func fewer(key Key, asked func(Row) int) func(Row) bool {
	return func(r Row) bool {
		v := r.Values[key]
		return v != nil && v.Least < float64(asked(r))
	}
}

// conns and busy return how many connections a row requests, and how many of them busy.
func conns(r Row) int { return r.Cell.Conns }

func busy(r Row) int {
	if r.Cell.Busy > 0 {
		return r.Cell.Busy
	}
	return r.Cell.Conns
}

// whole formats a count.
func whole(v float64) string { return format.Exact(int64(v)) }
