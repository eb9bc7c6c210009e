package stat

import "golang.org/x/perf/benchmath"

// confidence is that of every interval.
const confidence = 0.95

// Summary is what a handful of samples says about the value they sample.
type Summary struct {
	N         int     // samples
	Median    float64 // 0 if there are none
	Low, High float64 // the 95% interval of the median; without one, the least and the greatest sample
	Interval  bool    // there is an interval: it takes 6 samples
}

// Summarise is the median of the samples and its 95% interval from order
// statistics, which assumes nothing of their distribution; it need not be
// symmetric. Samples that are not finite are left out, and not counted in N.
func Summarise(samples []float64) Summary {
	kept := finite(samples)
	n := len(kept)
	if n == 0 {
		return Summary{}
	}
	b := benchmath.AssumeNothing.Summary(benchmath.NewSample(kept, &benchmath.DefaultThresholds), confidence)
	s := Summary{N: n, Median: b.Center, Low: kept[0], High: kept[n-1]} // NewSample sorted them
	if !isFinite(s.Median) {                                            // interpolating between two huge samples overflows
		s.Median = kept[(n-1)/2]/2 + kept[n/2]/2
	}
	if isFinite(b.Lo) && isFinite(b.Hi) {
		s.Low, s.High, s.Interval = b.Lo, b.Hi, true
	}
	return s
}
