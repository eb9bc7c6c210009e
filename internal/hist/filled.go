package hist

import (
	"iter"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// layout is the bounds of all our buckets, in the order of their counts. The
// library computes them anew, with a megabyte of garbage, whenever it is asked
// for a distribution; a merge of a thousand replicas asks two thousand times.
var layout = sync.OnceValue(func() []hdrhistogram.Bar {
	// One in each, or the list would end early. There are some above Highest,
	// which a damaged encoding may fill.
	all := newBins().Export()
	for i := range all.Counts {
		all.Counts[i] = 1
	}
	return hdrhistogram.Import(all).Distribution()
})

// filled yields the buckets that hold something, in ascending order.
func filled(bins *hdrhistogram.Histogram) iter.Seq[hdrhistogram.Bar] {
	return func(yield func(hdrhistogram.Bar) bool) {
		bounds := layout()
		for i, n := range bins.Export().Counts {
			if n == 0 {
				continue
			}
			if !yield(hdrhistogram.Bar{Count: n, From: bounds[i].From, To: bounds[i].To}) {
				return
			}
		}
	}
}
