package format

import (
	"fmt"
	"strings"
	"time"
)

// Latency formats nanoseconds with three digits: 852µs, 4.52ms.
func Latency(ns float64) string { return scaled(ns, "ns", "µs", "ms", "s") }

// Microseconds formats nanoseconds as µs, without the unit.
func Microseconds(ns float64) string { return Number(ns / 1000) }

// Setting formats a duration from a flag: 500ms, 1s, 2m.
func Setting(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Duration formats a duration with three digits and a space: 4.52 ms.
func Duration(d time.Duration) string {
	switch {
	case d <= -time.Second || d >= time.Second:
		return Unscaled(d.Seconds()) + " s"
	case d <= -time.Millisecond || d >= time.Millisecond:
		return Unscaled(float64(d)/1e6) + " ms"
	case d <= -time.Microsecond || d >= time.Microsecond:
		return Unscaled(float64(d)/1e3) + " µs"
	}
	return fmt.Sprintf("%d ns", d.Nanoseconds())
}

// Round rounds a duration to a number of significant digits.
func Round(d time.Duration, digits int) time.Duration {
	most := time.Duration(1)
	for range digits {
		most *= 10
	}
	unit := time.Duration(1)
	for d/unit >= most {
		unit *= 10
	}
	return d.Round(unit)
}
