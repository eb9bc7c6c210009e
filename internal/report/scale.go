package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/plain"
)

// absent is shown for what was not measured or means nothing.
const absent = "—"

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

// number writes a count or a rate: 252k, 1.23M.
func number(v float64) string { return scaled(v, "", "k", "M", "G") }

// latency writes nanoseconds: 852µs, 4.52ms.
func latency(ns float64) string { return scaled(ns, "ns", "µs", "ms", "s") }

// microseconds writes nanoseconds as µs, without the unit.
func microseconds(ns float64) string { return number(ns / 1000) }

// size writes bytes with two digits: 7.4KB. KB is 1000 bytes. A third digit
// would be noise: a page more or less moves it.
func size(bytes float64) string {
	if bytes < 0 {
		return "-" + size(-bytes)
	}
	units := []string{"B", "KB", "MB", "GB", "TB"}
	unit := 0
	for unit < len(units)-1 && bytes >= 999.5 {
		bytes /= 1000
		unit++
	}
	decimals := 0
	if unit > 0 && bytes < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(bytes, 'f', decimals, 64) + units[unit]
}

// percent writes a share: 0.62 is 62%.
func percent(share float64) string {
	if math.Abs(share) >= 1e4 {
		return strconv.FormatFloat(share, 'g', 3, 64) + " × 100%"
	}
	decimals := 0
	if p := math.Abs(share * 100); p > 0 && p < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(share*100, 'f', decimals, 64) + "%"
}

// exact writes a count without loss: 10k, but 9999.
func exact(n int64) string {
	switch {
	case n != 0 && n%1_000_000 == 0:
		return strconv.FormatInt(n/1_000_000, 10) + "M"
	case n != 0 && n%1000 == 0:
		return strconv.FormatInt(n/1000, 10) + "k"
	}
	return strconv.FormatInt(n, 10)
}

// grouped writes a count with commas: 10,000.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plusMinus writes the 95% interval of a median as ± a percentage of it. The
// interval is between two of the samples and seldom even; shown is its longer
// side, rounded up, so that the interval lies inside what is shown. ±? is
// shown where there are too few samples for an interval.
func plusMinus(v *Value) string {
	switch {
	case v.Low == nil || v.High == nil:
		return "±?"
	case v.Median == 0:
		return ""
	}
	side := 100 * max(v.Median-*v.Low, *v.High-v.Median) / math.Abs(v.Median)
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

// duration writes a setting: 500ms, 1s, 2m.
func duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// clean makes one line of text from outside.
func clean(s string) string { return plain.Line(s) }
