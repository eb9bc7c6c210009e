package hist

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// layout is the bounds of all buckets, in the order of their counts. The library
// computes them for each distribution, which costs a megabyte of garbage; a merge
// of a thousand replicas needs two thousand distributions.
var layout = sync.OnceValue(func() []hdrhistogram.Bar {
	// A count of 1 in each, because the list ends at the last count that is not
	// 0. Some buckets are above Highest: a damaged encoding may fill them.
	all := newBins().Export()
	for i := range all.Counts {
		all.Counts[i] = 1
	}
	return hdrhistogram.Import(all).Distribution()
})

// filled yields the buckets that are not empty, in ascending order.
func (h *Histogram) filled() iter.Seq[hdrhistogram.Bar] {
	return func(yield func(hdrhistogram.Bar) bool) {
		bounds := layout()
		switch {
		case h.bins != nil:
			for i, n := range h.bins.Export().Counts {
				if n > 0 && !yield(hdrhistogram.Bar{Count: n, From: bounds[i].From, To: bounds[i].To}) {
					return
				}
			}
		case h.packed != nil:
			h.packed.ForEachBucket(func(from, n int64) bool {
				i, _ := slices.BinarySearchFunc(bounds, from, func(b hdrhistogram.Bar, v int64) int { return cmp.Compare(b.From, v) })
				bounds = bounds[i:]
				return yield(hdrhistogram.Bar{Count: n, From: from, To: bounds[0].To})
			})
		}
	}
}
