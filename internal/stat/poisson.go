package stat

import "math"

// Z is how many standard deviations a normal value lies below its mean with a
// probability of 0.5%.
const Z = 2.5758

// Fewer is how many fewer than count another count may be by chance alone, if
// both are Poisson counts with one mean: beyond it lie about 0.5% of such pairs.
// Given their sum, either is binomial with p = 1/2 (Przyborowski and Wilenski,
// Biometrika 31, 1940), so that their difference has the sum as its variance; it
// is solved for the other count. It is at most count.
func Fewer(count float64) float64 {
	if !(count > 0) {
		return 0
	}
	return min(count, (math.Sqrt(Z*Z*Z*Z+8*Z*Z*count)-Z*Z)/2)
}

// Turns is how many of n × size places are taken at least when count visits
// fall on n groups at random, and take the places of a group in turn. Less has a
// probability of about 0.5%. One group has as many taken as it has visits, up to
// its size.
//
// The visits of a group are Poisson with mean count ÷ n, of which those beyond
// its size are too many. Given count, what is taken and what is too many add up,
// and have the same variance, at most the smaller of what they have without.
func Turns(count float64, n int, size float64) float64 {
	if n < 1 || !(count > 0) || !(size > 0) {
		return 0
	}
	mean := count / float64(n)
	if n == 1 {
		return min(count, size)
	}
	reach := 10*math.Sqrt(mean) + 30 // beyond it nothing counts
	switch {
	case size > mean+reach:
		return count
	case size < mean-reach:
		return float64(n) * size
	}
	var taken, takenSquares, over, overSquares float64
	for k := math.Floor(max(0, mean-reach)); k <= mean+reach; k++ {
		gamma, _ := math.Lgamma(k + 1)
		p := math.Exp(k*math.Log(mean) - mean - gamma)
		t, o := min(k, size), max(0, k-size)
		taken, takenSquares = taken+p*t, takenSquares+p*t*t
		over, overSquares = over+p*o, overSquares+p*o*o
	}
	variance := max(0, min(takenSquares-taken*taken, overSquares-over*over))
	return min(max(0, float64(n)*taken-Z*math.Sqrt(float64(n)*variance)), count, float64(n)*size)
}
