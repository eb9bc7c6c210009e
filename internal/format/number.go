// Package format is how numbers, durations, sizes, shares and names become
// words, so that one value reads the same wherever people read it. It knows
// neither what a value means nor the document it stands in.
package format

import (
	"math"
	"strconv"
)

// Absent is shown for what was not measured or is not applicable.
const Absent = "—"

type integer interface{ ~int | ~int64 }

// Number writes a count or a rate with three digits: 252k, 1.23M.
func Number(v float64) string { return scaled(v, "", "k", "M", "G") }

// scaled writes v with three digits and the unit that makes it at least 1:
// units are powers of a thousand apart, the smallest first.
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

// digits writes a number that is not negative with three digits, or all that
// stand before the point, up to ten million.
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

// Unscaled writes three digits, or all before the point, without the zeros at
// the end: 0.25, 50, 252310.
func Unscaled(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Absent
	case a >= 99.95 && a < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Count writes a median of counts, which need not be whole: 12, 1.50k.
func Count(v float64) string {
	if math.Abs(v) < 999.5 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return Number(v)
}

// Exact writes a count without loss: 10k, but 9999.
func Exact[T integer](n T) string {
	switch {
	case n != 0 && n%1_000_000 == 0:
		return strconv.FormatInt(int64(n/1_000_000), 10) + "M"
	case n != 0 && n%1000 == 0:
		return strconv.FormatInt(int64(n/1000), 10) + "k"
	}
	return strconv.FormatInt(int64(n), 10)
}

// Grouped writes a count with commas: 10,000.
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

// Plural writes a count of things whose plural ends in s: 1 round, 10,000
// rounds.
func Plural[T integer](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Rate writes a rate per second that was chosen as it was: 20k/s, 23.1k/s.
func Rate(v float64) string {
	if v <= math.MaxInt32 && v == math.Trunc(v) && math.Mod(v, 1000) == 0 {
		return Exact(int64(v)) + "/s"
	}
	if v < 0.005 { // below what Number tells apart
		return strconv.FormatFloat(v, 'g', 3, 64) + "/s"
	}
	return Number(v) + "/s"
}

// Chosen writes a rate per second that is whole where it was chosen without
// rounding: 1500/s.
func Chosen(v float64) string {
	if v == math.Trunc(v) && v <= math.MaxInt32 {
		return Exact(int64(v)) + "/s"
	}
	return Rate(v)
}
