package report

import (
	"strconv"

	"c1m/internal/format"
	"c1m/internal/hist"
)

// share adds how the operations were divided among the connections.
func (s *Sample) share(of *hist.Shares) {
	if of.Total() == 0 {
		return
	}
	at := func(q float64) *float64 { return finite(float64(of.Quantile(q))) }
	s.ShareLeast, s.ShareP25, s.ShareP50, s.ShareP75, s.ShareMost = at(0), at(0.25), at(0.5), at(0.75), at(1)
	s.JainFairness = finite(of.Jain())
}

// withShares adds how operations were divided among connections, before the
// last column.
func withShares(list []column) []column {
	last := len(list) - 1
	return append(list[:last:last],
		column{"each conn", "least–most", shares},
		column{"fairness", "Jain", func(r Row) Entry {
			return median(r.JainFairness, func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) })
		}},
		list[last])
}

// shares are the medians over rounds of the least, the quartiles and the most
// operations of a connection.
func shares(r Row) Entry {
	text := ""
	for i, v := range []*Value{r.ShareLeast, r.ShareP25, r.ShareP50, r.ShareP75, r.ShareMost} {
		if v == nil {
			return missing
		}
		if i > 0 {
			text += "–"
		}
		text += format.Count(v.Median)
	}
	return entry(text, r.ShareLeast.Median)
}
