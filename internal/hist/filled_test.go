package hist

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestLayoutHasEveryBucket(t *testing.T) {
	if got, want := len(layout()), len(newBins().Export().Counts); got != want {
		t.Errorf("%d bounds for %d buckets", got, want)
	}
}

// The buckets are those that the library lists.
func TestFilledIsTheDistribution(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 100, 20_000} {
		bins := newBins()
		for range n {
			if err := bins.RecordValue(int64(1000 * math.Exp(17.9*random.Float64()))); err != nil {
				t.Fatal(err)
			}
		}
		if n > 0 {
			bins.RecordValue(Lowest)
			bins.RecordValue(Highest)
		}
		want := slices.DeleteFunc(bins.Distribution(), func(b hdrhistogram.Bar) bool { return b.Count == 0 })
		if got := slices.Collect((&Histogram{bins: bins}).filled()); !slices.Equal(got, want) {
			t.Errorf("%d durations: %d buckets, the library has %d, or they differ", n, len(got), len(want))
		}
	}
}
