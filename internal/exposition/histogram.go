package exposition

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"c1m/internal/hist"
)

// bounds are the upper bounds of the classic buckets, in seconds.
var bounds = []float64{
	0.00001, 0.00002, 0.00005,
	0.0001, 0.0002, 0.0005,
	0.001, 0.002, 0.005,
	0.01, 0.02, 0.05,
	0.1, 0.2, 0.5,
	1, 2, 5,
	10, 20, 50,
}

// schema is the resolution of the native buckets: 2^schema per doubling, so each is 9%
// wide.
const schema = 3

// histogram is a histogram with both kinds of buckets. A scraper takes those that it
// understands: text contains only the classic ones.
type histogram struct {
	prometheus.Metric // the native one
	classic           prometheus.Metric
}

// Write implements prometheus.Metric.
func (h histogram) Write(out *dto.Metric) error {
	var classic dto.Metric
	if err := h.classic.Write(&classic); err != nil {
		return err
	}
	if err := h.Metric.Write(out); err != nil {
		return err
	}
	out.Histogram.Bucket = classic.Histogram.Bucket
	return nil
}

// histogramOf converts durations in nanoseconds to seconds. A bucket of h counts where
// its upper end lies, so a bound is exact to 1/1024 of itself.
func histogramOf(desc *prometheus.Desc, h *hist.Histogram, labels ...string) prometheus.Metric {
	classic := make(map[float64]uint64, len(bounds))
	native := make(map[int]int64)
	for upper, n := range h.Buckets() {
		seconds := float64(upper) / float64(time.Second)
		native[int(math.Ceil(math.Log2(seconds)*(1<<schema)))] += n
		for _, bound := range bounds {
			if seconds <= bound*(1+1.0/1024) {
				classic[bound] += uint64(n)
			}
		}
	}
	for _, bound := range bounds {
		classic[bound] += 0 // every bound is there from the start
	}
	count, sum := uint64(h.Count()), float64(h.Sum())/float64(time.Second)
	wide, err := prometheus.NewConstNativeHistogram(desc, count, sum, native, nil, 0, schema, 0, time.Time{}, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	plain, err := prometheus.NewConstHistogram(desc, count, sum, classic, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return histogram{wide, plain}
}
