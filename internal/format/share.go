package format

import (
	"math"
	"strconv"
	"strings"
)

// Percent formats a share with two digits: 0.62 is 62%.
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

// Ratio formats a multiple with two decimals, with fewer where it is large and
// more where it is small: 1.24, 12.3, 0.081.
func Ratio(v float64) string {
	switch {
	case v >= 0.0995 || v <= 0:
		return Number(v)
	case v >= 0.00995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v >= 0.000995:
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// Interval formats the interval of a ratio: 1.18–1.31. An interval that does not
// contain 1 never looks as if it did: 1.004–1.12.
func Interval(low, high float64) string {
	if low <= 1 && high >= 1 {
		return Ratio(low) + "–" + Ratio(high)
	}
	return Apart(low) + "–" + Apart(high)
}

// Apart formats a ratio that differs from 1 with as many digits as it takes to
// show that, up to six decimals.
func Apart(v float64) string {
	text := Ratio(v)
	for digits := 3; text == "1.00" && digits <= 6; digits++ {
		if fine := strconv.FormatFloat(v, 'f', digits, 64); strings.Trim(fine, "0") != "1." {
			return fine
		}
	}
	return text
}

// FinePercent formats a share with enough digits to compare it with a limit near 5%:
// 4.98%.
func FinePercent(share float64) string {
	if p := 100 * share; math.Abs(p) < 10 {
		return strconv.FormatFloat(p, 'f', 2, 64) + "%"
	}
	return Unscaled(100*share) + "%"
}

// ExactPercent formats a share from a flag without loss: 33.3%.
func ExactPercent(share float64) string {
	const digits = 1e9 // what a product of binary fractions is off by lies beyond them: 7%, not 7.000000000000001%
	return strconv.FormatFloat(math.Round(100*share*digits)/digits, 'f', -1, 64) + "%"
}

// Effect formats the size of a change: 0.05 is 5.0%.
func Effect(share float64) string {
	if share > 9.995 {
		return ">999%"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + "%"
}

// Change formats a change with its sign: +5.0%, -17.8%.
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

// Probability formats a p-value with two digits: p = 0.012, p < 0.0001.
func Probability(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return "p = " + strconv.FormatFloat(p, 'g', 2, 64)
}

// PlusMinus formats the interval of a median as ± a percentage of it. The interval is
// seldom symmetric: its longer side is shown, rounded up, so that the interval lies
// within it. ±? means too few samples for an interval.
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
