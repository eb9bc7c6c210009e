package format

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Length is how many columns of a terminal text takes: two for each wide
// character, such as those of Chinese, none for what is set on another, one for
// the rest.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	switch {
	case r < 0x300: // no wide one and no accent
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

// First is the beginning of text that takes at most n columns.
func First(text string, n int) string {
	used := 0
	for i, r := range text {
		if used += columns(r); used > n {
			return text[:i]
		}
	}
	return text
}

// lastColumns is the end of text that takes at most n columns.
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
