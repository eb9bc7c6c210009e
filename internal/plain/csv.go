package plain

import (
	"regexp"
	"strings"
)

// number is what a spreadsheet reads as a number, sign included.
var number = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// Cell makes a cell of a CSV of text from outside: one line, which no
// spreadsheet takes for a formula. One that would begin with = + - or @, or
// with their wide forms, gets an apostrophe before it, as does what stands so
// after a semicolon, which separates cells where the comma is a decimal point.
// Numbers stay as they are.
//
// The characters are those of https://owasp.org/www-community/attacks/CSV_Injection.
func Cell(s string) string {
	s = Line(s)
	if number.MatchString(s) {
		return s
	}
	parts := strings.Split(s, ";")
	for i, part := range parts {
		text := strings.TrimLeft(part, " \"'")
		if text != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(text)[0]) && !strings.HasPrefix(part, "'") {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}
