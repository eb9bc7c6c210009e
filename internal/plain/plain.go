// Package plain makes untrusted text safe to show: text from a server, a log or a file
// must not move a terminal's cursor, colour a CI log, or appear in another order than it
// is stored, and is one word where a shell reads it. It does not escape markup, which
// depends on the format.
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line converts untrusted text to one line: it removes terminal escape sequences and
// invisible characters, replaces bytes that are not UTF-8 by "�", and each run of white
// space by one space.
func Line(s string) string {
	if ready(s) {
		return s
	}
	return strings.Join(strings.Fields(string(appendClean(nil, s, unicode.IsSpace))), " ")
}

// ready reports whether Line would change nothing, as for nearly all cells of tables.
func ready(s string) bool {
	space := true // a space here would be dropped
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// Check refuses a name with a character that Line would remove or replace. The
// error names the character.
func Check(name string) error {
	for i, r := range name {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(name[i:], string(utf8.RuneError)):
			return fmt.Errorf("byte %#x is not UTF-8: remove it", name[i])
		case hidden(r):
			return fmt.Errorf("character %U is invisible or changes how others are shown: remove it", r)
		}
	}
	return nil
}

// hidden reports whether a character controls how text is shown instead of being shown
// itself: control characters (C0, DEL, C1), line and paragraph separators, and format
// characters, such as those that change the direction of text or have no width.
func hidden(r rune) bool {
	switch {
	case r < 0x7f:
		return r < ' '
	case r < 0xad:
		return r < 0xa0
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r >= 0xe0000 && r <= 0xe0fff
}

// appendClean appends s without escape sequences and hidden characters, except those
// for which keep is true.
func appendClean(out []byte, s string, keep func(rune) bool) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '\x1b':
			n = sequence(s)
		case keep(r) || !hidden(r):
			out = utf8.AppendRune(out, r)
		}
		s = s[n:]
	}
	return out
}

// longestSequence limits the length of an escape sequence, in bytes. If it is not
// terminated, only the escape character is removed.
const longestSequence = 256

// sequence returns the length of the escape sequence (ECMA-48) at the start of s: a
// control sequence such as "\x1b[31m", or a string such as a window title, with its
// terminator. It is 1 for a lone or unterminated escape.
func sequence(s string) int {
	s = s[:min(len(s), longestSequence)]
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[': // parameters, intermediates, and one final byte
		i := 2
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
	case ']', 'P', 'X', '^', '_': // up to ST, or BEL
		for i := 2; i < len(s); i++ {
			switch {
			case s[i] == '\a':
				return i + 1
			case s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\':
				return i + 2
			case s[i] == '\n' || s[i] == '\x1b':
				return 1
			}
		}
	}
	return 1
}
