package proto

import "unicode/utf8"

// validUTF8 reports whether b is a prefix of valid UTF-8, and how many of its bytes
// are complete characters: all but at most the last three.
func validUTF8(b []byte) (whole int, ok bool) {
	whole = len(b)
	for i := len(b) - 1; i >= 0 && i >= len(b)-(utf8.UTFMax-1); i-- {
		if !utf8.RuneStart(b[i]) {
			continue
		}
		if !utf8.FullRune(b[i:]) {
			whole = i
		}
		break
	}
	return whole, utf8.Valid(b[:whole])
}
