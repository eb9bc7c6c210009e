package report

import (
	"bytes"
	"strings"
)

// What other renderings write values with, so that one number reads the same
// everywhere.

// Number writes a count or a rate with three digits: 252k, 1.23M.
func Number(v float64) string { return number(v) }

// Latency writes nanoseconds with three digits: 852µs, 4.52ms.
func Latency(ns float64) string { return latency(ns) }

// Size writes bytes with two digits: 7.4KB. KB is 1000 bytes.
func Size(bytes float64) string { return size(bytes) }

// PlusMinus writes the 95% interval of a median as ± a percentage of it: its
// longer side, rounded up; ±? without an interval.
func PlusMinus(v Value) string { return plusMinus(&v) }

// ValueOf summarises samples; nil if there are none. They must be finite.
func ValueOf(samples []float64) *Value { return valueOf(samples) }

// Grouped writes a count with commas: 10,000.
func Grouped(n int) string { return grouped(n) }

// Clean makes one line of text from outside, without what must not be shown.
func Clean(s string) string { return clean(s) }

// Escape keeps text from being read as Markdown.
func Escape(s string) string { return escape(s) }

// Wrap writes text in lines of at most 80 columns; those after the first are
// indented.
func Wrap(out *bytes.Buffer, text, indent string) { wrap(out, text, indent) }

// Hang writes text behind a lead in lines of at most 80 columns; those after
// the first begin where the text does.
func Hang(out *bytes.Buffer, lead, text string) {
	hang(out, lead, text, strings.Repeat(" ", length(lead)))
}
