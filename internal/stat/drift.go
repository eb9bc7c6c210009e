package stat

import "math"

// stretches is the number of parts into which a run is cut to see how its level
// drifts.
const stretches = 6

// DriftingRatio estimates the ratio of two runs that were not interleaved: A and B
// are series in order of time, one of each run, and may differ in length. Nothing is paired, so the machine's drift between the runs
// is in the ratio, and the interval allows for it: each run is cut into six
// stretches, and the level of a whole run is taken to be as uncertain as that
// of a stretch, since a run that takes longer follows the drift and does not
// average it out. It assumes that the machine changed no more between the runs
// than within them; docs/statistics.md says how often that holds.
//
// The estimate is the ratio of the trimmed means of the logarithms. The interval
// is Student's t with the degrees of freedom of one run's stretches, though there
// are two runs, since neighbouring stretches are alike. alpha is the chance that it
// misses the ratio. N is the length of the shorter series.
func DriftingRatio(p Pairs, alpha float64) Ratio {
	return unpairedRatio(logarithms(p.A), logarithms(p.B), alpha, driftHalf)
}

func driftHalf(as, bs []float64, level float64) float64 {
	_, va := moments(stretchMeans(as))
	_, vb := moments(stretchMeans(bs))
	return student(level, stretches-1) * math.Sqrt(va+vb)
}

// halfOf returns half the length of an interval, of two series of logarithms.
type halfOf func(as, bs []float64, level float64) float64

func unpairedRatio(as, bs []float64, level float64, half halfOf) Ratio {
	n := min(len(as), len(bs))
	if n == 0 {
		return Ratio{}
	}
	difference := trimmed(bs).mean - trimmed(as).mean
	r := Ratio{N: n, Estimate: math.Exp(difference)}
	if n < LeastPairs {
		return r
	}
	return r.within(difference, half(as, bs, level))
}

// stretchMeans cuts a series into stretches of about equal length and returns
// the mean of each.
func stretchMeans(series []float64) []float64 {
	means := make([]float64, stretches)
	for i := range means {
		means[i], _ = moments(series[i*len(series)/stretches : (i+1)*len(series)/stretches])
	}
	return means
}

// logarithms of the values that have one.
func logarithms(values []float64) []float64 {
	list := make([]float64, 0, len(values))
	for _, v := range values {
		if positive(v) {
			list = append(list, math.Log(v))
		}
	}
	return list
}
