package report

import "c1m/internal/format"

// Entry is what stands in one place of a table where people read: a text, and
// the number that it sorts by, in a unit that all entries of its column share.
// Number is nil where nothing was measured, and infinite for a latency that
// grows.
type Entry struct {
	Text   string
	Number *float64
}

// missing stands for what was not measured or does not apply.
var missing = Entry{Text: format.Absent}

func entry(text string, number float64) Entry { return Entry{text, &number} }

// growing stands for a latency that has no value: it grows for as long as the
// load lasts.
const growing = "grows"

func median(v *Value, write func(float64) string) Entry {
	if v == nil {
		return missing
	}
	return entry(v.marks()+write(v.Median), v.Median)
}

// spread is median and interval.
func spread(v *Value, write func(float64) string) Entry {
	if v == nil {
		return missing
	}
	text := write(v.Median)
	if side := v.PlusMinus(); side != "" {
		text += " " + side
	}
	return entry(text, v.Median)
}

func throughput(v *Value) Entry { return spread(v, format.Number) }

func counted(n *int64) Entry {
	if n == nil {
		return missing
	}
	return entry(format.Exact(*n), float64(*n))
}
