package table

import "strings"

// SameReason reports whether two trials failed for the same reason: numbers in it, such as
// a port, a process or a time, may differ.
func SameReason(a, b string) bool { return WithoutNumbers(a) == WithoutNumbers(b) }

// WithoutNumbers replaces each number by #.
func WithoutNumbers(s string) string {
	var b strings.Builder
	digits := false
	for _, r := range s {
		is := r >= '0' && r <= '9'
		switch {
		case !is:
			b.WriteRune(r)
		case !digits:
			b.WriteByte('#')
		}
		digits = is
	}
	return b.String()
}
