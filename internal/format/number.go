// Package format formats numbers, durations, sizes, shares and names as text, so that a
// value looks the same everywhere. It does not depend on the meaning of a value or on
// the document.
package format

import (
	"math"
	"strconv"
)

// Absent stands for a value that was not measured or is not applicable.
const Absent = "—"

type integer interface{ ~int | ~int64 }

// Number formats a count or a rate with three digits: 252k, 1.23M.
func Number(v float64) string { return scaled(v, "", "k", "M", "G") }

// scaled formats v with three digits and the largest unit that leaves at least 1. Units
// are a factor of 1000 apart, smallest first.
func scaled(v float64, units ...string) string {
	if v < 0 {
		return "-" + scaled(-v, units...)
	}
	unit := 0
	for unit < len(units)-1 && v >= 999.5 {
		v /= 1000
		unit++
	}
	return digits(v) + units[unit]
}

// digits formats a non-negative number with three digits, or up to ten million with all
// digits before the point.
func digits(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 0.005:
		return "<0.01"
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 1e7:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// Unscaled formats three digits, or all before the point, without trailing zeros: 0.25,
// 50, 252310.
func Unscaled(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Absent
	case a >= 99.95 && a < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Count formats a median of counts, which need not be whole: 12, 1.50k.
func Count(v float64) string {
	if math.Abs(v) < 999.5 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return Number(v)
}

// Exact formats a count without loss: 10k, but 9999.
func Exact[T integer](n T) string {
	switch {
	case n != 0 && n%1_000_000 == 0:
		return strconv.FormatInt(int64(n/1_000_000), 10) + "M"
	case n != 0 && n%1000 == 0:
		return strconv.FormatInt(int64(n/1000), 10) + "k"
	}
	return strconv.FormatInt(int64(n), 10)
}

// Grouped formats a count with commas: 10,000.
func Grouped[T integer](n T) string {
	text := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// Plural formats a count and a noun whose plural ends in s: 1 round, 10,000 rounds.
func Plural[T integer](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Rate formats a rate per second, multiples of 1000 without loss: 20k/s, 23.1k/s.
func Rate(v float64) string {
	if v <= math.MaxInt32 && v == math.Trunc(v) && math.Mod(v, 1000) == 0 {
		return Exact(int64(v)) + "/s"
	}
	if v < 0.005 { // below the resolution of Number
		return strconv.FormatFloat(v, 'g', 3, 64) + "/s"
	}
	return Number(v) + "/s"
}

// Chosen formats a rate per second from a flag, whole numbers without loss: 1500/s.
func Chosen(v float64) string {
	if v == math.Trunc(v) && v <= math.MaxInt32 {
		return Exact(int64(v)) + "/s"
	}
	return Rate(v)
}
