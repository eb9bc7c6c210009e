package format

import (
	"math"
	"strconv"
)

// Percent writes a share with two digits: 0.62 is 62%.
func Percent(share float64) string {
	if math.Abs(share) >= 1e4 {
		return strconv.FormatFloat(share, 'g', 3, 64) + " × 100%"
	}
	decimals := 0
	if p := math.Abs(share * 100); p > 0 && p < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(share*100, 'f', decimals, 64) + "%"
}

// FinePercent writes a share finely enough near 5% to tell which side of a
// limit it is on: 4.98%.
func FinePercent(share float64) string {
	if p := 100 * share; math.Abs(p) < 10 {
		return strconv.FormatFloat(p, 'f', 2, 64) + "%"
	}
	return Unscaled(100*share) + "%"
}

// ExactPercent writes a share that was chosen as it was: 33.3%.
func ExactPercent(share float64) string {
	return strconv.FormatFloat(100*share, 'f', -1, 64) + "%"
}

// Effect writes how large a change is: 0.05 is 5.0%.
func Effect(share float64) string {
	if share > 9.995 {
		return ">999%"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + "%"
}

// Change writes an effect with its direction: +5.0%, -17.8%.
func Change(share float64) string {
	text := Effect(math.Abs(share))
	switch {
	case text == "0.0%":
		return text
	case share < 0:
		return "-" + text
	}
	return "+" + text
}

// Probability writes a p with two digits, or says that it is small.
func Probability(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return "p = " + strconv.FormatFloat(p, 'g', 2, 64)
}

// PlusMinus writes the interval of a median as ± a percentage of it. The
// interval is between two of the samples and seldom even; shown is its longer
// side, rounded up, so that the interval lies inside what is shown. ±? is
// shown where there are too few samples for an interval.
func PlusMinus(median float64, low, high *float64) string {
	switch {
	case low == nil || high == nil:
		return "±?"
	case median == 0:
		return ""
	}
	side := 100 * max(median-*low, *high-median) / math.Abs(median)
	const rounding = 1e-9 // of the division
	side = max(side-rounding, 0)
	switch {
	case side > 999:
		return "±>999%"
	case side > 9.9:
		return "±" + strconv.FormatFloat(math.Ceil(side), 'f', 0, 64) + "%"
	}
	return "±" + strconv.FormatFloat(math.Ceil(side*10)/10, 'f', 1, 64) + "%"
}
