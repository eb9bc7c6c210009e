package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Length returns how many columns of a terminal text takes: two for each wide character,
// such as Chinese ones, none for combining characters, one for others.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	switch {
	case r < 0x300: // neither wide nor combining
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// First returns the start of text, of at most n columns.
func First(text string, n int) string {
	used := 0
	for i, r := range text {
		if used += columns(r); used > n {
			return text[:i]
		}
	}
	return text
}

// lastColumns returns the end of text, of at most n columns.
func lastColumns(text string, n int) string {
	used, start := 0, len(text)
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if used += columns(r); used > n {
			break
		}
		start -= size
	}
	return text[start:]
}

// Pad appends spaces to text, up to width columns.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Length(text)))
}

// Line sets texts in columns of the given widths, with a space between them: the
// first and the last to the left, the others to the right. The last has no width.
func Line(widths []int, cells ...string) string {
	var line strings.Builder
	for i, text := range cells {
		if i == len(widths) {
			line.WriteString("  " + text)
			continue
		}
		if i == 0 {
			line.WriteString(Pad(text, widths[i]))
		} else {
			line.WriteString(" " + strings.Repeat(" ", max(0, widths[i]-Length(text))) + text)
		}
	}
	return strings.TrimRight(line.String(), " ") + "\n"
}
